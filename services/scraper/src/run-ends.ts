import { APIFY_RUN_ENDED, type Clock } from '@cliptally/contracts';
import type { Nats } from '@cliptally/messaging';

/** Ends that are kept although nobody waits for them yet. */
const REMEMBERED = 1_000;

/** Wakes a batch that waits for its actor run when a webhook reports the end. */
export class RunEnds {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, () => void>();
  readonly #early = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Subscribes to the ends that the receiver of the webhooks passes on to all scrapers, until the
   * connection closes.
   */
  listen({ connection }: Nats): void {
    connection.subscribe(APIFY_RUN_ENDED, {
      callback: (error, message) => (error ? undefined : this.ended(message.string())),
    });
  }

  ended(run: string): void {
    const wake = this.#waiting.get(run);
    if (wake) return wake();
    this.#early.add(run);
    for (const oldest of this.#early) if (this.#early.size > REMEMBERED) this.#early.delete(oldest);
  }

  /**
   * Resolves when the run's end is reported, after `ms` of the simulated clock, or when `signal`
   * aborts.
   */
  async wait(run: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#early.delete(run)) return;
    const woken = new AbortController();
    this.#waiting.set(run, () => woken.abort());
    await this.#clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
    this.#waiting.delete(run);
  }
}
