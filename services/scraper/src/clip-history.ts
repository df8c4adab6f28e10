import {
  outcomeId,
  streams,
  type AnyEvent,
  type ClipTrackingRequested,
  type EventType,
  type ImplausibleFigure,
  type SeenPost,
} from '@cliptally/contracts';
import type { EventStore, Tail } from '@cliptally/event-store';
import { areAllGone, isGone, isSilentAboutAll } from './domain/gone.js';
import { implausible } from './domain/observation-plausibility.js';
import { isGoneForADay, type Witness } from './domain/retirement.js';
import type { Scrape, ScrapeResult } from './domain/scrape.js';

type Event<T extends EventType> = Extract<AnyEvent, { type: T }>;

/**
 * Observations that follow what is said of a clip as a whole (its restoration, its view field): it
 * stands before the first of them, or beside it if scrapes were under way or a process died.
 */
const SEEN_OFTEN = 3;

/** Events that are read at once to find an outcome, which nearly always follows its request. */
const READ_AT_ONCE = 20;

/** The events of a clip of some types, the newest first. */
async function* newest<T extends EventType>(
  store: EventStore,
  clipId: string,
  ...types: readonly T[]
): AsyncGenerator<Event<T>> {
  const events = store.readStream(streams.clip(clipId), { direction: 'backwards' });
  for await (const event of events)
    if ((types as readonly EventType[]).includes(event.type)) yield event as Event<T>;
}

/**
 * Whether the log has the request's outcome, in a stream that ends at `tail`. It reads nothing for
 * a new request, and some ten events for a request that has hundreds of events behind it.
 */
export async function hasOutcome(
  store: EventStore,
  { clipId, requestId }: ClipTrackingRequested,
  position: number,
  tail: Tail,
): Promise<boolean> {
  if (tail.position < position) return false;
  const stream = streams.clip(clipId);
  let [from, to] = [0, tail.revision];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [event] = await Array.fromAsync(store.readStream(stream, { from: middle, limit: 1 }));
    if (event!.position < position) from = middle + 1;
    else to = middle;
  }
  for (; from <= tail.revision; from += READ_AT_ONCE)
    for await (const event of store.readStream(stream, { from, limit: READ_AT_ONCE }))
      if (event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed')
        if (event.data.requestId === requestId) return true;
  return false;
}

/**
 * The clip's view field: what a person has said, else that of its observations. A scrape that was
 * under way meanwhile may be logged behind that word. A zero from before figures were judged fixes
 * none.
 */
export async function viewFieldOf(store: EventStore, clipId: string): Promise<string | null> {
  const found: string[] = [];
  for await (const { type, data } of newest(store, clipId, 'ViewsRecorded', 'ViewFieldChanged')) {
    if (type === 'ViewFieldChanged') return data.to;
    if (implausible(data, null) === null) found.push(data.metric);
    if (found.length === SEEN_OFTEN) break;
  }
  return found[0] ?? null;
}

/** The views of the newest observation that has any; 0 without one. */
export async function viewsBefore(store: EventStore, clipId: string): Promise<number> {
  for await (const { data } of newest(store, clipId, 'ViewsRecorded'))
    if (data.views > 0) return data.views;
  return 0;
}

/** The figure that the clip's last outcome doubts, if it does. */
export async function lastDoubted(
  store: EventStore,
  clipId: string,
): Promise<ImplausibleFigure | null> {
  for await (const { type, data } of newest(store, clipId, 'ViewsRecorded', 'ScrapeFailed')) {
    if (type === 'ViewsRecorded') return null;
    if (data.figure) return data.figure;
  }
  return null;
}

/** What was last seen of the clip's post. */
export async function lastPost(store: EventStore, clipId: string): Promise<SeenPost | null> {
  for await (const { data } of newest(store, clipId, 'ClipPostSeen')) {
    const { account, codes, text } = data;
    return { account, codes, text };
  }
  return null;
}

const WITNESSES = ['ViewsRecorded', 'ScrapeFailed', 'ClipRetired', 'ClipRestored'] as const;

/** Whether the clip is retired, or was gone in its last outcome. */
async function wasGone(store: EventStore, clipId: string): Promise<boolean> {
  for await (const { type, data } of newest(store, clipId, ...WITNESSES))
    return type === 'ClipRetired' || (type === 'ScrapeFailed' && isGone(data.reason));
  return false;
}

/** {@link isSilentAboutAll}; the log is asked only if it matters which clips were gone before. */
export async function sayAllGone(
  store: EventStore,
  scrapes: readonly Scrape[],
  results: readonly ScrapeResult[],
): Promise<boolean> {
  if (!areAllGone(results)) return false;
  const clipIds = scrapes.map(({ request }) => request.clipId);
  const gone = await Promise.all(clipIds.map((clipId) => wasGone(store, clipId)));
  return isSilentAboutAll(scrapes, results, new Set(clipIds.filter((_, i) => gone[i])));
}

/** Whether the clip is retired; asked before an outcome that has seen it. */
export async function isRetired(store: EventStore, clipId: string): Promise<boolean> {
  let seen = 0;
  for await (const { type } of newest(store, clipId, ...WITNESSES)) {
    if (type === 'ClipRetired' || type === 'ClipRestored') return type === 'ClipRetired';
    if (type === 'ViewsRecorded' && ++seen === SEEN_OFTEN) return false;
  }
  return false;
}

/**
 * Why and since when the clip is gone, if a request's outcome shows that it has lasted. The log
 * decides: another replica may have recorded another outcome of this request.
 */
export async function retirementBy(
  store: EventStore,
  { clipId, requestId }: ClipTrackingRequested,
): Promise<{ reason: 'not_found' | 'private'; time: string } | null> {
  let own: Witness | null = null;
  async function* history(): AsyncGenerator<Witness> {
    for await (const event of newest(store, clipId, ...WITNESSES)) {
      own ??= event;
      yield event;
    }
  }
  const lasts = await isGoneForADay(history());
  const last = own as Witness | null;
  if (!lasts || last?.type !== 'ScrapeFailed' || last.id !== outcomeId(requestId)) return null;
  const { reason } = last.data;
  return isGone(reason) ? { reason, time: last.time } : null;
}
