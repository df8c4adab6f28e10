import { randomUUID } from 'node:crypto';

/**
 * Real time, turns of the event loop and randomness, passed in wherever the product needs them, so that a simulation can rule them all.
 * Times are milliseconds. The world's time is {@link Clock}.
 */
export interface Timers {
  /** Grows with real time and never goes back; only differences mean something. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts, and leaves no listener behind. Never rejects. */
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

/** Those of the machine. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    });
  },
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  every(ms, work) {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  random: Math.random,
  uuid: randomUUID,
};
