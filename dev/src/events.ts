import type { AnyEvent } from '@cliptally/contracts';
import { PostgresEventStore, exportLog, verifyExport, type EventStore } from '@cliptally/event-store';
import { explain } from '@cliptally/telemetry';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openDatabase } from './connection.js';
import { UsageError } from './options.js';

const USAGE = `npm run events -- <command>

  tail              events as they come, until Ctrl-C
  stream ID         one stream, for example campaign-spring-drop
  since INSTANT     everything since 2026-11-23T12:00Z
  export FILE       the whole log as JSON Lines, each line with the hash of the one before
  verify FILE       checks such a file: says the first line that was changed, removed or added`;

const line = ({ position, time, stream, revision, type, data }: AnyEvent): string =>
  `${String(position).padStart(8)}  ${time}  ${stream}@${revision}  ${type}  ${JSON.stringify(data)}\n`;

async function print(events: AsyncIterable<AnyEvent>): Promise<number> {
  let count = 0;
  for await (const event of events) {
    process.stdout.write(line(event));
    count++;
  }
  return count;
}

async function main([command, argument, ...rest]: string[]): Promise<number> {
  const wants = { tail: false, stream: true, since: true, export: true, verify: true }[command ?? ''];
  if (wants === undefined || rest.length > 0 || wants !== (argument !== undefined)) throw new UsageError(USAGE);
  if (command === 'verify') return verify(argument!);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const database = await openDatabase();
  const store: EventStore = new PostgresEventStore({ url: database.url, connections: 2 });
  try {
    await run(store, command!, argument ?? '', stop.signal);
    return 0;
  } finally {
    await store.close();
    await database.close();
  }
}

async function run(store: EventStore, command: string, argument: string, signal: AbortSignal): Promise<void> {
  if (command === 'tail') await print(store.subscribe(await store.head(), signal));
  else if (command === 'stream') {
    if ((await print(store.readStream(argument))) === 0) throw new UsageError(`The stream "${argument}" has no events.`);
  } else if (command === 'since') {
    const since = Date.parse(argument);
    if (Number.isNaN(since)) throw new UsageError(`"${argument}" is not an instant; write it like 2026-11-23T12:00Z.`);
    for await (const event of store.readAll(0)) if (Date.parse(event.time) >= since) process.stdout.write(line(event));
  } else {
    await pipeline(exportLog(store), createWriteStream(argument));
    process.stdout.write(`The log up to position ${await store.head()} is in ${argument}.\n`);
  }
}

async function verify(file: string): Promise<number> {
  const result = await verifyExport(createReadStream(file, 'utf8'));
  process.stdout.write(
    result.sound
      ? `${file} is sound: ${result.events} events, last hash ${result.hash}.\n`
      : `${file} is not sound: line ${result.line} ${result.fault}.\n`,
  );
  return result.sound ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(
    `${(error as { code?: string }).code === 'ENOENT' ? `There is no file ${(error as { path?: string }).path}.` : explain(error)}\n`,
  );
  process.exitCode = 1;
}
