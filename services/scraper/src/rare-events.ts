import { idOfTime, outcomeId, type SeenPost } from '@cliptally/contracts';
import type { Scrape } from './domain/scrape.js';
import { baseOf, clipEvent, type ClipEvent } from './events.js';
import type { Observation } from './scrape-state/scrape-state.js';

/** The outcome of a request that a recent observation answers, for nothing. */
export function cachedEvent(
  scrape: Scrape,
  { source, ...figures }: Observation,
  now: Date,
): ClipEvent {
  const { request } = scrape;
  const data = { ...baseOf(request), source, costMicroUsd: 0, ...figures, cached: true };
  return clipEvent(scrape, 'ViewsRecorded', outcomeId(request.requestId), data, now);
}

/**
 * What was seen of the post, if it differs from before. It stands before the outcome in their one
 * append: nobody is paid by an outcome who does not know of it.
 */
export function postEvent(scrape: Scrape, seen: SeenPost, time: Date): ClipEvent {
  const { requestId, clipId, platform } = scrape.request;
  const id = idOfTime(requestId, 'post', clipId, requestId);
  const data = { clipId, platform, requestId, ...seen };
  return clipEvent(scrape, 'ClipPostSeen', id, data, time);
}
