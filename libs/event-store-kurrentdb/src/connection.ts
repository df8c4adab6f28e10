import {
  KurrentDBClient,
  type AllStreamResolvedEvent,
  type ResolvedEvent,
} from '@kurrent/kurrentdb-client';
import { StoreUnavailable } from '@cliptally/event-store';
import { isAway } from './faults.js';

/**
 * As many attempts as for PostgreSQL: six seconds if the server refuses at once, a minute if it is
 * silent.
 */
const TRIES = 6;

export type Recorded = NonNullable<ResolvedEvent['event']>;
export type AllRecorded = NonNullable<AllStreamResolvedEvent['event']>;

/**
 * The client, replaced when the server was away from it: the native half of the client, which
 * reads, fails for ever once it could not connect, and the other half does not search for a new
 * leader when a session of appends is refused by the old one. A client is made when it is needed,
 * because one that is never used is never freed.
 */
export class Connection {
  readonly #url: string;
  #client: KurrentDBClient | null;
  #closed = false;

  /** Throws if the connection string is malformed; does not connect yet. */
  constructor(url: string) {
    this.#url = url;
    this.#client = KurrentDBClient.connectionString(url);
  }

  get client(): KurrentDBClient {
    return (this.#client ??= KurrentDBClient.connectionString(this.#url));
  }

  /**
   * Retries until there is an answer. Only for what may be done twice. Throws
   * {@link StoreUnavailable}.
   */
  async ask<T>(question: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const client = this.client;
      try {
        return await question(client);
      } catch (error) {
        await this.#recover(client, error, tries);
      }
    }
  }

  /**
   * Reads to the end, also if the server goes away in between: `open` is then called again, and
   * begins where it wants to.
   */
  async *read<R extends Recorded>(
    open: (client: KurrentDBClient) => AsyncIterable<{ event?: R }>,
  ): AsyncGenerator<R, void, undefined> {
    for (let tries = 1; ; tries++) {
      const client = this.client;
      try {
        for await (const { event } of open(client)) {
          tries = 1;
          if (event) yield event;
        }
        return;
      } catch (error) {
        await this.#recover(client, error, tries);
      }
    }
  }

  async #recover(client: KurrentDBClient, error: unknown, tries: number): Promise<void> {
    if (!isAway(error) || this.#closed) throw error;
    // Calls under way on the old client end by themselves.
    if (this.#client === client) this.#client = null;
    if (tries >= TRIES)
      throw new StoreUnavailable(
        `KurrentDB does not answer (${(error as Error).message}); the same call may be made again.`,
        {
          cause: error,
        },
      );
    await pauseAfter(tries);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.dispose();
  }
}

/**
 * Real time, because it waits for a server: 0.1 s after the first failure, doubling up to 3.2 s.
 */
export const pauseAfter = (failures: number) =>
  new Promise((resolve) => setTimeout(resolve, 50 * 2 ** Math.min(failures, 6)));
