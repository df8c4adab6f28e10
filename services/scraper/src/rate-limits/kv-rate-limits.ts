import { systemTimers, type Clock, type Timers } from '@cliptally/contracts';
import {
  inBucket,
  isWrongLastSequence,
  openBucket,
  type Log,
  type Nats,
} from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import type { KV } from '@nats-io/kv';
import { acquireSlot, takeToken, type Bucket, type Slots } from '../domain/rate-limits.js';
import type { Source } from '../sources/source.js';
import type { RateLimits } from './rate-limits.js';

export interface KvRateLimitsOptions {
  clock: Clock;
  /** How many actor runs the account may have at once. */
  slots: () => Promise<number>;
  log: Log;
  timers?: Timers | undefined;
}

type Options = KvRateLimitsOptions & { timers: Timers };

/** How long a batch waits for its turn, on the simulated clock. */
const PATIENCE_MS = 600_000;
/** No slot lasts longer, so a release need not be tried for longer. */
const LONGEST_SLOT_MS = 600_000;
/** Real time between two tries to release a slot while NATS is away. */
const RELEASE_AGAIN_MS = 500;
/** Each time another process was faster; so often in a row is no contest any more. */
const TRIES = 1_000;
const LIMITS = 'scraper-limits';
const SLOTS = 'slots';
const text = new TextDecoder();

/**
 * Keeps the limits in one bucket of JetStream KV by compare-and-set, so that all processes share
 * them.
 */
export class KvRateLimits implements RateLimits {
  readonly #bucket: KV;
  readonly #options: Options;
  readonly #closed = new AbortController();
  readonly #releasing = new Set<Promise<void>>();

  private constructor(
    private readonly nats: Nats,
    bucket: KV,
    options: Options,
  ) {
    this.#bucket = bucket;
    this.#options = options;
  }

  static async open(nats: Nats, options: KvRateLimitsOptions): Promise<KvRateLimits> {
    const { timers = systemTimers } = options;
    const bucket = await openBucket(nats, LIMITS);
    return new KvRateLimits(nats, bucket, { ...options, timers });
  }

  async acquire(
    source: Source,
    batchId: string,
    scrapes: number,
    signal: AbortSignal,
  ): Promise<void> {
    const end = this.#now() + PATIENCE_MS;
    const slot = () => this.#slot(source, batchId, scrapes);
    if (source.billed) await this.#wait(end, signal, slot);
    const waited = await this.#wait(end, signal, () => this.#token(source));
    // A slot that has grown old while the batch waited for the rate might end before the run does.
    if (source.billed && waited) await this.#wait(end, signal, slot);
  }

  async release(batchId: string): Promise<void> {
    try {
      await this.#release(batchId);
    } catch {
      const releasing = this.#tryOn(batchId).finally(() => this.#releasing.delete(releasing));
      this.#releasing.add(releasing);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#releasing);
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }

  async #tryOn(batchId: string): Promise<void> {
    const { timers, log } = this.#options;
    const end = this.#now() + LONGEST_SLOT_MS;
    for (;;) {
      await timers.sleep(RELEASE_AGAIN_MS, this.#closed.signal);
      try {
        return await this.#release(batchId);
      } catch (error) {
        if (this.#now() <= end && !this.#closed.signal.aborted) continue;
        return log.warn(
          { batchId, error: (error as Error).message },
          'a concurrency slot was not released; it ends by itself',
        );
      }
    }
  }

  async #release(batchId: string): Promise<void> {
    await this.#change<Slots>(SLOTS, (slots) => {
      if (!slots || !(batchId in slots)) return [null, 0];
      const { [batchId]: _, ...others } = slots;
      return [others, 0];
    });
  }

  /** Tries until `attempt` says to wait no longer; whether it had to wait. */
  async #wait(end: number, signal: AbortSignal, attempt: () => Promise<number>): Promise<boolean> {
    const { clock } = this.#options;
    for (let waited = false; ; waited = true) {
      const waitMs = await attempt();
      if (waitMs === 0) return waited;
      if (signal.aborted || this.#now() + waitMs > end)
        throw new RetryLater(1_000, 'the limits of the source left no room for ten minutes');
      // On a fast clock a second is a moment: the bucket must not be read without a pause.
      await clock.sleep(Math.max(waitMs, 50 * clock.speed), signal);
    }
  }

  async #slot(source: Source, batchId: string, scrapes: number): Promise<number> {
    const limit = await this.#options.slots();
    const now = this.#now();
    const wanted = {
      batchId,
      platform: source.platform,
      until: now + source.endsWithinMs(scrapes),
    };
    return this.#change<Slots>(SLOTS, (slots) => {
      const { slots: changed, acquired } = acquireSlot(slots ?? {}, wanted, now, limit);
      return [changed, acquired ? 0 : 1_000];
    });
  }

  #token({ name, perMinute }: Source): Promise<number> {
    return this.#change<Bucket>(`tokens.${name.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`, (stored) => {
      const { bucket, waitMs } = takeToken(stored, perMinute, this.#now());
      return [waitMs === 0 ? bucket : null, waitMs];
    });
  }

  /**
   * Applies `change` to the key's value; null leaves it. Begins anew if another process was faster.
   */
  #change<T>(key: string, change: (value: T | null) => [T | null, number]): Promise<number> {
    return inBucket(this.nats, LIMITS, () => this.#changed(key, change));
  }

  async #changed<T>(key: string, change: (value: T | null) => [T | null, number]): Promise<number> {
    for (let tries = 1; ; tries++) {
      const entry = await this.#bucket.get(key);
      const value = entry?.operation === 'PUT' ? (JSON.parse(text.decode(entry.value)) as T) : null;
      const [changed, answer] = change(value);
      if (changed === null) return answer;
      try {
        await this.#bucket.put(key, JSON.stringify(changed), { previousSeq: entry?.revision ?? 0 });
        return answer;
      } catch (error) {
        if (!isWrongLastSequence(error) || tries === TRIES) throw error;
      }
    }
  }
}
