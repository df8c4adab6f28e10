/**
 * What went wrong with a call to a source, as far as its status, type and code tell; messages are
 * for people only.
 */
export interface Fault {
  status?: number | undefined;
  type?: string | undefined;
  code?: string | undefined;
  /** Seconds, from a Retry-After header. */
  retryAfter?: number | undefined;
}

export type FaultClass = 'transient' | 'rate_limited' | 'quota_exhausted' | 'rejected';

/** The call never reached anybody. */
const UNREACHED = new Set([
  'TOO_LATE',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** The connection broke, or what came over it cannot be read: the call may have taken effect. */
const BROKEN = new Set([
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ECONNABORTED',
  'ERR_NETWORK',
  'ERR_BAD_RESPONSE',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'invalid-response-body',
]);
/** Refusals that another try in a minute does not change: the money or the plan is used up. */
const SPENT = new Set([
  'not-enough-usage-to-run-paid-actor',
  'monthly-usage-limit-too-low',
  'platform-feature-disabled',
  'actor-is-not-rented',
]);
/** Refusals that end with somebody else's run. */
const BUSY = new Set([
  'actor-memory-limit-exceeded',
  'concurrent-runs-limit-exceeded',
  'rate-limit-exceeded',
]);

export function classify({ status, type, code }: Fault): FaultClass {
  if (type && SPENT.has(type)) return 'quota_exhausted';
  if (status === 429 || (type && BUSY.has(type))) return 'rate_limited';
  if (status === 402) return 'quota_exhausted';
  if (status === 408 || (status !== undefined && status >= 500)) return 'transient';
  if (status === undefined)
    return !code || UNREACHED.has(code) || BROKEN.has(code) ? 'transient' : 'rejected';
  return 'rejected';
}

/** The same call may succeed later. */
export const isPassing = (fault: Fault): boolean =>
  ['transient', 'rate_limited'].includes(classify(fault));

/** Whether a start that failed so may have started, and billed, a run all the same. */
export const mayHaveStarted = (fault: Fault): boolean =>
  classify(fault) === 'transient' && !UNREACHED.has(fault.code ?? '');

/** Tries after the first one; what is still wrong then is left to the next run of the scheduler. */
const RETRIES = 2;
const FIRST_PAUSE_MS = 5_000;
/**
 * A source that asks for more patience than this is left to the next run of the scheduler as well.
 */
const LONGEST_PAUSE_MS = 120_000;

/**
 * Milliseconds before retry `n` (from 1): 5 s, then 10 s, up to half as much again by `jitter` (0
 * to 1); Retry-After, if given, at least.
 */
export function pauseBefore(n: number, jitter: number, retryAfter = 0): number {
  return Math.max(retryAfter * 1000, FIRST_PAUSE_MS * 2 ** (n - 1) * (1 + jitter / 2));
}

/** Whether the same call is worth another try after `tried` of them. */
export function worthRetrying(fault: Fault, tried: number): boolean {
  return isPassing(fault) && tried <= RETRIES && (fault.retryAfter ?? 0) * 1000 <= LONGEST_PAUSE_MS;
}
