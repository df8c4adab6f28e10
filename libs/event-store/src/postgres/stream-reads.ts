import { upcast, type AnyEvent } from '@cliptally/contracts';
import type { Pool } from 'pg';
import type { ArchiveReader } from '../archive/archive-reader.js';
import type { ReadStreamOptions, Tail } from '../port.js';
import { EVENT_COLUMNS, eventOf, type EventRow } from './rows.js';

/**
 * Events a query brings at most: large enough for the speed of a cursor, without a transaction that
 * stays open.
 */
export const PAGE = 5_000;
/** No event has this revision, and PostgreSQL can still compare with it. */
const BEYOND_REVISIONS = 2 ** 31 - 1;
/** The events of one stream. */
export async function* readStream(
  pool: Pool,
  archive: ArchiveReader,
  stream: string,
  { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
): AsyncIterable<AnyEvent> {
  const forwards = direction === 'forwards';
  let next = Math.min(from ?? (forwards ? 0 : Infinity), BEYOND_REVISIONS);
  for (let left = limit; left > 0;) {
    const { rows } = await pool.query<EventRow>({
      rowMode: 'array',
      name: `read-stream-${direction}`,
      text: `select ${EVENT_COLUMNS} from events where stream = $1 and revision ${forwards ? '>=' : '<='} $2
               order by revision ${forwards ? 'asc' : 'desc'} limit $3`,
      values: [stream, next, Math.min(left, PAGE)],
    });
    await archive.fill(rows);
    for (const row of rows) yield upcast(eventOf(row));
    if (rows.length < Math.min(left, PAGE)) return;
    left -= rows.length;
    next = rows.at(-1)![2] + (forwards ? 1 : -1);
  }
}

/** The newest revision and position of each of the streams that exist. */
export async function tailsOf(
  pool: Pool,
  streams: readonly string[],
): Promise<ReadonlyMap<string, Tail>> {
  const { rows } = await pool.query<[string, number, number]>({
    rowMode: 'array',
    name: 'tails',
    text: `select stream, revision, position::float8 from unnest($1::text[]) named (stream) cross join lateral
               (select revision, position from events where events.stream = named.stream order by revision desc limit 1) newest`,
    values: [streams],
  });
  return new Map(rows.map(([stream, revision, position]) => [stream, { revision, position }]));
}
