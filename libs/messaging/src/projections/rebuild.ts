import { systemTimers, type AnyEvent, type Timers } from '@cliptally/contracts';
import { asStored, type EventStore } from '@cliptally/event-store';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { lockTables } from './lock-tables.js';
import {
  hasCheckpoint,
  inTransaction,
  lockCreation,
  moveCheckpoint,
  prepareProjection,
  takeAll,
  type Projection,
} from './projection.js';
import { skipsOf, type Skip } from './skips.js';

export interface RebuildProgress {
  /** Position where this call began: 0, or where an earlier one was stopped. */
  started: number;
  /** Position up to which events were applied; the last seconds may not be written yet. */
  position: number;
  head: number;
  events: number;
}

export interface RebuildResult {
  position: number;
  events: number;
  /** Position of the live tables when they were replaced. */
  live: number;
  /** What the copy leaves out, as people decided. */
  skipped: Skip[];
  /** False if the live tables were behind the copy: then nothing is known of differences. */
  compared: boolean;
  /**
   * Rows that differ between the copy and the live tables at the same position, by table; empty
   * if they are equal or were not compared.
   */
  differences: Record<string, number>;
  /**
   * Tables that could not be compared, as the program that made the live ones gave them another
   * form.
   */
  reshaped: string[];
}

/** Events, and lines of settlements, that are read before it is asked which rows they touch. */
const PIECE = 1_000;
/**
 * Rows and milliseconds after which is written what was folded. A row is thus written once for its
 * many events, memory is bounded, and a stop that kills loses little. The first piece is written by
 * itself, so that a person who sees progress can stop and go on.
 */
const SESSION = { rows: 50_000, ms: 3_000 };
const weightOf = ({ data }: AnyEvent) => ('lines' in data ? data.lines.length : 0) + 1;
const copyOf = (projection: Projection) => `${projection.name}_rebuild`;

/**
 * Builds a projection anew from the beginning of the log, beside the live one, which goes on
 * serving; then compares the two at the same position and swaps them in one transaction. Stopped in
 * between, it goes on where it was. `onProgress` is called after each piece.
 */
export async function rebuildProjection(
  projection: Projection,
  pool: Pool,
  store: EventStore,
  onProgress: (progress: RebuildProgress) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
  timers: Timers = systemTimers,
): Promise<RebuildResult> {
  // Tables have texts as sealed as the log has them.
  store = asStored(store);
  const copy = copyOf(projection);
  const skips = await skipsOf(projection, store);
  const started = await prepareProjection(projection, pool, store, copy, timers);
  let position = started;
  let events = 0;
  let patience = 0;
  const takeUpTo = async (head: number) => {
    const progress = (reached: number) => onProgress({ started, position: reached, head, events });
    const pieces = piecesOf(
      store.readAll(position, { types: projection.types }),
      position,
      head,
      signal,
      timers,
    );
    for (let piece = await pieces.next(); !piece.done;) {
      await inTransaction(pool, copy, async (db) => {
        // Nobody waits for the rows of a copy.
        await db.query(`set local idle_in_transaction_session_timeout = '60s'`);
        await moveCheckpoint(db, copy, position, position);
        const fold = projection.fold();
        const until = timers.now() + patience;
        let to = position;
        for (; !piece.done; piece = await pieces.next()) {
          if (to > position) {
            if (fold.size >= SESSION.rows || timers.now() >= until) break;
            progress(to);
          }
          await takeAll(fold, piece.value.events, db, skips);
          to = piece.value.to;
          events += piece.value.events.length;
        }
        await fold.save(db);
        await moveCheckpoint(db, copy, position, to);
        position = to;
      });
      patience = SESSION.ms;
      progress(position);
    }
    signal.throwIfAborted();
  };
  // What came meanwhile is caught up as well, before the live projection has to halt for the last
  // of it.
  for (let head = await store.head(); position < head; head = await store.head()) {
    const left = head - position;
    await takeUpTo(head);
    if (left <= PIECE) break;
  }
  // The live projection halts only for what came during the copy.
  return inTransaction(pool, projection.name, async (db) => {
    // It waits while other connections fill the copy.
    await db.query(`set local idle_in_transaction_session_timeout = '60s'`);
    await prepareLive(projection, db);
    // The table, not its row: who waits for a row keeps a lock on the table, which the swap would
    // wait for in turn.
    await db.query('lock table checkpoint in exclusive mode');
    const { rows } = await db.query<{ position: number }>(
      'select position::float8 from checkpoint where shape like $1',
      [`% ${store.kind}`],
    );
    const live = rows[0]?.position ?? 0;
    await takeUpTo(Math.max(live, position));
    const compared =
      live === position
        ? { compared: true, ...(await compare(db, projection.name, copy)) }
        : NOT_COMPARED;
    await lockTables(
      db,
      projection.name,
      timers,
      (cause) => new RebuildBlocked(projection.name, { cause }),
    );
    await swap(db, projection.name, copy);
    return { position, events, live, skipped: [...skips.values()], ...compared };
  });
}

