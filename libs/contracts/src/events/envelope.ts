import { EVENTS, type EventData, type EventInput, type EventType } from './catalog.js';

/** An event as a decider makes it, before the store gives it a place. */
export interface NewEvent<T extends EventType = EventType> {
  id: string;
  type: T;
  version: number;
  /** When it happened, by the simulated clock (ISO 8601, UTC). */
  time: string;
  /** The first cause: one value from the request to the last event that follows from it. */
  correlationId: string;
  /** Id of the event or command that directly caused this one. */
  causationId: string;
  data: EventData<T>;
}

/** An event with its place in the log. */
export interface StoredEvent<T extends EventType = EventType> extends NewEvent<T> {
  stream: string;
  /** Place in its stream, from 0. */
  revision: number;
  /**
   * Place in the whole log; grows from 1, and a reader who has seen n has seen everything before n.
   */
  position: number;
}

/** One stored event of any type, so that a switch on `type` narrows `data`. */
export type AnyEvent = { [T in EventType]: StoredEvent<T> }[EventType];

export interface EventContext {
  time: Date | string;
  correlationId: string;
  causationId: string;
}

/**
 * Makes a new event of the newest version, checked against its schema. Throws a ZodError that names
 * each wrong field.
 */
export function newEvent<T extends EventType>(
  type: T,
  id: string,
  data: EventInput<T>,
  context: EventContext,
): NewEvent<T> {
  const { version, schema } = EVENTS[type];
  return {
    id,
    type,
    version,
    time: typeof context.time === 'string' ? context.time : context.time.toISOString(),
    correlationId: context.correlationId,
    causationId: context.causationId,
    data: schema.parse(data) as EventData<T>,
  };
}
