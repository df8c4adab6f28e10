import { isTransientInPostgres } from '@cliptally/contracts';
import { StoreUnavailable } from './port.js';

/**
 * Whether the same call may succeed when it is made again: the store, or the PostgreSQL beside it,
 * is away for now.
 */
export const isTransient = (error: unknown): boolean =>
  error instanceof StoreUnavailable || isTransientInPostgres(error);
