import { printable, type AnyEvent } from '@cliptally/contracts';
import {
  copyLog,
  exportLog,
  openEventStore,
  sealCopy,
  verifyExport,
  type EventStore,
  type EventStoreSettings,
} from '@cliptally/event-store';
import { UsageError, fields, personalDataKeys, readConfiguration } from '@cliptally/telemetry';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { auditEvents, readExport, reportOf, type Positions, type RawEvent } from './audit/index.js';
import { ARCHIVE_TAKES, ARCHIVE_USAGE, archive } from './archive.js';
import { openLog, type OpenDatabase } from './connection.js';
import { SKIP_TAKES, SKIP_USAGE, skips } from './skips.js';

const USAGE = `npm run events -- <command>

  tail              events as they come, until Ctrl-C
  stream ID         one stream, for example campaign-spring-drop
  since INSTANT     everything since 2026-11-23T12:00Z
  export FILE       the whole log as JSON Lines, each line with the hash of the one before
  verify FILE       checks such a file, also one of the archive: says the first line that was changed, removed or added
  audit             makes every decision about money anew from the part of the log that it was made on, by docs/money.md and code of its
                    own: one line for a sound log, else the first difference and status 1. With --export FILE (also .gz) it reads
                    such a file instead of the log; --positions ordinal says that decidedAt counts events, as in a log that was copied
  ${SKIP_USAGE}
  ${ARCHIVE_USAGE}
  seal              the log in PostgreSQL to the empty database of SEALED_DATABASE_URL, its personal texts sealed with PERSONAL_DATA_KEYS, compared
                    event by event: for a log of before texts were sealed
  copy              the log in PostgreSQL to the KurrentDB of KURRENTDB_URL, compared event by event; goes on where it was stopped`;

const line = ({ position, time, stream, revision, type, data }: AnyEvent): string =>
  printable(
    `${String(position).padStart(8)}  ${time}  ${stream}@${revision}  ${type}  ${JSON.stringify(data)}\n`,
  );

async function print(events: AsyncIterable<AnyEvent>): Promise<number> {
  let count = 0;
  for await (const event of events) {
    process.stdout.write(line(event));
    count++;
  }
  return count;
}

/** How many arguments a command takes, least and most. */
const TAKES: Record<string, [number, number]> = {
  tail: [0, 0],
  stream: [1, 1],
  since: [1, 1],
  export: [1, 1],
  verify: [1, 1],
  audit: [0, 4],
  copy: [0, 0],
  seal: [0, 0],
  ...ARCHIVE_TAKES,
  ...SKIP_TAKES,
};

/** What people read, with personal texts opened. */
const READS: ReadonlySet<string> = new Set(['tail', 'stream', 'since']);

/** Reads, checks, archives and copies the log. Gives the exit status. */
export async function events(
  [command = '', ...given]: string[],
  openDatabase: OpenDatabase,
): Promise<number> {
  const [least, most] = TAKES[command] ?? [Infinity, 0];
  if (given.length < least || given.length > most) throw new UsageError(USAGE);
  const [argument] = given;
  if (command === 'verify') return verify(argument!);
  const auditing = command === 'audit' ? auditOptions(given) : null;
  if (auditing?.file) return audit(readExport(auditing.file), auditing.positions);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const database = await openDatabase();
  let store: EventStore | undefined;
  try {
    if (command === 'copy' || command === 'seal') {
      await (command === 'copy' ? copy : seal)(database.url, stop.signal);
      return 0;
    }
    store = await openLog(database.url, READS.has(command));
    if (auditing) return await audit(store.readAll(0, { asWritten: true }), auditing.positions);
    if (command in SKIP_TAKES) await skips(command, given, store, database.url);
    else if (command in ARCHIVE_TAKES)
      await archive(command, given, store, database.url, stop.signal);
    else await run(store, command, argument ?? '', stop.signal);
    return 0;
  } finally {
    await store?.close();
    await database.close();
  }
}

