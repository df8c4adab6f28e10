import { isSlowConnection, isTransientInPostgres } from '@cliptally/contracts';
import { StoreUnavailable } from './port.js';

/**
 * Whether the same call may succeed when it is made again: the store, or the PostgreSQL beside it,
 * is away for now.
 */
export const isTransient = (error: unknown): boolean =>
  error instanceof StoreUnavailable || isTransientInPostgres(error);

const TRIES = 3;

/**
 * Does what a process needs once before it serves. A busy server may take longer for a connection
 * than the ten seconds that a request waits: a start then waits up to half a minute.
 */
export async function whileConnecting<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES || !isSlowConnection(error)) throw error;
    }
}
