import { EVENTS, EVENT_TYPES, type EventType } from '@cliptally/contracts';
import { mkdir, open, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Pool, PoolClient } from 'pg';
import { chained, hashOfLine } from '../export/export.js';
import type { EventStore } from '../port.js';
import { archiveFiles, type ArchiveFile } from './archive-reader.js';

/**
 * Work that is over: nothing is appended to its streams any more, and only history is read from
 * them. Streams of clips, campaigns and people live on: decisions and pages read them from their
 * begin, and would unpack a file for each week of a clip.
 */
export const ARCHIVABLE: readonly EventType[] = EVENT_TYPES.filter((type) =>
  ['tracking-run', 'scrape-batch'].includes(EVENTS[type].category),
);
/** Positions a file covers: a reader unpacks a whole file. */
const POSITIONS = 10_000;

/** From which age on events of a type are archived, in milliseconds; others stay. */
export type ArchiveAges = ReadonlyMap<EventType, number>;

export interface ArchiveOptions {
  folder: string;
  /** Age is measured from the log's newest event. Only types of {@link ARCHIVABLE}. */
  ages: ArchiveAges;
  signal: AbortSignal;
  onFile?: (path: string, events: number) => void;
}

/** Types that are archived together: they have one age, and are archived up to one position. */
interface Part {
  types: EventType[];
  olderThanMs: number;
  upTo: number;
}

/**
 * Moves the data of old tracking runs and batches from the table to compressed files, which readers
 * join back. The log's own newest event is what age is measured by. A file is on the disk before
 * its events lose their data; stopped at any moment, the same call goes on. Returns how many events
 * were archived, and up to which position the archive has each type.
 */
export async function archiveLog(
  pool: Pool,
  store: EventStore,
  options: ArchiveOptions,
): Promise<{ events: number; upTo: ReadonlyMap<EventType, number> }> {
  for (const type of options.ages.keys())
    if (!ARCHIVABLE.includes(type)) throw new Error(`Events of the type ${type} are not archived.`);
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true });
  const db = await pool.connect();
  try {
    const { rows } = await db.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(hashtext('cliptally.archive'), 0) as mine`,
    );
    if (!rows[0]!.mine) throw new Error('Another process is archiving this log at the moment.');
    const parts = partsOf(options.ages, await archiveFiles(pool));
    let events = 0;
    for (const part of parts) events += await archivePart(db, store, part, { ...options, folder });
    const upTo = parts.flatMap((part) => part.types.map((type) => [type, part.upTo] as const));
    return { events, upTo: new Map(upTo) };
  } finally {
    // A connection that cannot give the lock back ends, and the lock with it.
    await db.query(`select pg_advisory_unlock(hashtext('cliptally.archive'), 0)`).then(
      () => db.release(),
      () => db.release(true),
    );
  }
}

/** A file has all types of a part, so that few ages make few files. */
function partsOf(ages: ArchiveAges, files: readonly ArchiveFile[]): Part[] {
  const parts = new Map<string, Part>();
  for (const [type, olderThanMs] of ages) {
    const upTo = files.findLast(({ types }) => types.includes(type))?.last ?? 0;
    const key = `${olderThanMs} ${upTo}`;
    const part = parts.get(key) ?? { types: [], olderThanMs, upTo };
    part.types.push(type);
    parts.set(key, part);
  }
  return [...parts.values()];
}

/** Moves `part.upTo` to the end of what it archived. Gives how many events those are. */
async function archivePart(
  db: PoolClient,
  store: EventStore,
  part: Part,
  options: ArchiveOptions,
): Promise<number> {
  for (let events = 0; ;) {
    const last = options.signal.aborted ? part.upTo : await lastOld(db, part);
    if (last <= part.upTo) return events;
    events += await archiveFile(db, store, part, last, options);
    part.upTo = last;
  }
}

/**
 * The last position of the next file: before the first event that is too young, and at most
 * {@link POSITIONS} on.
 */
async function lastOld(db: PoolClient, { upTo, olderThanMs }: Part): Promise<number> {
  const { rows } = await db.query<{ last: number | null }>(
    `select coalesce(min(position) filter (where time > newest - $2 * interval '1 ms') - 1, max(position))::float8 as last
     from events, (select time as newest from events order by position desc limit 1) n where position > $1 and position <= $1 + $3`,
    [upTo, olderThanMs, POSITIONS],
  );
  return rows[0]!.last ?? upTo;
}

async function archiveFile(
  db: PoolClient,
  store: EventStore,
  { types, upTo }: Part,
  last: number,
  { folder, onFile }: ArchiveOptions,
): Promise<number> {
  const first = upTo + 1;
  const some = types.length < ARCHIVABLE.length ? `-${types.join('-')}` : '';
  const file = `cliptally-${first}-${last}${some}.jsonl.gz`;
  const path = join(folder, file);
  let events = 0;
  let hash = '';
  const covered = async function* () {
    for await (const event of store.readAll(first - 1, { types, asWritten: true })) {
      if (event.position > last) return;
      yield event;
    }
  };
  const lines = async function* () {
    for await (const line of chained(covered())) {
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
    await db.query(
      'insert into archives (first_position, last_position, folder, file, events, hash, types) values ($1, $2, $3, $4, $5, $6, $7)',
      [first, last, folder, file, events, hash, types],
    );
    const { rowCount } = await db.query(
      `update events set data = null, correlation_id = '', causation_id = '' where position between $1 and $2 and type = any($3)`,
      [first, last, types],
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
