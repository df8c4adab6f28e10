import { isWrongLastSequence, type Nats } from '@cliptally/messaging';
import { Kvm, type KV, type KvEntry } from '@nats-io/kv';
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
  count(clipId: string): Promise<RememberedCount | null>;
  keepCounts(counts: ReadonlyMap<string, RememberedCount>): Promise<void>;
  batchOf(requestId: string): Promise<RememberedBatch | null>;
  keepBatch(batch: RememberedBatch): Promise<void>;
  /**
   * Writes down who may buy the looks: `claim`, for each look that `replaces` was the last claim on; null for a look that had none. False where another
   * scraper was faster with one of them: then nothing may be bought.
   */
  claim(looks: readonly Look[], claim: Claim, replaces: Claim | null): Promise<boolean>;
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
    const claim = await read<Claim>(this.#batches, `request.${requestId}`);
    const batch = claim && (await read<RememberedBatch>(this.#batches, `batch.${claim.batchId}`));
    return batch && { ...batch, ...claim };
  }

  async keepBatch(batch: RememberedBatch): Promise<void> {
    await this.#batches.put(`batch.${batch.batchId}`, JSON.stringify(batch));
  }

  async claim(looks: readonly Look[], { batchId, claimedAt }: Claim, replaces: Claim | null): Promise<boolean> {
    const claim = JSON.stringify({ batchId, claimedAt });
    const claimed = await Promise.all(looks.map(({ request }) => this.#claim(`request.${request.requestId}`, claim, replaces)));
    return claimed.every(Boolean);
  }

  async #claim(key: string, claim: string, replaces: Claim | null): Promise<boolean> {
    const entry = await this.#batches.get(key);
    if (!isSameClaim(valueOf<Claim>(entry), replaces)) return false;
    return unlessChanged(this.#batches.put(key, claim, { previousSeq: entry?.revision ?? 0 }));
  }

  async firstOfDay(day: string, names: readonly string[]): Promise<string[]> {
    const first = await Promise.all(names.map((name) => unlessChanged(this.#days.create(`${day}.${name}`, ''))));
    return names.filter((_, i) => first[i]);
  }
}

const valueOf = <T>(entry: KvEntry | null): T | null => (entry?.operation === 'PUT' ? (JSON.parse(text.decode(entry.value)) as T) : null);

const read = async <T>(bucket: KV, key: string): Promise<T | null> => valueOf<T>(await bucket.get(key));

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
