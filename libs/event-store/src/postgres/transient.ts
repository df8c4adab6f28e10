/** Node's codes for a connection that broke or could not be made. */
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'EHOSTUNREACH', 'EAI_AGAIN']);
/** SQLSTATE classes: 08 connection, 40 rollback (deadlock), 53 out of resources, 57 shutdown or cancelled; 55P03 lock not available; 25P03 idle in a transaction. */
const SQLSTATE = /^(08|40|53|57)|^55P03$|^25P03$/;

/** Whether the same statement may succeed when it is asked again. Decided by code; only pg's own codeless errors go by text. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: string }).code;
  if (code) return NETWORK.has(code) || SQLSTATE.test(code);
  if (error instanceof AggregateError) return error.errors.some(isTransient);
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(error.message);
}
