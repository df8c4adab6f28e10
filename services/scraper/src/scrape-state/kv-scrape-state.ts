import { systemTimers, type Timers } from '@cliptally/contracts';
import {
  inBucket,
  isWrongLastSequence,
  openBucket,
  type BucketName,
  type Nats,
} from '@cliptally/messaging';
import type { StoredMsg } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { isSameClaim, type Claim } from '../domain/batch.js';
import type { Scrape } from '../domain/scrape.js';
import type { Observation, ScrapeState, StoredBatch } from './scrape-state.js';

const OBSERVATIONS = 'scraper-counts';
const BATCHES = 'scraper-batches';
const DAYS = 'scraper-days';
/** If the server is lost in the middle of an answer, the read fails after this time. */
const ANSWER_MS = 5_000;
const NEVER_WRITTEN = { revision: 0, value: null };

/**
 * The scrape state in three buckets of JetStream KV. No fact is here alone: the scraper can do
 * without each entry.
 */
export class KvScrapeState implements ScrapeState {
  readonly #nats: Nats;
  readonly #observations: KV;
  readonly #batches: KV;
  readonly #days: KV;
  readonly #timers: Timers;

  private constructor(
    nats: Nats,
    [observations, batches, days]: readonly [KV, KV, KV],
    timers: Timers,
  ) {
    this.#nats = nats;
    this.#observations = observations;
    this.#batches = batches;
    this.#days = days;
    this.#timers = timers;
  }

  static async open(nats: Nats, timers: Timers = systemTimers): Promise<KvScrapeState> {
    const open = (name: BucketName) => openBucket(nats, name);
    return new KvScrapeState(
      nats,
      [await open(OBSERVATIONS), await open(BATCHES), await open(DAYS)],
      timers,
    );
  }

  async observationsOf(clipIds: readonly string[]): Promise<ReadonlyMap<string, Observation>> {
    return valuesOf(await this.#newest<Observation>(OBSERVATIONS, clipIds));
  }

  /** Waits for the last write alone: an answer to each would cost as much again as the writes. */
  async keepObservations(observations: ReadonlyMap<string, Observation>): Promise<void> {
    const [last, ...others] = [...observations];
    if (!last) return;
    for (const [clipId, observation] of others)
      this.#nats.connection.publish(`$KV.${OBSERVATIONS}.${clipId}`, JSON.stringify(observation));
    // The bucket keeps the order of one connection's writes.
    await this.#in(OBSERVATIONS, () => this.#observations.put(last[0], JSON.stringify(last[1])));
  }

  async batchesOf(requestIds: readonly string[]): Promise<ReadonlyMap<string, StoredBatch>> {
    const claims = valuesOf(await this.#newest<Claim>(BATCHES, requestIds.map(claimOn)));
    const batchIds = new Set([...claims.values()].map(({ batchId }) => `batch.${batchId}`));
    const batches = valuesOf(await this.#newest<StoredBatch>(BATCHES, [...batchIds]));
    const found = requestIds.flatMap((requestId): [string, StoredBatch][] => {
      const claim = claims.get(claimOn(requestId));
      const batch = claim && batches.get(`batch.${claim.batchId}`);
      return batch ? [[requestId, { ...batch, ...claim }]] : [];
    });
    return new Map(found);
  }

  async keepBatch(batch: StoredBatch): Promise<void> {
    const put = () => this.#batches.put(`batch.${batch.batchId}`, JSON.stringify(batch));
    await this.#in(BATCHES, put);
  }

  async runOf(runs: readonly string[], batchId: string): Promise<string | null> {
    const owners = await this.#newest<string>(BATCHES, runs.map(ownerOf));
    return runs.find((run) => owners.get(ownerOf(run))?.value === batchId) ?? null;
  }

  async takeRun(runs: readonly string[], batchId: string): Promise<string | null> {
    const take = (run: string) =>
      unlessChanged(this.#in(BATCHES, () => this.#batches.create(ownerOf(run), JSON.stringify(batchId)))); // prettier-ignore
    // A run that was just started is nearly always free: then this is the only call.
    const [only] = runs;
    if (only !== undefined && runs.length === 1 && (await take(only))) return only;
    const own = await this.runOf(runs, batchId);
    if (own !== null || runs.length === 1) return own;
    for (const run of runs) if (await take(run)) return run;
    return null;
  }

  async claim(
    scrapes: readonly Scrape[],
    { batchId, claimedAt }: Claim,
    replaces: Claim | null,
  ): Promise<boolean> {
    const claim = JSON.stringify({ batchId, claimedAt });
    const keys = scrapes.map(({ request }) => claimOn(request.requestId));
    const entries = await this.#newest<Claim>(BATCHES, keys);
    const claimed = await Promise.all(
      keys.map(async (key) => {
        const { value, revision } = entries.get(key) ?? NEVER_WRITTEN;
        return (
          isSameClaim(value, replaces) &&
          unlessChanged(this.#in(BATCHES, () => this.#batches.put(key, claim, { previousSeq: revision }))) // prettier-ignore
        );
      }),
    );
    return claimed.every(Boolean);
  }

  async firstOfDay(day: string, names: readonly string[]): Promise<string[]> {
    const first = await Promise.all(
      names.map((name) => unlessChanged(this.#in(DAYS, () => this.#days.create(`${day}.${name}`, '')))), // prettier-ignore
    );
    return names.filter((_, i) => first[i]);
  }

  #in<T>(bucket: BucketName, work: () => Promise<T>): Promise<T> {
    return inBucket(this.#nats, bucket, work);
  }

  /** The newest entries of a bucket by key. */
  async #newest<T>(bucket: BucketName, keys: readonly string[]): Promise<Map<string, Entry<T>>> {
    return keys.length === 0 ? new Map() : this.#in(bucket, () => this.#read<T>(bucket, keys));
  }

  /** In one request. */
  async #read<T>(bucket: BucketName, keys: readonly string[]): Promise<Map<string, Entry<T>>> {
    const before = `$KV.${bucket}.`;
    const messages: StoredMsg[] = [];
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    const answer = await this.#nats.manager.direct.getLastMessagesFor(`KV_${bucket}`, {
      multi_last: keys.map((key) => before + key),
      // With an iterator in place of the callback, the client would never end the subscription.
      callback(done, message) {
        if (!done) messages.push(message);
        else if (done.err) reject(done.err);
        else resolve();
      },
    });
    const stop = () => answer.stop(new Error(`The bucket ${bucket} did not answer to the end.`));
    await ended.finally(this.#timers.after(ANSWER_MS, stop));
    return new Map(
      messages.map((message) => [message.subject.slice(before.length), entryOf<T>(message)]),
    );
  }
}

interface Entry<T> {
  /** The bucket's sequence of the write. */
  revision: number;
  /** Null if the key was deleted. */
  value: T | null;
}

const entryOf = <T>(message: StoredMsg): Entry<T> => ({
  revision: message.seq,
  value: message.header.has('KV-Operation') ? null : message.json<T>(),
});

const ownerOf = (run: string) => `run.${run}`;
const claimOn = (requestId: string) => `request.${requestId}`;

const valuesOf = <T>(entries: ReadonlyMap<string, Entry<T>>): Map<string, T> =>
  new Map(
    [...entries].flatMap(([key, { value }]): [string, T][] =>
      value === null ? [] : [[key, value]],
    ),
  );

/** Whether the change was made; false if another process was faster. */
async function unlessChanged(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isWrongLastSequence(error)) return false;
    throw error;
  }
}
