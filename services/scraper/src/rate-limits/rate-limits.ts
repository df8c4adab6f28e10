import type { Source } from '../sources/source.js';

/** What all replicas together keep to when they call a source. */
export interface RateLimits {
  /**
   * Waits for the source's rate limit and, if it is billed, for a concurrency slot of the account.
   * A batch that has a slot renews it. Rejects with RetryLater after ten minutes or if `signal`
   * aborts.
   */
  acquire(source: Source, batchId: string, scrapes: number, signal: AbortSignal): Promise<void>;
  /**
   * Releases the batch's concurrency slot, if it has one. Never rejects: as long as NATS is away,
   * it tries on in the background until the slot would have ended by itself.
   */
  release(batchId: string): Promise<void>;
  /** Tries once more to release each slot that is still to be released, and ends. */
  close(): Promise<void>;
}
