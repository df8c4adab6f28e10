import { isWrongLastSequence, type Nats } from '@cliptally/messaging';
import type { StoredMsg } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { Look } from './domain/batch.js';
import { isSameClaim, type Claim } from './domain/claim.js';
import type { Figures } from './domain/row.js';

/** The last count of a clip, as all replicas know it. */
export interface RememberedCount extends Figures {
  observedAt: string;
  source: string;
}

/** A batch that was, or was about to be, given to a source. */
export interface RememberedBatch extends Claim {
  source: string;
  /** Whole, so that whoever gets one of the looks again can look for the run, and read it, as it was started. */
  looks: Look[];
  /** What each of the looks had cost at other sources before, in millionths of a US dollar. */
  paid: number[];
  intendedAt: string;
  /** The source's own name for the run; null while it is not known to have been started. */
  run: string | null;
}

/** What scrapers remember together, so that a count is not bought twice and a paid run is not lost with a process. */
export interface Memory {
  /** By clip. */
  countsOf(clipIds: readonly string[]): Promise<ReadonlyMap<string, RememberedCount>>;
  keepCounts(counts: ReadonlyMap<string, RememberedCount>): Promise<void>;
  /** The batches that were last to have these looks, by request. */
  batchesOf(requestIds: readonly string[]): Promise<ReadonlyMap<string, RememberedBatch>>;
  keepBatch(batch: RememberedBatch): Promise<void>;
  /**
   * Writes down who may buy the looks: `claim`, for each look that `replaces` was the last claim on; null for a look that had none. False where another
   * scraper was faster with one of them: then nothing may be bought.
   */
  claim(looks: readonly Look[], claim: Claim, replaces: Claim | null): Promise<boolean>;
  /** Those of the names that nobody has marked on that day yet; marks them. */
  firstOfDay(day: string, names: readonly string[]): Promise<string[]>;
}

const COUNTS = 'scraper-counts';
const BATCHES = 'scraper-batches';
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** After which an answer that stopped halfway, as its server was lost, is asked for again. */
const ANSWER_MS = 5_000;
const NEVER_WRITTEN = { revision: 0, value: null };

/** Buckets of JetStream KV. What they lose is bought again: nothing here is the only place of a fact. */
export class KvMemory implements Memory {
  readonly #nats: Nats;
  readonly #counts: KV;
  readonly #batches: KV;
  readonly #days: KV;

  private constructor(nats: Nats, counts: KV, batches: KV, days: KV) {
    this.#nats = nats;
    this.#counts = counts;
    this.#batches = batches;
    this.#days = days;
  }

  static async open(nats: Nats): Promise<KvMemory> {
    const kvm = new Kvm(nats.client);
    const { replicas } = nats;
    // Counts outlive the cache's hour: they also tell which view field a clip began with.
    return new KvMemory(
      nats,
      await kvm.create(COUNTS, { history: 1, ttl: 5 * WEEK_MS, replicas }),
      await kvm.create(BATCHES, { history: 1, ttl: WEEK_MS, replicas }),
      await kvm.create('scraper-days', { history: 1, ttl: 2 * DAY_MS, replicas }),
    );
  }

  async countsOf(clipIds: readonly string[]): Promise<ReadonlyMap<string, RememberedCount>> {
    return valuesOf(await this.#newest<RememberedCount>(COUNTS, clipIds));
  }

  /** In one go: waiting for an answer to each would cost as much again as the writing. */
  async keepCounts(counts: ReadonlyMap<string, RememberedCount>): Promise<void> {
    const [last, ...others] = [...counts];
    if (!last) return;
    for (const [clipId, count] of others) this.#nats.connection.publish(`$KV.${COUNTS}.${clipId}`, JSON.stringify(count));
    // What one connection gives the bucket is kept in that order.
    await this.#counts.put(last[0], JSON.stringify(last[1]));
  }

  async batchesOf(requestIds: readonly string[]): Promise<ReadonlyMap<string, RememberedBatch>> {
    const claims = valuesOf(await this.#newest<Claim>(BATCHES, requestIds.map(claimOn)));
    const batchIds = new Set([...claims.values()].map(({ batchId }) => `batch.${batchId}`));
    const batches = valuesOf(await this.#newest<RememberedBatch>(BATCHES, [...batchIds]));
    const found = requestIds.flatMap((requestId): [string, RememberedBatch][] => {
      const claim = claims.get(claimOn(requestId));
      const batch = claim && batches.get(`batch.${claim.batchId}`);
      return batch ? [[requestId, { ...batch, ...claim }]] : [];
    });
    return new Map(found);
  }

  async keepBatch(batch: RememberedBatch): Promise<void> {
    await this.#batches.put(`batch.${batch.batchId}`, JSON.stringify(batch));
  }

  async claim(looks: readonly Look[], { batchId, claimedAt }: Claim, replaces: Claim | null): Promise<boolean> {
    const claim = JSON.stringify({ batchId, claimedAt });
    const keys = looks.map(({ request }) => claimOn(request.requestId));
    const entries = await this.#newest<Claim>(BATCHES, keys);
    const claimed = await Promise.all(
      keys.map(async (key) => {
        const { value, revision } = entries.get(key) ?? NEVER_WRITTEN;
        return isSameClaim(value, replaces) && unlessChanged(this.#batches.put(key, claim, { previousSeq: revision }));
      }),
    );
    return claimed.every(Boolean);
  }

  async firstOfDay(day: string, names: readonly string[]): Promise<string[]> {
    const first = await Promise.all(names.map((name) => unlessChanged(this.#days.create(`${day}.${name}`, ''))));
    return names.filter((_, i) => first[i]);
  }

  /** The newest entries of a bucket by key, in one question. */
  async #newest<T>(bucket: string, keys: readonly string[]): Promise<Map<string, Entry<T>>> {
    if (keys.length === 0) return new Map();
    const before = `$KV.${bucket}.`;
    const messages: StoredMsg[] = [];
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    const answer = await this.#nats.manager.direct.getLastMessagesFor(`KV_${bucket}`, {
      multi_last: keys.map((key) => before + key),
      // Where the client is asked for an iterator instead, it never gives up the subscription.
      callback(done, message) {
        if (!done) messages.push(message);
        else if (done.err) reject(done.err);
        else resolve();
      },
    });
    const late = setTimeout(() => answer.stop(new Error(`the bucket ${bucket} did not answer to the end`)), ANSWER_MS);
    await ended.finally(() => clearTimeout(late));
    return new Map(messages.map((message) => [message.subject.slice(before.length), entryOf<T>(message)]));
  }
}

interface Entry<T> {
  /** The bucket's sequence of the write. */
  revision: number;
  /** Null where the key was deleted. */
  value: T | null;
}

const entryOf = <T>(message: StoredMsg): Entry<T> => ({
  revision: message.seq,
  value: message.header.has('KV-Operation') ? null : message.json<T>(),
});

const claimOn = (requestId: string) => `request.${requestId}`;

const valuesOf = <T>(entries: ReadonlyMap<string, Entry<T>>): Map<string, T> =>
  new Map([...entries].flatMap(([key, { value }]): [string, T][] => (value === null ? [] : [[key, value]])));

/** Whether the change was made; false where somebody else was faster. */
async function unlessChanged(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isWrongLastSequence(error)) return false;
    throw error;
  }
}
