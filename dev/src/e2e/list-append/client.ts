import { newEvent, type NewEvent } from '@cliptally/contracts';
import {
  PostgresEventStore,
  StoreUnavailable,
  WrongExpectedRevision,
  type ExpectedRevision,
} from '@cliptally/event-store';
import { randomUUID } from 'node:crypto';
import type { Note, Operation, Part, Seen } from './history.js';

/**
 * Clients of the log, as a process to be killed: writers, readers and a subscriber of one store,
 * which print each note of the history as a line of JSON before anything else happens. SIGTERM ends
 * what is under way and then the process.
 */
const [url, name] = process.argv.slice(2) as [string, string];
const store = new PostgresEventStore({ url, connections: 3 });
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

const STREAMS = 6;
const WRITERS = 3;
const READERS = 2;

type Ending = Pick<Extract<Note, { type: 'ok' }>, 'places' | 'seen'>;
type Untimed = Note extends infer N ? (N extends Note ? Omit<N, 'client' | 'time'> : never) : never;

const chance = (below: number): number => Math.floor(Math.random() * below);
/** One clock for all processes of this machine, in nanoseconds. */
const note = (client: string, said: Untimed): void => {
  process.stdout.write(
    `${JSON.stringify({ client, time: Number(process.hrtime.bigint()), ...said })}\n`,
  );
};

async function ask(
  client: string,
  operation: Operation,
  work: () => Promise<Ending>,
): Promise<void> {
  note(client, { type: 'invoke', operation });
  try {
    note(client, { type: 'ok', ...(await work()) });
  } catch (error) {
    const { name: why, message } = error as Error;
    // What is no refusal says nothing of whether it was done.
    note(client, {
      type: error instanceof WrongExpectedRevision ? 'fail' : 'info',
      why: error instanceof StoreUnavailable ? why : `${why}: ${message}`,
    });
  }
}

const eventOf = (id: string): NewEvent =>
  newEvent(
    'CampaignPaused',
    id,
    { campaignId: 'a', reason: name, by: 'test' },
    { time: new Date(), correlationId: id, causationId: id },
  );
const placeOf = ({ id, stream, revision, position }: Seen): Seen => ({
  id,
  stream,
  revision,
  position,
});
const streamOf = (nth: number): string => `campaign-list-${nth}`;

/** What the stream is at, of late; other writers may have been faster. */
const lasts = new Map<string, number>();
const expectedOf = (stream: string): ExpectedRevision => {
  const last = lasts.get(stream);
  const choice = chance(10);
  if (choice === 0) return 'none';
  if (choice === 1) return 'exists';
  return choice < 6 && last !== undefined ? last : 'any';
};

async function write(client: string): Promise<void> {
  const first = chance(STREAMS);
  const streams = chance(3) === 0 ? [first, (first + 1 + chance(STREAMS - 1)) % STREAMS] : [first];
  const parts: Part[] = streams.map((nth) => ({
    stream: streamOf(nth),
    ids: Array.from({ length: 1 + chance(3) }, () => randomUUID()),
    expected: expectedOf(streamOf(nth)),
  }));
  await ask(client, { kind: 'append', parts }, async () => {
    const appended = await store.appendMany(
      parts.map(({ stream, ids, expected }) => ({ stream, expected, events: ids.map(eventOf) })),
    );
    return { places: appended.map(({ revision, position }) => ({ revision, position })) };
  });
}

async function read(client: string): Promise<void> {
  if (chance(2) === 0) {
    const stream = streamOf(chance(STREAMS));
    await ask(client, { kind: 'read-stream', stream }, async () => {
      const seen = (await Array.fromAsync(store.readStream(stream))).map(placeOf);
      if (seen.length > 0) lasts.set(stream, seen.at(-1)!.revision);
      return { seen };
    });
    return;
  }
  const head = await store.head().catch(() => 0);
  const from = Math.max(0, head - chance(60));
  await ask(client, { kind: 'read-all', from }, async () => ({
    seen: (await Array.fromAsync(store.readAll(from))).map(placeOf),
  }));
}

/** Notes what it has seen from time to time, so that a kill loses little of it. */
async function follow(client: string): Promise<void> {
  let from = 0;
  while (!stop.signal.aborted) {
    const turn = AbortSignal.any([stop.signal, AbortSignal.timeout(500)]);
    await ask(client, { kind: 'subscribe', from }, async () => {
      const seen: Seen[] = [];
      for await (const event of store.subscribe(from, turn)) seen.push(placeOf(event));
      from = seen.at(-1)?.position ?? from;
      return { seen };
    });
  }
}

async function repeat(work: (client: string) => Promise<void>, client: string): Promise<void> {
  while (!stop.signal.aborted) {
    await work(client);
    await new Promise((resolve) => setTimeout(resolve, chance(20)));
  }
}

await Promise.all([
  ...Array.from({ length: WRITERS }, (_, i) => repeat(write, `${name}-writer-${i}`)),
  ...Array.from({ length: READERS }, (_, i) => repeat(read, `${name}-reader-${i}`)),
  follow(`${name}-subscriber`),
]);
await store.close();
