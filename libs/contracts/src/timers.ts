import { randomUUID } from 'node:crypto';

/**
 * Real time, turns of the event loop and randomness, passed in wherever the product needs them, so
 * that a simulation can rule them all. Times are milliseconds. The simulated clock is
 * {@link Clock}.
 */
export interface Timers {
  /** Grows with real time and never goes back; only differences mean something. */
  now(): number;
  /**
   * Resolves after `ms`, or at once when `signal` aborts, and leaves no listener behind. Never
   * rejects.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `work` once after `ms`; the function that it gives cancels. */
  after(ms: number, work: () => void): () => void;
  /** Calls `work` every `ms` until the function that it gives is called. */
  every(ms: number, work: () => void): () => void;
  /** Resolves when everything that is ready now has had its turn. */
  turn(): Promise<void>;
  /** 0 <= x < 1. */
  random(): number;
  uuid(): string;
}

let pending = 0;

/**
 * How many sleeps, calls once and calls again and again of {@link systemTimers} are still to come.
 */
export const pendingTimers = (): number => pending;

/** Counts one timer; the function that it gives ends that, however often it is called. */
function count(): () => void {
  let open = 1;
  pending++;
  return () => {
    pending -= open;
    open = 0;
  };
}

/** Those of the machine. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const ended = count();
      const done = () => {
        ended();
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    });
  },
  after(ms, work) {
    const ended = count();
    const timer = setTimeout(() => {
      ended();
      work();
    }, ms);
    return () => {
      ended();
      clearTimeout(timer);
    };
  },
  every(ms, work) {
    const ended = count();
    const timer = setInterval(work, ms);
    return () => {
      ended();
      clearInterval(timer);
    };
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  random: Math.random,
  uuid: randomUUID,
};
