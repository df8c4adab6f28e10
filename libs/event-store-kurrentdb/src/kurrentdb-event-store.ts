import { longLived, upcast, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import {
  serialise,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type ReadAllOptions,
  type ReadStreamOptions,
  type StreamAppend,
  type Tail,
} from '@cliptally/event-store';
import { BACKWARDS, END, FORWARDS, START } from '@kurrent/kurrentdb-client';
import { Appender } from './appender.js';
import { Connection, type AllRecorded, type Recorded } from './connection.js';
import { hasType } from './faults.js';
import { eventOf, clientPositionOf, positionOf, serverFilter, wanted } from './stored-event.js';
import { subscribe } from './subscription.js';

export interface KurrentDbEventStoreOptions {
  /**
   * A connection string: `kurrentdb://user:password@host:2113?tls=true`, or
   * `kurrentdb+discover://...` for a cluster.
   */
  url: string;
  /**
   * Bytes of one session of appends to one stream; 1 MiB by default, because the client holds a
   * session some thirty times over in memory while it packs it. A larger append is written in
   * several, and one that was interrupted is completed by making it again.
   */
  chunkBytes?: number;
}

/**
 * The log in KurrentDB, 25.1 or newer. What differs from PostgreSQL: positions are offsets in the
 * server's log, so they grow but are not dense; an append to one stream that is larger than a chunk
 * is not atomic; an event id that is used in another stream goes unnoticed; and an appended
 * position may be that of a later event of the same call.
 */
export class KurrentDbEventStore implements EventStore {
  readonly kind = 'kurrentdb';
  readonly atomicAcrossStreams = true;
  readonly detectsForeignIds = false;
  readonly #connection: Connection;
  readonly #appender: Appender;
  readonly #closing = longLived();

  constructor({ url, chunkBytes = 2 ** 20 }: KurrentDbEventStoreOptions) {
    this.#connection = new Connection(url);
    this.#appender = new Appender(this.#connection, chunkBytes);
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
    return appends.length === 0 ? [] : this.#appender.append(appends, data);
  }

  async *readStream(
    stream: string,
    { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
  ): AsyncIterable<AnyEvent> {
    const forwards = direction === 'forwards';
    if (limit <= 0) return;
    let left = limit;
    let last: bigint | undefined;
    const read = this.#connection.read<Recorded>((client) =>
      client.readStream(stream, {
        direction: forwards ? FORWARDS : BACKWARDS,
        fromRevision: last ?? (from !== undefined ? BigInt(from) : forwards ? START : END),
        ...(left < Infinity && { maxCount: last === undefined ? left : left + 1 }),
      }),
    );
    try {
      for await (const recorded of read) {
        // A read that was interrupted begins again with the event it had reached.
        if (recorded.revision === last) continue;
        last = recorded.revision;
        yield upcast(eventOf(recorded));
        if (--left === 0) return;
      }
    } catch (error) {
      if (!hasType(error, 'stream-not-found')) throw error;
    }
  }

  /** A read for each stream: the server has no question about many. */
  async tails(streams: readonly string[]): Promise<ReadonlyMap<string, Tail>> {
    const newest = await Promise.all(
      streams.map((stream) =>
        Array.fromAsync(this.readStream(stream, { direction: 'backwards', limit: 1 })),
      ),
    );
    return new Map(
      newest.flat().map(({ stream, revision, position }) => [stream, { revision, position }]),
    );
  }

  async *readAll(position: number, options: ReadAllOptions = {}): AsyncIterable<AnyEvent> {
    let left = options.types?.length === 0 ? 0 : (options.limit ?? Infinity);
    const end = left > 0 ? (options.upTo ?? (await this.head())) : 0;
    let at = position;
    if (at >= end) return;
    const read = this.#connection.read<AllRecorded>((client) =>
      client.readAll({
        fromPosition: at > 0 ? clientPositionOf(at) : START,
        filter: serverFilter(options),
      }),
    );
    for await (const recorded of read) {
      const next = positionOf(recorded);
      if (next > end) return;
      // The server begins with the event at the position.
      if (next > at && wanted(recorded, options)) {
        yield options.asWritten ? eventOf(recorded) : upcast(eventOf(recorded));
        if (--left <= 0) return;
      }
      at = Math.max(at, next);
      if (at === end) return;
    }
  }

  /**
   * Position of the last event of Cliptally's own, so that KurrentDB's events after it never seem
   * to be missing ones.
   */
  async head(): Promise<number> {
    const read = this.#connection.read<AllRecorded>((client) =>
      client.readAll({
        direction: BACKWARDS,
        fromPosition: END,
        maxCount: 1,
        filter: serverFilter({}),
      }),
    );
    for await (const recorded of read) return positionOf(recorded);
    return 0;
  }

  subscribe(
    position: number,
    signal: AbortSignal,
    options: ReadAllOptions = {},
  ): AsyncIterable<AnyEvent> {
    return subscribe(
      this.#connection,
      position,
      AbortSignal.any([signal, this.#closing.signal]),
      options,
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connection.close();
  }
}
