import type { NewEvent } from '@cliptally/contracts';
import {
  checkExpected,
  EventTooLarge,
  StoreUnavailable,
  type Appended,
  type ExpectedRevision,
  type StreamAppend,
} from '@cliptally/event-store';
import type { Connection, Recorded } from './connection.js';
import { hasType } from './faults.js';
import { KnownStreams, type KnownStream } from './known-streams.js';
import { positionOf, proposedOf, sizeOf } from './stored-event.js';
import { Turns } from './turns.js';

/**
 * How often an append reads its streams again because others wrote to them in between; each time,
 * one of them succeeded.
 */
const LOST_RACES = 100;
/** Streams that are read at once. */
const READS_AT_ONCE = 32;

interface Part {
  event: NewEvent;
  bytes: number;
}

/** All that one call wants of one stream. */
interface StreamWrite {
  known: KnownStream;
  expected: ExpectedRevision;
  parts: Part[];
}

/** What is sent at once: for each stream the events that it does not hold yet. */
type Session = { known: KnownStream; parts: Part[] }[];

/**
 * Appends in sessions of KurrentDB (25.1 and newer), each of which the server takes whole or not at
 * all. Whatever the caller expects, every session names the exact revision it was made for: the
 * server then refuses it if anybody wrote in between, and recognises it by its ids if only the
 * answer was lost.
 */
export class Appender {
  readonly #connection: Connection;
  readonly #known: KnownStreams;
  readonly #turns = new Turns();
  /**
   * Bytes of one session of one stream; becomes smaller when the server says that it takes less.
   */
  #chunkBytes: number;

  constructor(connection: Connection, chunkBytes: number) {
    this.#connection = connection;
    this.#known = new KnownStreams(connection);
    this.#chunkBytes = chunkBytes;
  }

  append(appends: readonly StreamAppend[], data: readonly string[]): Promise<Appended[]> {
    const streams = [...new Set(appends.map(({ stream }) => stream))];
    return this.#turns.take(streams, () => this.#append(appends, data));
  }

  async #append(appends: readonly StreamAppend[], data: readonly string[]): Promise<Appended[]> {
    const writes = this.#byStream(appends, data);
    await this.#refresh(writes);
    const fresh = new Set(
      writes.flatMap(({ known, parts }) =>
        parts.map(({ event }) => event.id).filter((id) => !known.revisions.has(id)),
      ),
    );
    let position = -1;
    for (let lost = 0, done = fresh.size === 0; !done;) {
      const missing = writes.flatMap(missingOf);
      try {
        for (const session of this.#sessions(missing)) position = await this.#send(session);
        done = true;
      } catch (error) {
        this.#judge(error, missing);
        if (++lost > LOST_RACES)
          throw new StoreUnavailable(
            'Too many others write to the same stream; the append may be tried again as it is.',
            { cause: error },
          );
        // What is missing may have been added by somebody else with the same ids; then the position
        // is theirs.
        position = -1;
        await this.#refresh(writes);
      }
    }
    const known = new Map(writes.map((write) => [write.known.stream, write.known]));
    return inTurn(appends, async ({ stream, events }) => {
      const { revisions } = known.get(stream)!;
      const revision = events.reduce(
        (highest, { id }) => Math.max(highest, revisions.get(id)!),
        -1,
      );
      const added = events.filter(({ id }) => fresh.has(id)).length;
      return {
        stream,
        revision,
        position: added > 0 && position >= 0 ? position : await this.#positionAt(stream, revision),
        added,
      };
    });
  }

  #byStream(appends: readonly StreamAppend[], data: readonly string[]): StreamWrite[] {
    const writes = new Map<string, StreamWrite>();
    let i = 0;
    for (const { stream, events, expected } of appends) {
      const write = writes.get(stream) ?? { known: this.#known.of(stream), expected, parts: [] };
      writes.set(stream, write);
      for (const event of events) write.parts.push({ event, bytes: sizeOf(event, data[i++]!) });
    }
    return [...writes.values()];
  }

  async #refresh(writes: readonly StreamWrite[]): Promise<void> {
    await inTurn(writes, ({ known }) => this.#known.refresh(known));
  }

