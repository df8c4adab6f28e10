import type { Timers } from '@cliptally/contracts';
import { escapeIdentifier, type PoolClient } from 'pg';

/**
 * How often somebody tries to have all tables to itself, and the longest that one try waits: less
 * than a second, after which PostgreSQL searches for a deadlock to end.
 */
const LOCK_TRIES = 20;
const LOCK_WAIT_MS = 400;

/** SQLSTATE of a lock that was not had in time, and of a deadlock. */
const BLOCKED = new Set(['55P03', '40P01']);

/**
 * Locks all tables of the schema against everybody, or none: readers take tables in any order, so
 * that who waits for one of them while it holds another may wait for ever. Gives up soon, lets them
 * pass, and tries again. Throws what `blocked` makes.
 */
export async function lockTables(
  db: PoolClient,
  schema: string,
  timers: Timers,
  blocked: (cause: unknown) => Error,
): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by 1',
    [schema],
  );
  if (rows.length === 0) return;
  const tables = rows
    .map(({ name }) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`)
    .join(', ');
  await db.query(`set local lock_timeout = ${LOCK_WAIT_MS}`);
  for (let tries = 1; ; tries++) {
    await db.query('savepoint unlocked');
    try {
      await db.query(`lock table ${tables} in access exclusive mode`);
      return;
    } catch (error) {
      if (!BLOCKED.has((error as { code?: string }).code ?? '')) throw error;
      if (tries === LOCK_TRIES) throw blocked(error);
      await db.query('rollback to savepoint unlocked');
      await timers.sleep(timers.random() * LOCK_WAIT_MS);
    }
  }
}
