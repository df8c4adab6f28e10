import type { EventStore } from '@cliptally/event-store';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { advance, inTransaction, prepareProjection, type Projection } from './projection.js';

export interface RebuildProgress {
  /** Where this call began: 0, or where an earlier one was stopped. */
  started: number;
  position: number;
  head: number;
  events: number;
}

export interface RebuildResult {
  position: number;
  events: number;
  /** Rows that differ between the copy and the live tables at the same position, by table; empty when they are equal. */
  differences: Record<string, number>;
}

const BATCH = 5_000;
const copyOf = (projection: Projection) => `${projection.name}_rebuild`;

/**
 * Builds a projection anew from the beginning of the log, beside the live one, which goes on serving; then compares the
 * two at the same position and swaps them in one transaction. Stopped in between, it goes on where it was.
 * `onProgress` is told after each batch.
 */
export async function rebuildProjection(
  projection: Projection,
  pool: Pool,
  store: EventStore,
  onProgress: (progress: RebuildProgress) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<RebuildResult> {
  const copy = copyOf(projection);
  const started = await prepareProjection(projection, pool, copy);
  let position = started;
  let events = 0;
  const takeUpTo = async (head: number) => {
    let batch = [];
    for await (const event of store.readAll(position, { types: projection.types })) {
      if (event.position > head || signal.aborted) break;
      batch.push(event);
      events++;
      if (batch.length < BATCH) continue;
      await advance(projection, pool, batch, position, (position = event.position), copy);
      onProgress({ started, position, head, events });
      batch = [];
    }
    signal.throwIfAborted();
    if (position < head) await advance(projection, pool, batch, position, (position = head), copy);
    onProgress({ started, position, head, events });
  };
  // What came meanwhile is caught up as well, before the live projection has to stand still for the last of it.
  for (let head = await store.head(); position < head; head = await store.head()) {
    const left = head - position;
    await takeUpTo(head);
    if (left <= BATCH) break;
  }
  // The live projection stands still only for what came during the copy.
  return inTransaction(pool, projection.name, async (db) => {
    // It waits while other connections fill the copy.
    await db.query(`set local idle_in_transaction_session_timeout = '60s'`);
    await prepareLive(projection, db);
    const { rows } = await db.query<{ position: number }>('select position::float8 from checkpoint for update');
    const live = rows[0]?.position ?? 0;
    await takeUpTo(Math.max(live, position));
    const differences = live === position ? await compare(db, projection.name, copy) : {};
    await swap(db, projection.name, copy);
    return { position, events, differences };
  });
}

/** A projection that was never followed has nothing to compare with or to swap out. */
async function prepareLive(projection: Projection, db: PoolClient): Promise<void> {
  await db.query(`create schema if not exists ${escapeIdentifier(projection.name)}`);
  await db.query('create table if not exists checkpoint (position bigint not null, shape text not null)');
}

/** How many rows of each table are in one schema and not in the other. */
export async function compare(db: PoolClient, live: string, copy: string): Promise<Record<string, number>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select distinct tablename as name from pg_tables where schemaname in ($1, $2) and tablename <> 'checkpoint' order by 1`,
    [live, copy],
  );
  const differences: Record<string, number> = {};
  for (const { name } of tables) {
    const [a, b] = [live, copy].map((schema) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
    const { rows } = await db.query<{ count: number }>(
      `select count(*)::int as count from ((table ${a} except all table ${b}) union all (table ${b} except all table ${a})) different`,
    );
    if (rows[0]!.count > 0) differences[name] = rows[0]!.count;
  }
  return differences;
}

async function swap(db: PoolClient, live: string, copy: string): Promise<void> {
  const [old, fresh] = [escapeIdentifier(live), escapeIdentifier(copy)];
  await db.query(`drop schema ${old} cascade`);
  await db.query(`alter schema ${fresh} rename to ${old}`);
}
