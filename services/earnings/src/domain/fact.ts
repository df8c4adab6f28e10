import {
  EVENTS,
  instantMs,
  type EventData,
  type EventInput,
  type EventType,
} from '@cliptally/contracts';

/**
 * What a rule decides: an event without id, time, causes and `decidedAt`, which the caller adds
 * when it appends.
 */
export type Decided<T extends EventType = EventType> = {
  [K in T]: { type: K; data: EventInput<K> };
}[T];

/**
 * The data of the event, with the position of the log that the decision was made at if the event
 * says it.
 */
export const decidedAt = <T extends EventType>(
  { type, data }: Decided<T>,
  position: number | null,
): EventInput<T> =>
  'decidedAt' in EVENTS[type].schema.shape ? { ...data, decidedAt: position } : data;

/**
 * What a fold reads of a stored event; `time` is the instant of the decision. A stored event is a
 * fact as it is.
 */
export type Fact<T extends EventType = EventType> = {
  [K in T]: { id: string; type: K; time: string; data: EventData<K> };
}[T];

/** Instants are compared as milliseconds: their texts may differ in precision. */
export const ms = instantMs;

/**
 * Order of two instants. Two texts to the millisecond are ordered as they are, at a tenth of the
 * cost: a clip's are compared at each observation.
 */
export const byInstant = (a: string, b: string): number =>
  isPlain(a) && isPlain(b) ? byText(a, b) : ms(a) - ms(b);
const isPlain = (instant: string): boolean => instant.length === 24 && instant.endsWith('Z');

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** Ids are compared by code unit: a locale would order them differently on different machines. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