async function run(
  store: EventStore,
  command: string,
  argument: string,
  signal: AbortSignal,
): Promise<void> {
  if (command === 'tail') await print(store.subscribe(await store.head(), signal));
  else if (command === 'stream') {
    if ((await print(store.readStream(argument))) === 0)
      throw new UsageError(`The stream "${argument}" has no events.`);
  } else if (command === 'since') {
    const since = Date.parse(argument);
    if (Number.isNaN(since))
      throw new UsageError(`"${argument}" is not an instant; write it like 2026-11-23T12:00Z.`);
    for await (const event of store.readAll(0))
      if (Date.parse(event.time) >= since) process.stdout.write(line(event));
  } else {
    await pipeline(exportLog(store), createWriteStream(argument));
    process.stdout.write(`The log up to position ${await store.head()} is in ${argument}.\n`);
  }
}

/**
 * Always from PostgreSQL to KurrentDB: EVENT_STORE, which says where the log is now, is switched
 * afterwards.
 */
async function copy(databaseUrl: string, signal: AbortSignal): Promise<void> {
  const { KURRENTDB_URL: kurrentdbUrl } = readConfiguration(
    z.object(fields.eventStore()),
    process.env,
  );
  await intoAnother(
    { eventStore: 'postgres', databaseUrl, connections: 2 },
    { eventStore: 'kurrentdb', databaseUrl, kurrentdbUrl },
    signal,
    async (from, to, onProgress) => {
      const done = await copyLog(from, to, { signal, onProgress });
      return `${done.copied} events were copied. All ${done.events} are the same in both: position ${done.from} in PostgreSQL is ${done.to} in KurrentDB.`;
    },
  );
}

/** Prints what `copyInto` says in the end; after an interruption the same command goes on. */
async function intoAnother(
  one: EventStoreSettings,
  other: EventStoreSettings,
  signal: AbortSignal,
  copyInto: (
    from: EventStore,
    to: EventStore,
    onProgress: ReturnType<typeof progressTo>,
  ) => Promise<string>,
): Promise<void> {
  const from = await openEventStore(one);
  let to: EventStore | undefined;
  try {
    to = await openEventStore(other);
    const said = await copyInto(from, to, progressTo(await from.head()));
    process.stdout.write(`\n${said}\n`);
  } catch (error) {
    if (signal.aborted) throw new UsageError('Stopped; the same command goes on from here.');
    throw error;
  } finally {
    await to?.close();
    await from.close();
  }
}

const progressTo =
  (head: number) =>
  ({ events }: { events: number }): void =>
    void process.stderr.write(`\r${events} events, of a log that ends at ${head}   `);

async function seal(databaseUrl: string, signal: AbortSignal): Promise<void> {
  const c = readConfiguration(
    z.object({ SEALED_DATABASE_URL: fields.databaseUrl(), ...personalDataKeys.variables }),
    process.env,
  );
  const personalKeys = personalDataKeys.read(c, { NODE_ENV: 'production' });
  await intoAnother(
    { databaseUrl, connections: 2, personalKeys },
    { databaseUrl: c.SEALED_DATABASE_URL, connections: 2, personalKeys },
    signal,
    async (from, to, onProgress) => {
      const done = await sealCopy(from, to, { signal, onProgress });
      return `${done.copied} events were copied and sealed. All ${done.events} read the same in both.`;
    },
  );
}

function auditOptions(args: string[]): { file?: string; positions: Positions } {
  const options = {
    export: { type: 'string' },
    positions: { type: 'string', default: 'auto' },
  } as const;
  try {
    const { values } = parseArgs({ args, options });
    const positions = (['auto', 'position', 'ordinal'] as const).find(
      (one) => one === values.positions,
    );
    if (positions)
      return { ...(values.export !== undefined && { file: values.export }), positions };
  } catch {
    // Anything else than these options.
  }
  throw new UsageError(USAGE);
}

async function audit(events: AsyncIterable<RawEvent>, positions: Positions): Promise<number> {
  const result = await auditEvents(events, { positions });
  process.stdout.write(printable(`${reportOf(result)}\n`));
  return result.findings.length === 0 ? 0 : 1;
}

async function verify(file: string): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  const input = createReadStream(file);
  const result = await verifyExport(file.endsWith('.gz') ? input.pipe(createGunzip()) : input);
  process.stdout.write(
    result.sound
      ? `${file} is sound: ${result.events} events, last hash ${result.hash}.\n`
      : `${file} is not sound: line ${result.line} ${result.fault}.\n`,
  );
  return result.sound ? 0 : 1;
}
