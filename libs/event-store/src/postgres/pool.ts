import { Pool } from 'pg';

/**
 * A pool of connections for one purpose. A connection that breaks, idle or in use, fails the query
 * it was for and is replaced; without the listeners here it would end the process. `schema` is
 * where its queries find their tables.
 */
export function openPool(url: string, name: string, connections: number, schema?: string): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: `cliptally-${name}`,
    statement_timeout: 60_000,
    lock_timeout: 15_000,
    // A process that is stopped in a transaction must not keep others from its rows for longer
    // than from its lease (messaging/projections/lease.ts).
    idle_in_transaction_session_timeout: 8_000,
    connectionTimeoutMillis: 10_000,
    ...(schema ? { options: `-c search_path=${schema}` } : {}),
  });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
