import { idOfTime, type SeenPost } from '@cliptally/contracts';
import type { EventStore, Tail } from '@cliptally/event-store';
import { isRetired, lastDoubted, lastPost, retirementBy, viewsBefore } from './clip-history.js';
import { isGoneResult } from './domain/gone.js';
import { confirms, implausibleZero } from './domain/observation-plausibility.js';
import { digestOf, isSamePost, seenPost, type KeptPost } from './domain/post.js';
import { WITNESSES_APART_MS } from './domain/retirement.js';
import { doubtful, type Scrape, type ScrapeResult } from './domain/scrape.js';
import { clipEvent, type ClipEvent } from './events.js';
import type { Observation } from './scrape-state/scrape-state.js';
import type { Scraped } from './batch-result.js';

/**
 * What the clip's history makes of a result: a zero after views is none, and a figure that was
 * doubted before is an observation if a second scrape says it too. The log is read for these.
 */
export async function judged(
  store: EventStore,
  { request: { clipId } }: Scrape,
  scraped: Scraped,
  last: Observation | undefined,
  observedAt: Date,
): Promise<Scraped> {
  const { result } = scraped;
  if (result.kind === 'observed' && result.figures.views === 0) {
    const before = last?.views || (await viewsBefore(store, clipId));
    const why = implausibleZero(0, before);
    return why ? { ...scraped, result: doubtful(result.figures, why) } : scraped;
  }
  if (result.kind !== 'failed' || !result.doubted) return scraped;
  const { figures, why } = result.doubted;
  return confirms(figures, why, await lastDoubted(store, clipId), observedAt)
    ? { ...scraped, result: { kind: 'observed', figures } }
    : scraped;
}

/** What is kept of a post, and what the log does not have yet. */
export interface KnownPost {
  kept: KeptPost;
  news: SeenPost | null;
}

/** The log is read only if the source says something else than the scrape state remembers. */
export async function postBy(
  store: EventStore,
  { request: { clipId, checks } }: Scrape,
  { result }: Scraped,
  last: Observation | undefined,
): Promise<KnownPost | null> {
  if (result.kind !== 'observed') return null;
  if (!checks) return last?.post ? { kept: last.post, news: null } : null;
  const digest = digestOf(clipId, checks, result.post);
  if (last?.post?.digest === digest) return { kept: last.post, news: null };
  const before = await lastPost(store, clipId);
  const seen = seenPost(checks, result.post, before);
  const news = isSamePost(seen, before) ? null : seen;
  return { kept: { text: seen.text, digest }, news };
}

/** A retired clip was found gone twice, and retired: its stream has so many events. */
const FEWEST_OF_RETIRED = 3;

/** What a clip's scrape rests on. */
export interface Before {
  /** Its last observation, as far as the scrape state knows. */
  last: Observation | undefined;
  /** The end of its stream when the request was delivered. */
  tail: Tail | null;
}

/**
 * That a retired clip is back, if the outcome has seen it. It belongs to the outcome's append. The
 * log is read only for a clip that may be retired.
 */
export async function restorationBy(
  store: EventStore,
  scrape: Scrape,
  result: ScrapeResult,
  { last, tail }: Before,
  time: Date,
): Promise<ClipEvent[]> {
  if ((tail?.revision ?? -1) + 1 < FEWEST_OF_RETIRED) return [];
  const isSeen = result.kind === 'observed' || result.doubted !== undefined;
  // A clip that was seen within this time is not retired: its retirement takes a day.
  const isRecent = last && time.getTime() - Date.parse(last.observedAt) < WITNESSES_APART_MS;
  const { requestId, clipId, platform } = scrape.request;
  if (!isSeen || isRecent || !(await isRetired(store, clipId))) return [];
  const data = { clipId, platform, reason: 'observed', requestId, by: BY_SCRAPER } as const;
  const id = idOfTime(requestId, 'restored', clipId, requestId);
  return [clipEvent(scrape, 'ClipRestored', id, data, time)];
}

const BY_SCRAPER = 'cliptally:scraper';

/** Clips that were gone in two outcomes a day apart: they are scraped rarely from now on. */
export async function retirementsBy(
  store: EventStore,
  made: readonly { scrape: Scrape; scraped: Scraped }[],
): Promise<ClipEvent[]> {
  const gone = made.filter(({ scraped }) => isGoneResult(scraped.result));
  const retired = gone.map(async ({ scrape }): Promise<ClipEvent[]> => {
    const by = await retirementBy(store, scrape.request);
    if (!by) return [];
    const { requestId, clipId, platform } = scrape.request;
    const id = idOfTime(requestId, 'retired', clipId, requestId);
    const data = { clipId, platform, reason: by.reason, requestId };
    return [clipEvent(scrape, 'ClipRetired', id, data, by.time)];
  });
  return (await Promise.all(retired)).flat();
}
