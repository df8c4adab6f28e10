import {
  isTransientInPostgres,
  systemTimers,
  upcast,
  type AnyEvent,
  type NewEvent,
  type Timers,
} from '@cliptally/contracts';
import type { Pool } from 'pg';
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
import { ArchiveReader } from '../archive/archive-reader.js';
import { migrate } from './migrate.js';
import { openPool } from './pool.js';
import { EVENT_COLUMNS, eventOf, type EventRow } from './rows.js';
import { PAGE, readStream, tailsOf } from './stream-reads.js';

export interface PostgresEventStoreOptions {
  url: string;
  /** Connections kept at most; 5 by default. */
  connections?: number;
  timers?: Timers;
}

/**
 * Events a query scans, at most, if filters may leave out nearly all of them: no statement
 * runs for long, however long the log.
 */
const WINDOW = 100_000;

/**
 * The log in one table of PostgreSQL; migrations/0001-log.sql.ts has how order and idempotence are
 * made.
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

  static readonly migrate = migrate;

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

  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<AnyEvent> {
    return readStream(this.#pool, this.#archive, stream, options);
  }

  tails(streams: readonly string[]): Promise<ReadonlyMap<string, Tail>> {
    return tailsOf(this.#pool, streams);
  }

  async *readAll(position: number, options: ReadAllOptions = {}): AsyncIterable<AnyEvent> {
    const end = options.upTo ?? (await this.head());
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
    const given = [types, streamPrefix].filter(Boolean);
    const ofTypes = types ? 'and type = any($4)' : '';
    const ofStreams = streamPrefix ? `and starts_with(stream, $${3 + given.length})` : '';
    const { rows } = await this.#pool.query<EventRow>({
      rowMode: 'array',
      // Ordered by the column: `position` alone would be the one that is selected, of another type,
      // which no index orders.
      name: `read-all-${types ? 't' : ''}${streamPrefix ? 's' : ''}`,
      text: `select ${EVENT_COLUMNS} from events where position > $1 and position <= $2 ${ofTypes} ${ofStreams} order by events.position limit $3`,
      values: [after, upTo, limit, ...given],
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
        for await (const event of this.readAll(at, { ...options, upTo: end })) {
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
