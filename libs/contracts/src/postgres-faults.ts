/** Node's codes for a connection that broke or could not be made. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/**
 * SQLSTATE classes: 08 connection, 40 rollback (deadlock), 53 out of resources, 57 shutdown or
 * cancelled; 55P03 lock not available; 25P03 idle in a transaction.
 */
const SQLSTATE = /^(08|40|53|57)|^55P03$|^25P03$/;

/**
 * Whether PostgreSQL answered, and its answer may be another when the same statement is asked
 * again.
 */
export function isTransientSqlState(code: unknown): boolean {
  return typeof code === 'string' && SQLSTATE.test(code);
}

/**
 * Whether the same statement may succeed when it is asked again. Decided by code; only pg's own
 * codeless errors go by text.
 */
export function isTransientInPostgres(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (code) return (typeof code === 'string' && NETWORK.has(code)) || isTransientSqlState(code);
  if (error instanceof AggregateError) return error.errors.some(isTransientInPostgres);
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/.test(
    error.message,
  );
}

/** Whether a pool gave up on a connection that took too long; by text, as pg gives no code. */
export const isSlowConnection = (error: unknown): boolean =>
  error instanceof Error &&
  /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout)/.test(
    error.message,
  );
