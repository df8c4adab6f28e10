import {
  ARCHIVABLE,
  archiveLog,
  moveArchive,
  openPool,
  type ArchiveAges,
  type EventStore,
} from '@cliptally/event-store';
import { UsageError, fields } from '@cliptally/telemetry';

export const ARCHIVE_USAGE = `archive DIR [AGE] moves old tracking runs and batches to files in DIR, from AGE on (720h, 30d, or ages by type of event as in
                    365d,ClipTrackingRequested=30d), else from ARCHIVE_AFTER on, else from 90d on; everything that reads the log
                    needs DIR from then on
  archived-at DIR   tells the log that the files of its archive are in DIR now`;

/** How many arguments these commands take, least and most. */
export const ARCHIVE_TAKES: Record<string, [number, number]> = {
  archive: [1, 2],
  'archived-at': [1, 1],
};

/** Moves old work of the log in PostgreSQL to files, or says where these are now. */
export async function archive(
  command: string,
  [folder, age]: string[],
  store: EventStore,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  if (process.env['EVENT_STORE'] === 'kurrentdb')
    throw new UsageError('KurrentDB archives its log by itself; this command is for PostgreSQL.');
  const ages =
    age === undefined
      ? agesOf(process.env['ARCHIVE_AFTER']?.trim() || '90d', 'ARCHIVE_AFTER')
      : agesOf(age, 'The age');
  const pool = openPool(url, 'archive', 3);
  try {
    if (command === 'archived-at') {
      const moved = await moveArchive(pool, folder!);
      process.stdout.write(`${moved} files of the archive are now looked for in ${folder}.\n`);
      return;
    }
    const onFile = (path: string, count: number) =>
      process.stderr.write(`${path}: ${count} events\n`);
    const { events, upTo } = await archiveLog(pool, store, {
      folder: folder!,
      ages,
      signal,
      onFile,
    });
    const done =
      events === 0
        ? 'Nothing new is old enough'
        : `${events} events of tracking runs and batches were archived`;
    process.stdout.write(`${done}; the archive covers the log up to position ${placesOf(upTo)}.\n`);
  } finally {
    await pool.end();
  }
}

/**
 * Ages by type of event, from a text such as "90d" or "365d,ClipTrackingRequested=30d": an age
 * without a type is that of all types that have none. `name` says where the text is from.
 */
export function agesOf(text: string, name: string): ArchiveAges {
  const ages = new Map<string, number>();
  for (const part of text.split(',')) {
    const [age, type = ''] = part
      .trim()
      .split('=')
      .toReversed()
      .map((word) => word.trim()) as [string, string?];
    const fault = (what: string) => new UsageError(`${name}: "${part.trim()}" ${what}.`);
    if (type !== '' && !ARCHIVABLE.some((one) => one === type))
      throw fault(
        `names no type that is archived: these are ${ARCHIVABLE.join(', ')}, whose streams are over`,
      );
    const read = fields.duration('').safeParse(age);
    if (!read.success) throw fault(read.error.issues[0]!.message);
    if (ages.has(type))
      throw fault(type === '' ? 'is a second age for all types' : 'names its type a second time');
    ages.set(type, read.data);
  }
  return new Map(
    ARCHIVABLE.flatMap((type) => {
      const age = ages.get(type) ?? ages.get('');
      return age === undefined ? [] : [[type, age]];
    }),
  );
}

/** "100", or "100 (A, B) and 50 (C)" if types are archived up to different positions. */
function placesOf(upTo: ReadonlyMap<string, number>): string {
  const places = Map.groupBy(upTo, ([, position]) => position);
  if (places.size === 1 && upTo.size === ARCHIVABLE.length) return String([...places.keys()][0]);
  return Array.from(places, ([at, of]) => `${at} (${of.map(([type]) => type).join(', ')})`).join(
    ' and ',
  );
}
