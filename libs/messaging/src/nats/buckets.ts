import { Kvm, type KV } from '@nats-io/kv';
import type { Nats } from './connection.js';
import { isThere, isWrongLastSequence, makeMissing } from './streams.js';

const DAY_MS = 86_400_000;

/** The scraper's key-value buckets, and after how many milliseconds an entry is gone. */
export const BUCKETS = {
  /** The cache's hour, and which view field a clip began with. */
  'scraper-counts': 35 * DAY_MS,
  /** Claims and batches. */
  'scraper-batches': 7 * DAY_MS,
  'scraper-days': 2 * DAY_MS,
  /** The concurrency slots and token buckets; never. */
  'scraper-limits': 0,
} as const;
export type BucketName = keyof typeof BUCKETS;

/** The stream that JetStream keeps a bucket in. */
export const streamOf = (bucket: BucketName): string => `KV_${bucket}`;

/** Opens the bucket, and makes it if it is missing. */
export async function openBucket(nats: Nats, name: BucketName): Promise<KV> {
  const kvm = new Kvm(nats.client);
  const ttl = BUCKETS[name];
  if (!(await isThere(nats.manager, streamOf(name))))
    await makeMissing(`bucket ${name}`, () =>
      kvm.create(name, { history: 1, replicas: nats.replicas, ...(ttl > 0 && { ttl }) }),
    );
  return kvm.open(name, { allow_direct: true });
}

/**
 * Does `work` in a bucket. If the bucket is gone, as after JetStream has lost its data, it is made
 * anew, and empty: no fact is there alone. Then `work` is done once more.
 */
export async function inBucket<T>(
  nats: Nats,
  name: BucketName,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isHere = () => isThere(nats.manager, streamOf(name)).catch(() => true);
    if (isWrongLastSequence(error) || (await isHere())) throw error;
    await openBucket(nats, name);
    return work();
  }
}