  /**
   * One stream alone may need several sessions; many streams are one, but for names that the server
   * takes for the same.
   */
  #sessions(missing: Session): Session[] {
    if (missing.length === 1) {
      const [{ known, parts }] = missing as [Session[number]];
      return chunksOf(parts, this.#chunkBytes).map((chunk) => [{ known, parts: chunk }]);
    }
    const sessions: Map<string, Session[number]>[] = [];
    for (const write of missing) {
      // Within a session KurrentDB compares names without regard to case, and ids of videos differ
      // by it.
      const name = write.known.stream.toLowerCase();
      const session = sessions.find((s) => !s.has(name));
      if (session) session.set(name, write);
      else sessions.push(new Map([[name, write]]));
    }
    return sessions.map((session) => [...session.values()]);
  }

  /**
   * Returns the position of the last event; -1 if the server recognised the session but does not
   * know its position yet.
   */
  async #send(session: Session): Promise<number> {
    const requests = session.map(({ known, parts }) => ({
      streamName: known.stream,
      expectedState: known.last < 0 ? ('no_stream' as const) : BigInt(known.last),
      events: parts.map(({ event }) => proposedOf(event)),
    }));
    const { position } = await this.#connection.ask((client) => client.multiStreamAppend(requests));
    for (const { known, parts } of session)
      for (const { event } of parts) this.#known.add(known, event.id, known.last + 1);
    return Number(position);
  }

  /**
   * Returns if another attempt is worth while; otherwise throws what the caller has to know.
   */
  #judge(error: unknown, missing: Session): void {
    if (hasType(error, 'wrong-expected-version')) return;
    if (hasType(error, 'unsupported'))
      throw new Error(
        'This KurrentDB is too old: Cliptally needs at least version 25.1, which writes several streams as one.',
        {
          cause: error,
        },
      );
    const { maxSize, size, recordId } = error as {
      maxSize: number;
      size: number;
      recordId?: string;
    };
    const parts = missing.flatMap((write) => write.parts);
    if (hasType(error, 'append-record-size-exceeded')) {
      const { event } = parts.find((part) => part.event.id === recordId)!;
      throw new EventTooLarge(event.type, event.id, size, maxSize);
    }
    if (!hasType(error, 'transaction-max-size-exceeded')) throw error;
    const { event, bytes } = parts.reduce((largest, part) =>
      part.bytes > largest.bytes ? part : largest,
    );
    if (bytes > maxSize) throw new EventTooLarge(event.type, event.id, bytes, maxSize);
    if (missing.length > 1)
      throw new RangeError(
        `This append to ${missing.length} streams has at least ${size} bytes, and this KurrentDB writes at most ${maxSize} as one. Split it, or raise MaxAppendSize of the server.`,
      );
    // An event that was estimated too small would be sent for ever.
    if (this.#chunkBytes <= maxSize / 2)
      throw new EventTooLarge(event.type, event.id, size, maxSize);
    this.#chunkBytes = Math.min(maxSize, this.#chunkBytes / 2);
  }

  async #positionAt(stream: string, revision: number): Promise<number> {
    const read = this.#connection.read<Recorded>((client) =>
      client.readStream(stream, { fromRevision: BigInt(revision), maxCount: 1 }),
    );
    for await (const recorded of read) return positionOf(recorded);
    throw new Error(
      `The stream "${stream}" has lost its revision ${revision}: something has truncated or deleted it.`,
    );
  }
}

/** The events that a stream does not hold yet, if it is at the expected revision. */
function missingOf({ known, expected, parts }: StreamWrite): Session {
  const missing = parts.filter(({ event }) => !known.revisions.has(event.id));
  if (missing.length === 0) return [];
  checkExpected(known.stream, expected, known.last, parts.length - missing.length);
  return [{ known, parts: missing }];
}

function chunksOf(parts: readonly Part[], limit: number): Part[][] {
  const chunks: Part[][] = [];
  let room = 0;
  for (const part of parts) {
    if (part.bytes > room) {
      chunks.push([]);
      room = limit;
    }
    chunks.at(-1)!.push(part);
    room -= part.bytes;
  }
  return chunks;
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += READS_AT_ONCE)
    results.push(...(await Promise.all(items.slice(i, i + READS_AT_ONCE).map(work))));
  return results;
}
