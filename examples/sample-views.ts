/** Views of made-up clips, for the examples that need some: an append for each. */
import { clipIdOf, newEvent, outcomeId, streams, type Platform } from '@cliptally/contracts';
import type { StreamAppend } from '@cliptally/event-store';
import { randomUUID } from 'node:crypto';

/** `cached`: the scraper used a recent observation, and asked no source. */
export function viewsRecorded(platform: Platform, views: number, cached = false): StreamAppend {
  const requestId = randomUUID();
  const clipId = clipIdOf(platform, requestId);
  const time = new Date();
  const event = newEvent(
    'ViewsRecorded',
    // The id of an outcome follows from its request: a request has one outcome.
    outcomeId(requestId),
    {
      clipId,
      platform,
      requestId,
      runId: 'example',
      source: 'example',
      costMicroUsd: 100,
      views,
      metric: 'viewCount',
      cached,
      observedAt: time.toISOString(),
    },
    { time, correlationId: requestId, causationId: requestId },
  );
  return { stream: streams.clip(clipId), events: [event], expected: 'any' };
}
