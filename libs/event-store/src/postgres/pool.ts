import type { Socket } from 'node:net';
import { Pool, type ClientBase } from 'pg';

const STATEMENT_MS = 60_000;
/**
 * Whatever was asked is answered or cancelled by then: a connection that is silent for longer leads
 * nowhere. The kernel would go on for a quarter of an hour.
 */
const SILENCE_MS = STATEMENT_MS + 5_000;
/** For idle connections: the kernel asks after so long whether the other end is still there. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/**
 * A pool of connections for one purpose. A connection that breaks, idle or in use, fails the query
 * it was for and is replaced; without the listeners here it would end the process. `schema` is
 * where its queries find their tables.
 */
export function openPool(
  url: string,
  name: string,
  connections: number,
  schema?: string,
  silenceMs = SILENCE_MS,
): Pool {
  const settings = {
    statement_timeout: STATEMENT_MS,
    lock_timeout: 15_000,
    // A process that is stopped in a transaction must not keep others from its rows for longer
    // than from its lease (messaging/projections/lease.ts).
    idle_in_transaction_session_timeout: 8_000,
    ...(schema && { search_path: schema }),
  };
  // The pool waits for the promise that this gives; its types know none.
  const prepare = (client: ClientBase): unknown => {
    client.on('error', () => {});
    endIfSilent(client, silenceMs);
    return client.query(SET, [Object.keys(settings), Object.values(settings)]);
  };
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: `cliptally-${name}`,
    connectionTimeoutMillis: 10_000,
    ...KEEP_ALIVE,
    onConnect: prepare,
  });
  pool.on('error', () => {});
  return pool;
}

/** Not as parameters of the start: PgBouncer refuses most of them, or ignores them by a setting. */
const SET = 'select set_config(name, value, false) from unnest($1::text[], $2::text[]) s(name, value)'; // prettier-ignore

/** pg shows its socket to nobody; what it gives to a query is the reason of the end. */
function endIfSilent(client: ClientBase, ms: number): void {
  const { stream } = (client as ClientBase & { connection: { stream: Socket } }).connection;
  const reason = `Connection terminated: PostgreSQL was silent for ${ms / 1_000} s.`;
  stream.setTimeout(ms, () => stream.destroy(new Error(reason)));
}
