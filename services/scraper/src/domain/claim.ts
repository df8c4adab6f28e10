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

/**
 * Milliseconds until a run that was started on the claim can be seen by everybody, if there is one.
 */
export const certainInMs = ({ claimedAt }: Claim, now: Date, goodForMs: number): number =>
  Date.parse(claimedAt) + CERTAIN_AFTER * goodForMs - now.getTime();

export const isSameClaim = (a: Claim | null, b: Claim | null): boolean =>
  a?.batchId === b?.batchId && a?.claimedAt === b?.claimedAt;
