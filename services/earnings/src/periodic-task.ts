import { longLived, systemTimers, type Clock, type Timers } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';

export interface PeriodicTaskOptions {
  /**
   * Does the work once; gives the instant (by `clock`) at which it is due again, null if nothing
   * waits for time to pass.
   */
  run: (signal: AbortSignal) => Promise<Date | null>;
  /** While it says no, nothing is run: what the work rests on is being built anew. */
  ready?: (() => Promise<boolean>) | undefined;
  /** What a run does, for the log: "settling". */
  what: string;
  /** Real time between two runs at least: a burst of batches takes few. 200 ms by default. */
  pauseMs?: number;
  clock: Clock;
  log: Log;
  timers?: Timers;
}

/** After a run that failed as a whole, or before which it was not ready. */
const RETRY_MS = 1_000;
/**
 * It runs this often though nobody wakes it: a replica that takes over the projection from another
 * one does not know what that one waited for.
 */
const IDLE_MS = 60_000;

/**
 * Runs at the start, when it is woken, when the last run has said so, and every minute of real
 * time. Never twice at once.
 */
export class PeriodicTask {
  readonly #options: PeriodicTaskOptions;
  readonly #stop = longLived();
  #wake = () => {};
  #woken = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PeriodicTaskOptions) {
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
    const { run, ready, what, pauseMs = 200, clock, log, timers = systemTimers } = this.#options;
    const inReal = (ms: number) => new Date(clock.now().getTime() + ms * clock.speed);
    while (!this.#stop.signal.aborted) {
      this.#woken = false;
      let until = inReal(IDLE_MS);
      try {
        const due = (await ready?.()) === false ? inReal(RETRY_MS) : await run(this.#stop.signal);
        if (due && due < until) until = due;
      } catch (error) {
        log.warn({ error: (error as Error).message }, `${what} was interrupted; trying again`);
        until = inReal(RETRY_MS);
      }
      await timers.sleep(pauseMs, this.#stop.signal);
      await this.#pause(until);
    }
  }

  /** Until somebody wakes it, or the next run is due. */
  async #pause(until: Date): Promise<void> {
    if (this.#woken || this.#stop.signal.aborted) return;
    const { clock } = this.#options;
    const ms = until.getTime() - clock.now().getTime();
    if (ms <= 0) return;
    const enough = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([woken, clock.sleep(ms + 1, enough.signal)]);
    enough.abort();
    this.#wake = () => {};
  }
}
