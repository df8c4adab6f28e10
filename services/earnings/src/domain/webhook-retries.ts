const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A webhook is tried for this long, and an endpoint may fail for this long. */
export const GIVE_UP_MS = 72 * HOUR;
/** Delays between the tries of one webhook, as the Standard Webhooks specification has them. */
const DELAYS_MS = [
  5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
]; // prettier-ignore
/** From so many failures in a row on, an endpoint rests before one webhook is tried again. */
const FAILURES_BEFORE_REST = 5;
const FIRST_REST_MS = 30 * SECOND;
/** So an endpoint that is back waits this long at most, and a tenth more. */
const LONGEST_REST_MS = HOUR;

/** How an endpoint has answered lately. */
export interface Health {
  /** Failed tries since the last success, over all its webhooks. */
  failures: number;
  failingSince: Date | null;
  restsUntil: Date | null;
}

export const HEALTHY: Health = { failures: 0, failingSince: null, restsUntil: null };

export interface Tried {
  /** Of this webhook, the failed one included. */
  attempts: number;
  firstTriedAt: Date;
}

export interface Fault {
  /** The endpoint wants nothing any more (410). */
  gone: boolean;
  /** What the answer asked for, 0 if nothing. */
  retryAfterMs: number;
}

export interface AfterFailure {
  /** Null: it is not tried any more. */
  nextTryAt: Date | null;
  health: Health;
  /** Why the endpoint is switched off; null while it is not. */
  dead: string | null;
}

/** What follows from a failed try at `now`; `random` spreads the tries, from 0 to 1. */
export function afterFailure(
  { attempts, firstTriedAt }: Tried,
  before: Health,
  fault: Fault,
  now: Date,
  random: number,
): AfterFailure {
  const at = now.getTime();
  const later = (ms: number) => new Date(at + Math.round(ms * (1 + random / 10)));
  const failures = before.failures + 1;
  const failingSince = before.failingSince ?? now;
  const asked = Math.min(fault.retryAfterMs, LONGEST_REST_MS);
  const tired =
    failures < FAILURES_BEFORE_REST
      ? 0
      : Math.min(
          LONGEST_REST_MS,
          FIRST_REST_MS * 2 ** Math.min(20, failures - FAILURES_BEFORE_REST),
        );
  const rest = Math.max(asked, tired);
  const health = { failures, failingSince, restsUntil: rest > 0 ? later(rest) : null };
  const dead = fault.gone
    ? 'It answered 410: it wants no webhooks any more.'
    : at - failingSince.getTime() >= GIVE_UP_MS
      ? 'Every webhook has failed for three days.'
      : null;
  const end = firstTriedAt.getTime() + GIVE_UP_MS;
  const delay = DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1]!;
  const nextTryAt = at >= end ? null : new Date(Math.min(end, later(delay).getTime()));
  return { nextTryAt, health, dead };
}
