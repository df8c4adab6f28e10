import type { Timers } from '@cliptally/contracts';
import { Client } from 'pg';
import { KEEP_ALIVE } from './pool.js';

/**
 * Without a notification a reader polls after this long: a lost one delays, it never loses.
 */
const POLL_MS = 1_000;
const RECONNECT_MS = 500;

/**
 * Wakes readers when somebody, in any process, has appended: one LISTEN connection a store, opened
 * with the first reader.
 */
export class AppendSignal {
  readonly #url: string;
  readonly #timers: Timers;
  readonly #waiting = new Set<() => void>();
  #client: Client | null = null;
  #closed = false;
  #endRetry: (() => void) | undefined;

  constructor(url: string, timers: Timers) {
    this.#url = url;
    this.#timers = timers;
  }

  /** Resolves with the next append, after a second without one, or when `signal` aborts. */
  next(signal: AbortSignal): Promise<void> {
    if (!this.#client && !this.#endRetry && !this.#closed) this.#listen();
    return new Promise((resolve) => {
      const done = () => {
        endTimer();
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const endTimer = this.#timers.after(POLL_MS, done);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  #listen(): void {
    const client = new Client({
      connectionString: this.#url,
      application_name: 'cliptally-log-listener',
      ...KEEP_ALIVE,
    });
    this.#client = client;
    client.on('notification', () => {
      for (const wake of this.#waiting) wake();
    });
    const lost = () => {
      if (this.#client !== client) return;
      this.#client = null;
      client.end().catch(() => {});
      if (this.#closed) return;
      this.#endRetry = this.#timers.after(RECONNECT_MS, () => {
        this.#endRetry = undefined;
        if (!this.#closed) this.#listen();
      });
    };
    client.on('error', lost);
    client.on('end', lost);
    client
      .connect()
      .then(() => client.query('listen cliptally_events'))
      .catch(lost);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endRetry?.();
    for (const wake of this.#waiting) wake();
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }
}
