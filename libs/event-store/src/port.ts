import type { AnyEvent, EventType, NewEvent } from '@cliptally/contracts';

/**
 * What a writer expects of a stream: anything, that it does not exist, that it does, or its exact
 * last revision.
 */
export type ExpectedRevision = 'any' | 'none' | 'exists' | number;

export interface StreamAppend {
  stream: string;
  events: readonly NewEvent[];
  expected: ExpectedRevision;
}

export interface Appended {
  stream: string;
  /** Highest revision of the events given. */
  revision: number;
  /**
   * Highest position of the events given, or of a later event of the same call: a projection that
   * has passed it has seen the append.
   */
  position: number;
  /**
   * How many events were new; 0 when all of them were there already. Of processes that append one
   * event at the same moment, more than one may count it as its own if the store cannot distinguish
   * them (KurrentDB).
   */
  added: number;
}

/** Where a stream ends: revision and position of its newest event. */
export interface Tail {
  revision: number;
  position: number;
}

export interface ReadAllOptions {
  types?: readonly EventType[];
  streamPrefix?: string;
  /** At most this many events; all by default. */
  limit?: number;
  /** The log's end, for a reader who has just asked for it: nothing behind it is read. */
  upTo?: number;
  /**
   * Events as they were written, instead of as their newest version: for copies of the log, never
   * for those who act on it.
   */
  asWritten?: boolean;
}

export interface ReadStreamOptions {
  /** First revision read (forwards from 0, backwards from the end, by default). */
  from?: number;
  direction?: 'forwards' | 'backwards';
  limit?: number;
}

/**
 * The log. Events are appended to streams, never changed and never removed, and have one global
 * order.
 *
 * - Idempotent: an event whose id is already in the stream is a success that changes nothing,
 *   whatever was expected.
 * - `position` has no gaps for readers: who has read up to n has read everything before n, for
 *   ever. Positions are integers that grow, but not necessarily by one; only 0,
 *   {@link EventStore.head} and positions of events may be read from.
 * - An event that an older version of the program wrote is read as its newest version, see `upcast`
 *   of contracts.
 * - An append to one stream that is larger than the store writes at once (KurrentDB: 1 MiB) is
 *   written in parts, in order. A reader may then see its beginning first, and a crash or a refusal
 *   may leave no more than that; the same append made again adds exactly what is missing.
 */
export interface EventStore {
  /** What keeps the log. A position means something in its own log only. */
  readonly kind: 'postgres' | 'kurrentdb' | 'memory';

  /** Throws {@link WrongExpectedRevision}, {@link EventTooLarge} or {@link StoreUnavailable}. */
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<Appended>;

  /**
   * Many streams in one round trip; all or nothing if {@link atomicAcrossStreams} says so,
   * stream by stream if it does not. A stream may be named twice only if nothing is expected
   * of it ('any').
   */
  appendMany(appends: readonly StreamAppend[]): Promise<Appended[]>;

  readonly atomicAcrossStreams: boolean;

  /**
   * Whether an event id that is used in another stream is refused with {@link EventIdTaken}; else
   * it goes unnoticed.
   */
  readonly detectsForeignIds: boolean;

  /** An unknown stream reads as empty. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<AnyEvent>;

  /** Where each of these streams ends, in one go; nothing for a stream that does not exist. */
  tails(streams: readonly string[]): Promise<ReadonlyMap<string, Tail>>;

  /**
   * Everything after `position` (0 reads from the beginning), in order, up to the end of the log as
   * it is now.
   */
  readAll(position: number, options?: ReadAllOptions): AsyncIterable<AnyEvent>;

  /** Position of the last event, not counting events of the store's own; 0 for an empty log. */
  head(): Promise<number>;

  /**
   * Like {@link readAll}, and then waits for more until `signal` aborts. Survives a store that goes
   * away and comes back.
   */
  subscribe(
    position: number,
    signal: AbortSignal,
    options?: ReadAllOptions,
  ): AsyncIterable<AnyEvent>;

  close(): Promise<void>;
}

/**
 * Largest event, as JSON, that any store takes; a KurrentDB may be set to less, and its refusal
 * then names its own limit.
 */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** Last revision found; -1 if the stream does not exist. */
    readonly actual: number,
  ) {
    const found = actual < 0 ? 'does not exist' : `is at revision ${actual}`;
    super(
      `The stream "${stream}" was expected to be at "${expected}", but it ${found}: somebody wrote in between. Read it again and decide anew.`,
    );
  }
}

export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
  constructor(type: string, id: string, bytes: number, most: number = MAX_EVENT_BYTES) {
    super(
      `The event ${type} ${id} has ${bytes} bytes of data; at most ${most} are stored. Split what it says over several events.`,
    );
  }
}

/** An event id that is already used in another stream; two facts may never share an id. */
export class EventIdTaken extends Error {
  override readonly name = 'EventIdTaken';
  constructor(id: string, stream: string) {
    super(`The event id ${id} is already used outside the stream "${stream}".`);
  }
}

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
