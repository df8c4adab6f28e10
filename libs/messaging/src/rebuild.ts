import type { AnyEvent } from '@cliptally/contracts';
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
  /** Tables that could not be compared, as the program that made the live ones gave them another form. */
  reshaped: string[];
}

/**
 * Events and their lines that are written at once. A large batch writes a row once for its many events; the first ones are small, so that
 * the bar soon shows how fast it goes and little is lost by a stop.
 */
const BATCH = { first: 2_500, largest: 50_000 };
const weightOf = ({ data }: AnyEvent) => ('lines' in data ? data.lines.length : 0) + 1;
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
  const started = await prepareProjection(projection, pool, store, copy);
  let position = started;
  let events = 0;
  let size = BATCH.first;
  const takeUpTo = async (head: number) => {
    let batch: AnyEvent[] = [];
    let weight = 0;
    let written = Promise.resolve();
    // While one batch is written, the next is read.
    const write = async (to: number) => {
      await written;
      const [from, taken] = [position, batch];
      [position, batch, weight, size] = [to, [], 0, Math.min(2 * size, BATCH.largest)];
      written = advance(projection, pool, taken, from, to, copy).then(() => onProgress({ started, position: to, head, events }));
      written.catch(() => {});
    };
    for await (const event of store.readAll(position, { types: projection.types })) {
      if (event.position > head || signal.aborted) break;
      batch.push(event);
      events++;
      if ((weight += weightOf(event)) >= size) await write(event.position);
    }
    if (position < head && !signal.aborted) await write(head);
    await written;
    signal.throwIfAborted();
    onProgress({ started, position, head, events });
  };
  // What came meanwhile is caught up as well, before the live projection has to stand still for the last of it.
  for (let head = await store.head(); position < head; head = await store.head()) {
    const left = head - position;
    await takeUpTo(head);
    if (left <= BATCH.first) break;
  }
  // The live projection stands still only for what came during the copy.
  return inTransaction(pool, projection.name, async (db) => {
    // It waits while other connections fill the copy.
    await db.query(`set local idle_in_transaction_session_timeout = '60s'`);
    await prepareLive(projection, db);
    const { rows } = await db.query<{ position: number }>('select position::float8 from checkpoint where shape like $1 for update', [
      `% ${store.kind}`,
    ]);
    const live = rows[0]?.position ?? 0;
    await takeUpTo(Math.max(live, position));
    const compared = live === position ? await compare(db, projection.name, copy) : { differences: {}, reshaped: [] };
    await swap(db, projection.name, copy);
    return { position, events, ...compared };
  });
}

/** A projection that was never followed has nothing to compare with or to swap out. */
async function prepareLive(projection: Projection, db: PoolClient): Promise<void> {
  await db.query(`create schema if not exists ${escapeIdentifier(projection.name)}`);
  await db.query('create table if not exists checkpoint (position bigint not null, shape text not null)');
}

/** How many rows of each table are in one schema and not in the other, where both have the table in the same form. */
export async function compare(db: PoolClient, live: string, copy: string): Promise<Pick<RebuildResult, 'differences' | 'reshaped'>> {
  const { rows: tables } = await db.query<{ name: string; same: boolean }>(
    `select name, count(*) = 2 and count(distinct form) = 1 as same from (
       select table_name as name, string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) as form
       from information_schema.columns where table_schema in ($1, $2) and table_name <> 'checkpoint' group by table_schema, table_name
     ) forms group by name order by name`,
    [live, copy],
  );
  const differences: Record<string, number> = {};
  for (const { name } of tables.filter(({ same }) => same)) {
    const [a, b] = [live, copy].map((schema) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
    const { rows } = await db.query<{ count: number }>(
      `select count(*)::int as count from ((table ${a} except all table ${b}) union all (table ${b} except all table ${a})) different`,
    );
    if (rows[0]!.count > 0) differences[name] = rows[0]!.count;
  }
  return { differences, reshaped: tables.filter(({ same }) => !same).map(({ name }) => name) };
}

async function swap(db: PoolClient, live: string, copy: string): Promise<void> {
  const [old, fresh] = [escapeIdentifier(live), escapeIdentifier(copy)];
  await db.query(`drop schema ${old} cascade`);
  await db.query(`alter schema ${fresh} rename to ${old}`);
}
