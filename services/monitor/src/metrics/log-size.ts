import type { Pool } from 'pg';

/** Of the log in PostgreSQL with its indexes, emptied rows included. */
export async function logBytesIn(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(
    `select pg_total_relation_size('events')::float8 as bytes`,
  );
  return rows[0]!.bytes;
}
