/**
 * An event as JSON, of any version and any writer. The auditor reads it with its own eyes: it
 * shares no code with the product, so that a mistake in one of them shows in the other.
 */
export interface RawEvent {
  id: string;
  type: string;
  version: number;
  /** ISO 8601, UTC. */
  time: string;
  correlationId: string;
  causationId: string;
  stream: string;
  /** Place in its stream, from 0. */
  revision: number;
  /** Place in the log; grows, and is dense from 1 in PostgreSQL alone. */
  position: number;
  data: Record<string, unknown>;
}

/**
 * A log that was copied into another store says `decidedAt` in the positions of its source: there
 * they were ordinals, dense from 1.
 */
export type Positions = 'auto' | 'position' | 'ordinal';

/** Where an event is in the log that is read: its position, and how many events are up to it. */
export interface Place {
  position: number;
  ordinal: number;
}

/** The last place of a prefix. */
export interface Cut {
  by: keyof Place;
  value: number;
}

export const isIn = (place: Place, cut: Cut): boolean => place[cut.by] <= cut.value;

export interface Fact {
  event: RawEvent;
  place: Place;
}

/** What an auditor says of an event that is not as the rules have it. */
export interface Finding {
  /** In plain words. */
  what: string;
  expected: string;
  found: string;
  event: { id: string; type: string; stream: string; revision: number; position: number };
  /** Other events to read beside it, as `stream@revision`. */
  see: string[];
}

/** Takes one finding; `see` are the events or streams that show it. */
export type Report = (
  event: RawEvent,
  what: string,
  expected: unknown,
  found: unknown,
  see?: readonly (RawEvent | string)[],
) => void;

export const textOf = (data: Record<string, unknown>, field: string): string => {
  const value = data[field];
  return typeof value === 'string' ? value : '';
};

/**
 * An exact whole number from 0 up, or null for what is none: an amount or a count that JSON may
 * have rounded is not to be computed with.
 */
export function wholeOf(value: unknown): bigint | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? BigInt(value)
    : null;
}

/** As {@link wholeOf}, with 0 for what is none. Callers have reported it by then. */
export const amountOf = (data: Record<string, unknown>, field: string): bigint =>
  wholeOf(data[field]) ?? 0n;

export type Line = Record<string, unknown>;
export const linesOf = (event: RawEvent): Line[] =>
  Array.isArray(event.data['lines']) ? (event.data['lines'] as Line[]) : [];

/** Milliseconds since 1970. */
export const millis = (instant: string): number => Date.parse(instant);

/** Null in version 1 and in imports; undefined where it is neither a position nor null. */
export function decidedAtOf(event: RawEvent): number | null | undefined {
  const value = event.data['decidedAt'];
  if (value === null || value === undefined) return null;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Who settles; any other is a person. */
export const SETTLEMENT = 'cliptally:settlement';
export const IMPORT = 'cliptally:import';
export const STRIPE = 'cliptally:stripe';
/** The largest sum that a number of JSON says exactly. */
export const MOST = BigInt(Number.MAX_SAFE_INTEGER);
export const addressOf = ({ stream, revision }: RawEvent): string => `${stream}@${revision}`;
