import { longLived, systemTimers, type Clock, type Timers } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';

export interface RoundsOptions {
  /**
   * One round of work; gives the instant (of the world) at which the next one is due, null when
   * nothing waits for time to pass.
   */
  round: (signal: AbortSignal) => Promise<Date | null>;
  /** What a round does, for the log: "settling". */
  what: string;
  clock: Clock;
  log: Log;
  timers?: Timers;
}

/** A pause between rounds, so that a burst of batches is worked off in few rounds, not in many. */
const REST_MS = 20;
/** After a round that failed as a whole. */
const RETRY_MS = 1_000;
/**
 * A round is made this often though nobody asks for one: a replica that takes over the projection
 * from another one hears nothing of what that one was waiting for until something happens.
 */
const IDLE_MS = 60_000;

/**
 * Makes a round at the start, when it is woken, when the last one has said so, and every minute of
 * real time. Never two at once.
 */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #stop = longLived();
  #wake = () => {};
  #woken = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There may be something to do. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { round, what, clock, log, timers = systemTimers } = this.#options;
    const inReal = (ms: number) => new Date(clock.now().getTime() + ms * clock.speed);
    while (!this.#stop.signal.aborted) {
      this.#woken = false;
      let until = inReal(IDLE_MS);
      try {
        const due = await round(this.#stop.signal);
        if (due && due < until) until = due;
      } catch (error) {
        log.warn({ error: (error as Error).message }, `${what} was interrupted; trying again`);
        until = inReal(RETRY_MS);
      }
      await timers.sleep(REST_MS, this.#stop.signal);
      await this.#rest(until);
    }
  }

  /** Until somebody wakes it, or the next round is due. */
  async #rest(until: Date): Promise<void> {
    if (this.#woken || this.#stop.signal.aborted) return;
    const { clock } = this.#options;
    const enough = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([
      woken,
      clock.sleep(Math.max(0, until.getTime() - clock.now().getTime()) + 1, enough.signal),
    ]);
    enough.abort();
    this.#wake = () => {};
  }
}
