import {
  assertReadable,
  systemTimers,
  type AnyEvent,
  type EventType,
  type Timers,
} from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { createHash } from 'node:crypto';
import { escapeIdentifier, type ClientBase, type Pool, type PoolClient } from 'pg';
import { EventNotApplied } from './event-not-applied.js';
import { lockTables } from './lock-tables.js';
import { without, type Skips } from './skips.js';

/**
 * A read model of the log, as tables in a schema of its own. Everything in them follows
 * from the events alone, so they can be thrown away and built again: no clock, no randomness, no
 * outside reads.
 */
export interface Projection {
  /** Name of its schema. */
  name: string;
  /**
   * Raise it when rules change; changed tables are noticed by themselves. The projection is then
   * built anew from the beginning of the log.
   */
  version: number;
  types: readonly EventType[];
  /** `create table ...` statements, without schema names. */
  tables: string;
  /** Begins with nothing in memory. */
  fold(): Fold;
}

/**
 * Rows in memory that events change: given any number of events, then saved once, within one
 * transaction that also moves the checkpoint.
 */
export interface Fold {
  /** Reads the rows that the events touch, unless they are in memory. */
  load(events: readonly AnyEvent[], db: ClientBase): Promise<void>;
  /** Applies one of the events that were loaded for, in order. */
  take(event: AnyEvent): void;
  /** Rows that are to be written, about. */
  readonly size: number;
  save(db: ClientBase): Promise<void>;
}

/** Another process has moved the checkpoint: this one is no longer the projector. */
export class NotTheFollower extends Error {
  override readonly name = 'NotTheFollower';
}

/**
 * Tables of an older version are to be replaced, but somebody reads them all the time; shown as one
 * sentence.
 */
export class ProjectionBlocked extends Error {
  override readonly name = 'ProjectionBlocked';
  readonly expected = true;
  constructor(schema: string, options: ErrorOptions) {
    super(
      `The tables of the projection ${schema} are of another version and are read all the time, so that they could not be replaced. ` +
        'Nothing was changed: run the same command again, or stop the services that read them first.',
      options,
    );
  }
}

/** What a checkpoint must have been made for: this version of the rules, and these tables. */
const shapeOf = ({ version, tables }: Projection): string =>
  createHash('sha256').update(`${version}\n${tables}`).digest('hex').slice(0, 16);

const quoted = (schema: string) => escapeIdentifier(schema);

/**
 * Creates the schema if it is missing, of another version, or made from another store's log; gives
 * the position from which to follow. Throws {@link ProjectionBlocked}.
 */
export async function prepareProjection(
  projection: Projection,
  pool: Pool,
  { kind }: Pick<EventStore, 'kind'>,
  schema = projection.name,
  timers: Timers = systemTimers,
): Promise<number> {
  const madeFor = `${shapeOf(projection)} ${kind}`;
  return inTransaction(pool, schema, async (db) => {
    // Two replicas may start at once; the second one waits here and then finds everything made.
    await lockCreation(db, schema);
    if (await hasCheckpoint(db, schema)) {
      const { rows } = await db.query<{ shape: string; position: number }>(
        'select shape, position::float8 from checkpoint',
      );
      if (rows[0]!.shape === madeFor) return rows[0]!.position;
    }
    await lockTables(db, schema, timers, (cause) => new ProjectionBlocked(schema, { cause }));
    await db.query(`drop schema if exists ${quoted(schema)} cascade`);
    await db.query(`create schema ${quoted(schema)}`);
    await db.query('create table checkpoint (position bigint not null, shape text not null)');
    await db.query('insert into checkpoint values (0, $1)', [madeFor]);
    await db.query(projection.tables);
    return 0;
  });
}

/** Until the transaction ends, nobody else creates or replaces the schema. */
export async function lockCreation(db: ClientBase, schema: string): Promise<void> {
  await db.query('select pg_advisory_xact_lock(hashtext($1), 1)', [schema]);
}

/**
 * Not to_regclass: it answers from the connection's cache of names, which may be from before a wait
 * for an advisory lock. PostgreSQL renews that cache when it locks a table, as it does for this
 * query.
 */
export async function hasCheckpoint(db: ClientBase, schema: string): Promise<boolean> {
  const { rows } = await db.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'checkpoint'`,
    [schema],
  );
  return rows.length > 0;
}

/**
 * Applies events and moves the checkpoint from `from` to `to`, all or nothing. Throws
 * {@link NotTheFollower} if the checkpoint is not at `from`, and EventTooNew.
 */
export async function advance(
  projection: Projection,
  pool: Pool,
  events: readonly AnyEvent[],
  from: number,
  to: number,
  skips: Skips,
): Promise<void> {
  await inTransaction(pool, projection.name, async (db) => {
    await moveCheckpoint(db, projection.name, from, to);
    if (events.length === 0) return;
    const fold = projection.fold();
    await takeAll(fold, events, db, skips);
    await fold.save(db);
  });
}

/**
 * Locks the checkpoint until the transaction ends, and moves it forwards. Throws
 * {@link NotTheFollower} if it is not at `from`, and a RangeError for a way back: events would be
 * applied twice.
 */
export async function moveCheckpoint(
  db: ClientBase,
  schema: string,
  from: number,
  to: number,
): Promise<void> {
  if (to < from)
    throw new RangeError(
      `The checkpoint of the projection ${schema} cannot go back from ${from} to ${to}.`,
    );
  const moved = await db.query(
    'update checkpoint set position = $2 where position = $1 and position <= $2',
    [from, to],
  );
  if (moved.rowCount !== 1)
    throw new NotTheFollower(
      `The checkpoint of the projection ${schema} is no longer at ${from}: another process has moved it.`,
    );
}

/** Folds what is not skipped. Throws EventTooNew and {@link EventNotApplied}. */
export async function takeAll(
  fold: Fold,
  given: readonly AnyEvent[],
  db: ClientBase,
  skips: Skips,
): Promise<void> {
  const events = without(given, skips);
  for (const event of events) assertReadable(event);
  await fold.load(events, db);
  for (const event of events)
    try {
      fold.take(event);
    } catch (error) {
      throw new EventNotApplied(event, error);
    }
}

/** Runs `work` in one transaction with the projection's schema as the search path. */
export async function inTransaction<T>(
  pool: Pool,
  schema: string,
  work: (db: PoolClient) => Promise<T>,
): Promise<T> {
  const db = await pool.connect();
  let broken: Error | undefined;
  try {
    await db.query(`begin; set local search_path to ${quoted(schema)}`);
    const result = await work(db);
    await db.query('commit');
    return result;
  } catch (error) {
    await db.query('rollback').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    db.release(broken);
  }
}

const UNDEFINED_TABLE = '42P01';

/**
 * Position that this version of the projection has reached, as any replica can read it; 0 if it
 * does not exist yet.
 */
export async function positionOf(projection: Projection, pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ position: number }>(
      `select position::float8 from ${quoted(projection.name)}.checkpoint where starts_with(shape, $1)`,
      [shapeOf(projection)],
    );
    return rows[0]?.position ?? 0;
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return 0;
    throw error;
  }
}
