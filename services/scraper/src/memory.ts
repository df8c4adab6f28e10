import { isWrongLastSequence, type Nats } from '@cliptally/messaging';
import { Kvm, type KV } from '@nats-io/kv';
import type { Look } from './domain/batch.js';
import type { Figures } from './domain/row.js';

/** The last count of a clip, as all replicas know it. */
export interface RememberedCount extends Figures {
  observedAt: string;
  source: string;
}

/** A batch that was, or was about to be, given to a source. */
export interface RememberedBatch {
  batchId: string;
  source: string;
  /** Whole, so that whoever gets one of the looks again can look for the run, and read it, as it was started. */
  looks: Look[];
  intendedAt: string;
  /** The source's own name for the run; null while it is not known to have been started. */
  run: string | null;
}

/** What scrapers remember together, so that a count is not bought twice and a paid run is not lost with a process. */
export interface Memory {
  count(clipId: string): Promise<RememberedCount | null>;
  keepCounts(counts: ReadonlyMap<string, RememberedCount>): Promise<void>;
  batchOf(requestId: string): Promise<RememberedBatch | null>;
  keepBatch(batch: RememberedBatch): Promise<void>;
  /** Those of the names that nobody has marked on that day yet; marks them. */
  firstOfDay(day: string, names: readonly string[]): Promise<string[]>;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const text = new TextDecoder();

/** Buckets of JetStream KV. What they lose is bought again: nothing here is the only place of a fact. */
export class KvMemory implements Memory {
  readonly #counts: KV;
  readonly #batches: KV;
  readonly #days: KV;

  private constructor(counts: KV, batches: KV, days: KV) {
    this.#counts = counts;
    this.#batches = batches;
    this.#days = days;
  }

  static async open(nats: Nats): Promise<KvMemory> {
    const kvm = new Kvm(nats.client);
    const { replicas } = nats;
    // Counts outlive the cache's hour: they also tell which view field a clip began with.
    return new KvMemory(
      await kvm.create('scraper-counts', { history: 1, ttl: 5 * WEEK_MS, replicas }),
      await kvm.create('scraper-batches', { history: 1, ttl: WEEK_MS, replicas }),
      await kvm.create('scraper-days', { history: 1, ttl: 2 * DAY_MS, replicas }),
    );
  }

  count(clipId: string): Promise<RememberedCount | null> {
    return read(this.#counts, clipId);
  }

  async keepCounts(counts: ReadonlyMap<string, RememberedCount>): Promise<void> {
    await Promise.all([...counts].map(([clipId, count]) => this.#counts.put(clipId, JSON.stringify(count))));
  }

  async batchOf(requestId: string): Promise<RememberedBatch | null> {
    const batchId = await read<string>(this.#batches, `request.${requestId}`);
    return batchId === null ? null : read(this.#batches, `batch.${batchId}`);
  }

  async keepBatch(batch: RememberedBatch): Promise<void> {
    await this.#batches.put(`batch.${batch.batchId}`, JSON.stringify(batch));
    // The way from a request to its batch is written once, with the intent.
    if (batch.run === null)
      await Promise.all(batch.looks.map(({ request }) => this.#batches.put(`request.${request.requestId}`, JSON.stringify(batch.batchId))));
  }

  async firstOfDay(day: string, names: readonly string[]): Promise<string[]> {
    const first = await Promise.all(
      names.map((name) =>
        this.#days.create(`${day}.${name}`, '').then(
          () => true,
          (error: unknown) => {
            if (isWrongLastSequence(error)) return false;
            throw error;
          },
        ),
      ),
    );
    return names.filter((_, i) => first[i]);
  }
}

async function read<T>(bucket: KV, key: string): Promise<T | null> {
  const entry = await bucket.get(key);
  return entry && entry.operation === 'PUT' ? (JSON.parse(text.decode(entry.value)) as T) : null;
}
