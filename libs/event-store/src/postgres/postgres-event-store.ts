import {
  isTransientInPostgres,
  systemTimers,
  upcast,
  type AnyEvent,
  type NewEvent,
  type Timers,
} from '@cliptally/contracts';
import { fileURLToPath } from 'node:url';
import { readdir } from 'node:fs/promises';
import { Client, type Pool } from 'pg';
import { serialise } from '../checks.js';
import type {
  Appended,
  EventStore,
  ExpectedRevision,
  ReadAllOptions,
  ReadStreamOptions,
  StreamAppend,
  Tail,
} from '../port.js';
import { AppendQueue } from './append-queue.js';
import { AppendSignal } from './append-signal.js';
import { ArchiveReader } from './archive-reader.js';
import { openPool } from './pool.js';
import { EVENT_COLUMNS, eventOf, type EventRow } from './rows.js';

export interface PostgresEventStoreOptions {
  url: string;
  /** Connections kept at most; 5 by default. */
  connections?: number;
  timers?: Timers;
}

/** No event has this revision, and PostgreSQL can still compare with it. */
const BEYOND_REVISIONS = 2 ** 31 - 1;
/**
 * Events a query brings at most: large enough for the speed of a cursor, without a transaction that
 * stays open.
 */
const PAGE = 5_000;
/**
 * Events a query looks at, at most, where filters may leave out nearly all of them: no statement
 * runs for long, however long the log.
 */
const WINDOW = 100_000;

/**
 * The log in one table of PostgreSQL; see 0001_events.sql for how order and idempotence are made.
 */
export class PostgresEventStore implements EventStore {
  readonly kind = 'postgres';
  readonly atomicAcrossStreams = true;
  readonly detectsForeignIds = true;
  readonly #timers: Timers;
  readonly #pool: Pool;
  readonly #queue: AppendQueue;
  readonly #signal: AppendSignal;
  readonly #archive: ArchiveReader;

  constructor({ url, connections = 5, timers = systemTimers }: PostgresEventStoreOptions) {
    this.#timers = timers;
    this.#pool = openPool(url, 'log', connections);
    this.#queue = new AppendQueue(this.#pool, timers);
    this.#signal = new AppendSignal(url, timers);
    this.#archive = new ArchiveReader(this.#pool);
  }

  /**
   * Brings the tables to the newest form; safe to call from several processes at once, and beside
   * running services. Throws {@link MigrationMissing} where there is something to do and this role
   * may not do it.
   */
  static async migrate(url: string): Promise<void> {
    const dir = fileURLToPath(new URL('../../src/postgres/migrations/', import.meta.url));
    if (await isCurrent(url, dir)) return;
    // Loaded only where there is something to do: it would stay in the memory of every service.
    const { runner } = await import('node-pg-migrate');
    await runner({
      databaseUrl: url,
      dir,
      migrationsTable: MIGRATIONS,
      direction: 'up',
      advisoryLockMode: 'wait',
      log: () => {},
    });
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<Appended> {
    return (await this.appendMany([{ stream, events, expected }]))[0]!;
  }

  async appendMany(appends: readonly StreamAppend[]): Promise<Appended[]> {
    const data = serialise(appends);
    return appends.length === 0 ? [] : this.#queue.append(appends, data);
  }

  async *readStream(
    stream: string,
    { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
  ): AsyncIterable<AnyEvent> {
    const forwards = direction === 'forwards';
    let next = Math.min(from ?? (forwards ? 0 : Infinity), BEYOND_REVISIONS);
    for (let left = limit; left > 0;) {
      const { rows } = await this.#pool.query<EventRow>({
        rowMode: 'array',
        name: `read-stream-${direction}`,
        text: `select ${EVENT_COLUMNS} from events where stream = $1 and revision ${forwards ? '>=' : '<='} $2
               order by revision ${forwards ? 'asc' : 'desc'} limit $3`,
        values: [stream, next, Math.min(left, PAGE)],
      });
      await this.#archive.fill(rows);
      for (const row of rows) yield upcast(eventOf(row));
      if (rows.length < Math.min(left, PAGE)) return;
      left -= rows.length;
      next = rows.at(-1)![2] + (forwards ? 1 : -1);
    }
  }

