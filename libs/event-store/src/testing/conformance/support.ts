import { newEvent, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import type { Appended, EventStore, ExpectedRevision } from '../../port.js';

/** How much the suite does of what takes long. */
export interface Sizes {
  /** How often two writers compete for each expectation. */
  races: number;
  /** Writers beside a subscription, and events they append. */
  writers: number;
  events: number;
  /** Events of the largest single append, and of one that stops halfway. */
  run: number;
  halted: number;
}

/** The cases of one theme, for a store that is open when they run. */
export type Theme = (opened: () => EventStore, sizes: Sizes) => void;

const at = { time: '2026-01-01T00:00:00.000Z', correlationId: 'c', causationId: 'c' };

/** A small valid event; `note` makes it recognisable. */
export const paused = (note = 'n', id: string = randomUUID()): NewEvent =>
  newEvent('CampaignPaused', id, { campaignId: 'a', reason: note, by: 'test' }, at);
export const resumed = (): NewEvent =>
  newEvent('CampaignResumed', randomUUID(), { campaignId: 'a', by: 'test' }, at);
export const freshStream = (prefix = 'campaign') => `${prefix}-${randomUUID()}`;
export const noteOf = (event: AnyEvent) => (event.data as { reason: string }).reason;

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The first `count` events that a subscription gives. */
export async function first(
  store: EventStore,
  count: number,
  from: number,
  options = {},
): Promise<AnyEvent[]> {
  const stop = new AbortController();
  const seen: AnyEvent[] = [];
  if (count > 0)
    for await (const event of store.subscribe(from, stop.signal, options)) {
      seen.push(event);
      if (seen.length === count) stop.abort();
    }
  return seen;
}

export const appendTo =
  (opened: () => EventStore) =>
  (stream: string, expected: ExpectedRevision, ...made: NewEvent[]): Promise<Appended> =>
    opened().append(stream, made, expected);