/** The live projection is behind the copy: their rows are of different positions. */
const NOT_COMPARED = { compared: false, differences: {}, reshaped: [] };

/** Events between two positions, in pieces; ends early if `signal` aborts. */
async function* piecesOf(
  read: AsyncIterable<AnyEvent>,
  from: number,
  head: number,
  signal: AbortSignal,
  timers: Timers,
) {
  let events: AnyEvent[] = [];
  let weight = 0;
  let to = from;
  for await (const event of read) {
    if (event.position > head || signal.aborted) break;
    events.push(event);
    to = event.position;
    if ((weight += weightOf(event)) < PIECE) continue;
    // Folding never waits. Here the next page is asked for, and what of it has come is taken from
    // the socket, so that the store goes on.
    await timers.turn();
    yield { events, to };
    [events, weight] = [[], 0];
  }
  const end = signal.aborted ? to : head;
  if (events.length > 0 || end > to) yield { events, to: end };
}

/**
 * A projection that was never followed has nothing to compare with or to swap out. A service that
 * starts may create it meanwhile.
 */
async function prepareLive(projection: Projection, db: PoolClient): Promise<void> {
  if (await hasCheckpoint(db, projection.name)) return;
  await lockCreation(db, projection.name);
  if (await hasCheckpoint(db, projection.name)) return;
  await db.query(`create schema if not exists ${escapeIdentifier(projection.name)}`);
  await db.query(
    'create table if not exists checkpoint (position bigint not null, shape text not null)',
  );
}

/**
 * How many rows of each table are in one schema and not in the other, if both have the table in
 * the same form.
 */
export async function compare(
  db: PoolClient,
  live: string,
  copy: string,
): Promise<Pick<RebuildResult, 'differences' | 'reshaped'>> {
  const { rows: tables } = await db.query<{ name: string; same: boolean; columns: string }>(
    `select name, count(*) = 2 and count(distinct form) = 1 as same, min(columns) as columns from (
       select table_name as name, string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) as form,
         string_agg(quote_ident(column_name), ', ') as columns
       from information_schema.columns where table_schema in ($1, $2) and table_name <> 'checkpoint' group by table_schema, table_name
     ) forms group by name order by name`,
    [live, copy],
  );
  const differences: Record<string, number> = {};
  for (const { name, columns } of tables.filter(({ same }) => same)) {
    const [a, b] = [live, copy].map(
      (schema) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
    );
    const { rows } = await db.query<{ count: number }>(
      `select coalesce(sum(abs(more)), 0)::int as count from (
         select sum(side) as more from (select 1 as side, * from ${a} union all select -1, * from ${b}) sides group by ${columns}
       ) counted`,
    );
    if (rows[0]!.count > 0) differences[name] = rows[0]!.count;
  }
  return {
    differences,
    reshaped: tables.filter(({ same }) => !same).map(({ name }) => name),
  };
}

/** The swap would wait for readers that do not end; shown as one sentence. */
export class RebuildBlocked extends Error {
  override readonly name = 'RebuildBlocked';
  readonly expected = true;
  constructor(projection: string, options: ErrorOptions) {
    super(
      `The copy of the projection ${projection} is complete, but its tables are read all the time, so that they could not be swapped. Run the rebuild again; it goes on from here.`,
      options,
    );
  }
}

async function swap(db: PoolClient, live: string, copy: string): Promise<void> {
  const [old, fresh] = [escapeIdentifier(live), escapeIdentifier(copy)];
  await db.query(`drop schema ${old} cascade`);
  await db.query(`alter schema ${fresh} rename to ${old}`);
}
