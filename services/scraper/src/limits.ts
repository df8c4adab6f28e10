import { systemTimers, type Clock, type Timers } from '@cliptally/contracts';
import { isWrongLastSequence, type Nats } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { Kvm, type KV } from '@nats-io/kv';
import { takePlace, takeToken, type Bucket, type Places } from './domain/limits.js';
import type { Source } from './sources/source.js';

/** What all replicas together keep to when they ask a source. */
export interface Limits {
  /** Waits for the source's rate and, where its calls are runs, for a place among them. Rejects with {@link RetryLater} when that takes too long. */
  enter(source: Source, batchId: string, looks: number, signal: AbortSignal): Promise<void>;
  /** Releases the batch's concurrency slot; nothing happens if it has none. */
  leave(source: Source, batchId: string): Promise<void>;
  /** The same if it cannot be waited for, as NATS may be away: tries on by itself, for as long as the slot would be kept. */
  release(source: Source, batchId: string, looks: number): void;
}

const PATIENCE_MS = 600_000;
/** Real time between two tries to release a slot while NATS is away. */
const RELEASE_AGAIN_MS = 500;
const text = new TextDecoder();

/** Keeps the limits in one bucket of JetStream KV, changed by compare-and-set, so that no process can pass them by not knowing of another. */
export class KvLimits implements Limits {
  readonly #bucket: KV;
  readonly #clock: Clock;
  readonly #runsAtOnce: () => Promise<number>;
  readonly #timers: Timers;

  private constructor(bucket: KV, clock: Clock, runsAtOnce: () => Promise<number>, timers: Timers) {
    this.#timers = timers;
    this.#bucket = bucket;
    this.#clock = clock;
    this.#runsAtOnce = runsAtOnce;
  }

  /** `runsAtOnce` gives how many runs the account may have under way. */
  static async open(nats: Nats, clock: Clock, runsAtOnce: () => Promise<number>, timers: Timers = systemTimers): Promise<KvLimits> {
    const bucket = await new Kvm(nats.client).create('scraper-limits', { history: 1, replicas: nats.replicas });
    return new KvLimits(bucket, clock, runsAtOnce, timers);
  }

  async enter(source: Source, batchId: string, looks: number, signal: AbortSignal): Promise<void> {
    const end = this.#clock.now().getTime() + PATIENCE_MS;
    try {
      // The answer to the write that took the slot may be lost: it is released then too.
      if (source.runs) await this.#wait(end, signal, () => this.#place(source, batchId, looks));
      await this.#wait(end, signal, () => this.#token(source));
    } catch (error) {
      this.release(source, batchId, looks);
      throw error;
    }
  }

  async leave(source: Source, batchId: string): Promise<void> {
    if (!source.runs) return;
    await this.#change<Places>('places', (places) => {
      const { [batchId]: _, ...rest } = places ?? {};
      return [rest, 0];
    });
  }

  release(source: Source, batchId: string, looks: number): void {
    if (!source.runs) return;
    const end = this.#clock.now().getTime() + source.endsWithinMs(looks);
    const tryOn = async () => {
      for (;;) {
        try {
          return await this.leave(source, batchId);
        } catch {
          if (this.#clock.now().getTime() > end) return;
          await this.#timers.sleep(RELEASE_AGAIN_MS);
        }
      }
    };
    void tryOn();
  }

  /** Tries until it is told to wait no longer. */
  async #wait(end: number, signal: AbortSignal, attempt: () => Promise<number>): Promise<void> {
    for (;;) {
      const waitMs = await attempt();
      if (waitMs === 0) return;
      if (signal.aborted || this.#clock.now().getTime() + waitMs > end)
        throw new RetryLater(1_000, 'the limits of the source left no room for ten minutes');
      // In a world that runs fast a second is a moment: others shall not be asked without pause.
      await this.#clock.sleep(Math.max(waitMs, 50 * this.#clock.speed), signal);
    }
  }

  async #place(source: Source, batchId: string, looks: number): Promise<number> {
    const limit = await this.#runsAtOnce();
    const now = this.#clock.now().getTime();
    return this.#change<Places>('places', (places) => {
      const taken = takePlace(places ?? {}, batchId, source.platform, now + source.endsWithinMs(looks), now, limit);
      return taken ? [taken, 0] : [null, 1_000];
    });
  }

  #token({ name, perMinute }: Source): Promise<number> {
    return this.#change<Bucket>(`tokens.${name.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`, (kept) => {
      const { bucket, waitMs } = takeToken(kept, perMinute, this.#clock.now().getTime());
      return [waitMs === 0 ? bucket : null, waitMs];
    });
  }

  /** Applies `change` to the key's value; null leaves it. Begins anew when another process was faster. */
  async #change<T>(key: string, change: (value: T | null) => [T | null, number]): Promise<number> {
    for (;;) {
      const entry = await this.#bucket.get(key);
      const value = entry?.operation === 'PUT' ? (JSON.parse(text.decode(entry.value)) as T) : null;
      const [changed, answer] = change(value);
      if (changed === null) return answer;
      try {
        await this.#bucket.put(key, JSON.stringify(changed), { previousSeq: entry?.revision ?? 0 });
        return answer;
      } catch (error) {
        if (!isWrongLastSequence(error)) throw error;
      }
    }
  }
}
