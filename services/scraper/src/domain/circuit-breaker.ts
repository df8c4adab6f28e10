/**
 * A source that fails again and again is left alone for a while, then tried with one call. Instants
 * are epoch milliseconds.
 */
export interface CircuitBreaker {
  failures: number;
  openedAt: number | null;
  /** The one call that finds out whether the source is back. */
  probing: boolean;
}

export const CLOSED: CircuitBreaker = { failures: 0, openedAt: null, probing: false };
const OPENS_AFTER = 5;
const REST_MS = 60_000;

export type Admission = { admitted: boolean; breaker: CircuitBreaker };

/** Whether a call may be made now; an open breaker lets one through after a minute. */
export function admit(breaker: CircuitBreaker, now: number): Admission {
  if (breaker.openedAt === null) return { admitted: true, breaker };
  if (breaker.probing || now - breaker.openedAt < REST_MS) return { admitted: false, breaker };
  return { admitted: true, breaker: { ...breaker, probing: true } };
}

export function after(breaker: CircuitBreaker, succeeded: boolean, now: number): CircuitBreaker {
  if (succeeded) return CLOSED;
  const failures = breaker.failures + 1;
  return { failures, openedAt: failures >= OPENS_AFTER ? now : null, probing: false };
}

/** The call ended for a reason that is not the source's: nothing was learnt of it. */
export const unjudged = (breaker: CircuitBreaker): CircuitBreaker => ({
  ...breaker,
  probing: false,
});
