import { Pool } from 'pg';

/**
 * A pool of connections for one purpose. A connection that breaks, idle or in use, fails the query it was for and is
 * replaced; without the listeners here it would end the process.
 */
export function openPool(url: string, name: string, connections: number): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: `cliptally-${name}`,
    statement_timeout: 60_000,
    lock_timeout: 15_000,
    connectionTimeoutMillis: 10_000,
  });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
