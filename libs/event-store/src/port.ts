import type { AnyEvent, EventType, NewEvent } from '@cliptally/contracts';

/** What a writer expects of a stream: anything, that it does not exist, that it does, or its exact last revision. */
export type ExpectedRevision = 'any' | 'none' | 'exists' | number;

export interface StreamAppend {
  stream: string;
  events: readonly NewEvent[];
  expected: ExpectedRevision;
}

export interface Appended {
  stream: string;
  /** Revision of the last event given. */
  revision: number;
  /** Position of the last event given; a projection that has passed it has seen the append. */
  position: number;
  /** How many events were new; 0 when all of them were there already. */
  added: number;
}

export interface ReadAllOptions {
  types?: readonly EventType[];
  streamPrefix?: string;
  /** At most this many events; all by default. */
  limit?: number;
}

export interface ReadStreamOptions {
  /** First revision read (forwards from 0, backwards from the end, by default). */
  from?: number;
  direction?: 'forwards' | 'backwards';
  limit?: number;
}

/**
 * The log. Events are appended to streams, never changed and never removed, and have one global order.
 *
 * - Idempotent: an event whose id is already in the stream is a success that changes nothing, whatever was expected.
 * - `position` has no gaps for readers: who has read up to n has read everything before n, for ever.
 */
export interface EventStore {
  /** Throws {@link WrongExpectedRevision}, {@link EventTooLarge} or {@link StoreUnavailable}. */
  append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<Appended>;

  /**
   * Many streams in one round trip; all or nothing where {@link atomicAcrossStreams} says so, stream by stream where it does not.
   * A stream may be named twice only where nothing is expected of it ('any').
   */
  appendMany(appends: readonly StreamAppend[]): Promise<Appended[]>;

  readonly atomicAcrossStreams: boolean;

  /** An unknown stream reads as empty. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<AnyEvent>;

  /** Everything after `position` (0 reads from the beginning), in order, up to the end of the log as it is now. */
  readAll(position: number, options?: ReadAllOptions): AsyncIterable<AnyEvent>;

  /** Position of the last event; 0 for an empty log. */
  head(): Promise<number>;

  /** Like {@link readAll}, and then waits for more until `signal` aborts. Survives a store that goes away and comes back. */
  subscribe(position: number, signal: AbortSignal, options?: ReadAllOptions): AsyncIterable<AnyEvent>;

  close(): Promise<void>;
}

/** Largest event, as JSON. */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** Last revision found; -1 where the stream does not exist. */
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
  constructor(type: string, id: string, bytes: number) {
    super(
      `The event ${type} ${id} has ${bytes} bytes of data; at most ${MAX_EVENT_BYTES} are stored. Split what it says over several events.`,
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