  async tails(streams: readonly string[]): Promise<ReadonlyMap<string, Tail>> {
    const { rows } = await this.#pool.query<[string, number, number]>({
      rowMode: 'array',
      name: 'tails',
      text: `select stream, revision, position::float8 from unnest($1::text[]) named (stream) cross join lateral
               (select revision, position from events where events.stream = named.stream order by revision desc limit 1) newest`,
      values: [streams],
    });
    return new Map(rows.map(([stream, revision, position]) => [stream, { revision, position }]));
  }

  async *readAll(position: number, options: ReadAllOptions = {}): AsyncIterable<AnyEvent> {
    const end = await this.head();
    const filtered = options.types || options.streamPrefix;
    let left = options.limit ?? Infinity;
    const pageAfter = (after: number) => {
      const [upTo, size] = [filtered ? Math.min(end, after + WINDOW) : end, Math.min(left, PAGE)];
      const rows = left > 0 && after < end ? this.#page(after, upTo, size, options) : null;
      // A reader who stops early never asks what became of the page that was read ahead.
      rows?.catch(() => {});
      return { rows, upTo, size };
    };
    // While one page is worked on, PostgreSQL reads the next.
    for (let page = pageAfter(position); page.rows;) {
      const rows = await page.rows;
      left -= rows.length;
      page = pageAfter(rows.length < page.size ? page.upTo : rows.at(-1)![0]);
      await this.#archive.fill(rows);
      for (const row of rows) yield options.asWritten ? eventOf(row) : upcast(eventOf(row));
    }
  }

  async #page(
    after: number,
    upTo: number,
    limit: number,
    { types, streamPrefix }: ReadAllOptions,
  ): Promise<EventRow[]> {
    const filters = [
      types && 'and type = any($4)',
      streamPrefix && `and starts_with(stream, $${types ? 5 : 4})`,
    ]
      .filter(Boolean)
      .join(' ');
    const { rows } = await this.#pool.query<EventRow>({
      rowMode: 'array',
      // Ordered by the column: `position` alone would be the one that is selected, of another type,
      // which no index orders.
      name: `read-all-${types ? 't' : ''}${streamPrefix ? 's' : ''}`,
      text: `select ${EVENT_COLUMNS} from events where position > $1 and position <= $2 ${filters} order by events.position limit $3`,
      values: [
        after,
        upTo,
        limit,
        ...(types ? [types] : []),
        ...(streamPrefix ? [streamPrefix] : []),
      ],
    });
    return rows;
  }

  async head(): Promise<number> {
    const { rows } = await this.#pool.query<{ head: number }>(
      'select coalesce(max(position), 0)::float8 as head from events',
    );
    return rows[0]!.head;
  }

  async *subscribe(
    position: number,
    signal: AbortSignal,
    options: ReadAllOptions = {},
  ): AsyncIterable<AnyEvent> {
    let at = position;
    for (let failures = 0; !signal.aborted;) {
      const changed = this.#signal.next(signal);
      try {
        const end = await this.head();
        for await (const event of this.readAll(at, options)) {
          if (signal.aborted) return;
          yield event;
          at = event.position;
        }
        at = Math.max(at, end);
        failures = 0;
      } catch (error) {
        // The store may be away for as long as the reader cares to wait; the reader says when to
        // stop.
        if (!isTransientInPostgres(error) || signal.aborted) throw error;
        failures = Math.min(failures + 1, 6);
        await this.#timers.sleep(50 * 2 ** failures, signal);
        continue;
      }
      await changed;
    }
  }

  async close(): Promise<void> {
    await this.#signal.close();
    await this.#pool.end();
  }
}

const MIGRATIONS = 'event_store_migrations';

/**
 * The tables are older than this program, and its role is not the one that changes them; shown as
 * one sentence.
 */
export class MigrationMissing extends Error {
  override readonly name = 'MigrationMissing';
  readonly expected = true;
  constructor() {
    super(
      'The tables of the log are missing or of an older form, and this role may not change them: run tools/ops/dist/main.js migrate as their owner first.',
    );
  }
}

/**
 * Whether the newest of the migrations has been made. Throws {@link MigrationMissing} where it has
 * not and this role may not make it.
 */
async function isCurrent(url: string, dir: string): Promise<boolean> {
  const newest = (await readdir(dir))
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .at(-1)!;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ there: boolean; may: boolean }>(
      `select to_regclass($1) is not null as there, has_schema_privilege('public', 'create') as may`,
      [MIGRATIONS],
    );
    const { there, may } = rows[0]!;
    const made =
      there &&
      (
        await client.query(`select from ${MIGRATIONS} where name = $1`, [
          newest.replace(/\.sql$/, ''),
        ])
      ).rowCount === 1;
    if (!made && !may) throw new MigrationMissing();
    return made;
  } finally {
    await client.end();
  }
}
