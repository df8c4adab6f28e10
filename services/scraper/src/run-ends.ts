import { APIFY_RUN_ENDED, type Clock } from '@cliptally/contracts';
import type { Nats } from '@cliptally/messaging';

/** Ends that were told before anybody waited for them. */
const REMEMBERED = 1_000;

/** Wakes whoever waits for the end of a run when a webhook tells of it. */
export class RunEnds {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, () => void>();
  readonly #told = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Listens for what the receiver of the webhooks says to all scrapers, until the connection
   * closes.
   */
  listen({ connection }: Nats): void {
    connection.subscribe(APIFY_RUN_ENDED, {
      callback: (error, message) => (error ? undefined : this.ended(message.string())),
    });
  }

  ended(run: string): void {
    const wake = this.#waiting.get(run);
    if (wake) return wake();
    this.#told.add(run);
    for (const oldest of this.#told) if (this.#told.size > REMEMBERED) this.#told.delete(oldest);
  }

  /**
   * Resolves when the run's end is told, after `ms` of the world's time, or when `signal` aborts.
   */
  async wait(run: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#told.delete(run)) return;
    const woken = new AbortController();
    this.#waiting.set(run, () => woken.abort());
    await this.#clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
    this.#waiting.delete(run);
  }
}
