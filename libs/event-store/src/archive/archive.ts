import { EVENTS, EVENT_TYPES } from '@cliptally/contracts';
import { mkdir, open, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Pool, PoolClient } from 'pg';
import { chained, hashOfLine } from '../export/export.js';
import type { EventStore } from '../port.js';
import { archiveFiles } from './archive-reader.js';

/**
 * Work that is over: nothing is appended to its streams any more, and only history is read from
 * them.
 */
const ARCHIVED = EVENT_TYPES.filter((type) =>
  ['tracking-run', 'scrape-batch'].includes(EVENTS[type].category),
);
/** Positions a file covers: a reader unpacks a whole file. */
const POSITIONS = 10_000;

export interface ArchiveOptions {
  folder: string;
  /**
   * Events that are older than the log's newest event by at least this many milliseconds are
   * archived.
   */
  olderThanMs: number;
  signal: AbortSignal;
  onFile?: (path: string, events: number) => void;
}

/**
 * Moves the data of old tracking runs and batches from the table to compressed files, which readers
 * join back. The log's own newest event is what age is measured by. A file is on the disk before
 * its events lose their data; stopped at any moment, the same call goes on. Returns how many events
 * were archived, and up to which position.
 */
export async function archiveLog(
  pool: Pool,
  store: EventStore,
  options: ArchiveOptions,
): Promise<{ events: number; upTo: number }> {
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true });
  const db = await pool.connect();
  try {
    const { rows } = await db.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(hashtext('cliptally.archive'), 0) as mine`,
    );
    if (!rows[0]!.mine) throw new Error('Another process is archiving this log at the moment.');
    let upTo = (await archiveFiles(pool)).at(-1)?.last ?? 0;
    for (let events = 0; ;) {
      const last = options.signal.aborted ? upTo : await lastOld(db, upTo, options.olderThanMs);
      if (last <= upTo) return { events, upTo };
      events += await archivePart(db, store, { folder, first: upTo + 1, last }, options);
      upTo = last;
    }
  } finally {
    // A connection that cannot give the lock back ends, and the lock with it.
    await db.query(`select pg_advisory_unlock(hashtext('cliptally.archive'), 0)`).then(
      () => db.release(),
      () => db.release(true),
    );
  }
}

/**
 * The last position of the next file: before the first event that is too young, and at most
 * {@link POSITIONS} on.
 */
async function lastOld(db: PoolClient, after: number, olderThanMs: number): Promise<number> {
  const { rows } = await db.query<{ last: number | null }>(
    `select coalesce(min(position) filter (where time > newest - $2 * interval '1 ms') - 1, max(position))::float8 as last
     from events, (select time as newest from events order by position desc limit 1) n where position > $1 and position <= $1 + $3`,
    [after, olderThanMs, POSITIONS],
  );
  return rows[0]!.last ?? after;
}

interface Part {
  folder: string;
  first: number;
  last: number;
}

async function archivePart(
  db: PoolClient,
  store: EventStore,
  { folder, first, last }: Part,
  { onFile }: ArchiveOptions,
): Promise<number> {
  const file = `cliptally-${first}-${last}.jsonl.gz`;
  const path = join(folder, file);
  let events = 0;
  let hash = '';
  const part = async function* () {
    for await (const event of store.readAll(first - 1, { types: ARCHIVED, asWritten: true })) {
      if (event.position > last) return;
      yield event;
    }
  };
  const lines = async function* () {
    for await (const line of chained(part())) {
      events++;
      hash = hashOfLine(line);
      yield line;
    }
  };
  const handle = await open(`${path}.new`, 'w');
  await pipeline(lines, createGzip({ level: 9 }), handle.createWriteStream({ flush: true }));
  await rename(`${path}.new`, path);
  await db.query('begin');
  try {
    await db.query('insert into archives values ($1, $2, $3, $4, $5, $6)', [
      first,
      last,
      folder,
      file,
      events,
      hash,
    ]);
    const { rowCount } = await db.query(
      `update events set data = null, correlation_id = '', causation_id = '' where position between $1 and $2 and type = any($3)`,
      [first, last, ARCHIVED],
    );
    if (rowCount !== events)
      throw new Error(`The file ${path} has ${events} events, and the log has ${rowCount} there.`);
    await db.query('commit');
  } catch (error) {
    await db.query('rollback');
    throw error;
  }
  onFile?.(path, events);
  return events;
}

/** Records that the archive files are in another folder now. */
export async function moveArchive(pool: Pool, folder: string): Promise<number> {
  const { rowCount } = await pool.query('update archives set folder = $1', [resolve(folder)]);
  return rowCount ?? 0;
}
