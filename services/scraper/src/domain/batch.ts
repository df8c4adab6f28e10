export type BatchState = 'new' | 'intended' | 'claimed' | 'started' | 'collected' | 'closed';

/**
 * The life of a batch. A scraper that goes on after a crash finds the batch by the claims:
 * - intended: no claim leads to it, so nobody goes on with it, and the log does not know it;
 * - claimed: a run may exist; the scraper searches for it until that is certain, then closes;
 * - started, collected: the scraper collects the run again;
 * - closed: closing again changes nothing.
 */
export const TRANSITIONS = {
  /** Keeps the batch in the scrape state. */
  intend: { from: ['new'], to: 'intended' },
  /** Puts a claim on every scrape, then appends ScrapeBatchStarted. */
  claim: { from: ['intended'], to: 'claimed' },
  /** Acquires or renews a concurrency slot, and waits for the rate limit. */
  acquire: { from: ['claimed'], to: 'claimed' },
  /** Puts a newer claim on the scrapes: the own one has grown old, or its holder is silent. */
  renew: { from: ['claimed'], to: 'claimed' },
  /** Calls the source, and keeps the id of the run. */
  start: { from: ['claimed'], to: 'started' },
  /** Finds a run that an earlier call has started. */
  find: { from: ['claimed'], to: 'started' },
  /** Waits for the run's end and reads it. Writes nothing. */
  collect: { from: ['started'], to: 'collected' },
  /** Releases the slot, then appends ScrapeBatchCompleted. */
  close: { from: ['intended', 'claimed', 'started', 'collected'], to: 'closed' },
} as const satisfies Record<string, { from: readonly BatchState[]; to: BatchState }>;

export type Trigger = keyof typeof TRANSITIONS;

/**
 * The right to start the run of a batch. It is the last claim on each of the scrapes, or it is
 * void.
 */
export interface Claim {
  batchId: string;
  claimedAt: string;
}

/**
 * A claim is good for a start as long as its holder may be silent. After that long once more it is
 * certain that nothing was started: the call itself may have been on its way, and a start has no
 * idempotency key.
 */
const CERTAIN_AFTER = 2;

/**
 * Whether a run may still be started on the claim; `goodForMs` and the instants are of the
 * simulated clock.
 */
export const isGood = ({ claimedAt }: Claim, now: Date, goodForMs: number): boolean =>
  now.getTime() - Date.parse(claimedAt) <= goodForMs;

/** When a run that was started on the claim can be seen by everybody, if there is one. */
export const certainAt = ({ claimedAt }: Claim, goodForMs: number): Date =>
  new Date(Date.parse(claimedAt) + CERTAIN_AFTER * goodForMs);

export const isSameClaim = (a: Claim | null, b: Claim | null): boolean =>
  a?.batchId === b?.batchId && a?.claimedAt === b?.claimedAt;
