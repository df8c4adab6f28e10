import {
  idOfTime,
  newEvent,
  outcomeId,
  shortened,
  streams,
  type ClipTrackingRequested,
  type NewEvent,
} from '@cliptally/contracts';
import type { Scrape } from './domain/scrape.js';
import type { Observation } from './scrape-state/scrape-state.js';
import type { Scraped } from './source-router.js';

/** An event and the stream that it belongs to: the clip's. */
export interface ClipEvent {
  stream: string;
  event: NewEvent;
}

const DETAIL_LENGTH = 500;

const baseOf = ({ requestId, runId, clipId, platform }: ClipTrackingRequested) => ({
  clipId,
  platform,
  requestId,
  runId,
});
const contextOf = ({ request, correlationId }: Scrape, time: Date) => ({
  time,
  correlationId,
  causationId: request.requestId,
});

/**
 * The one outcome of a request. Its id follows from the request, so that the log takes one only.
 */
export function outcomeEvent(
  scrape: Scrape,
  { result, source, costMicroUsd, attempts }: Scraped,
  observedAt: Date,
): ClipEvent {
  const { request } = scrape;
  const [stream, id, context] = [
    streams.clip(request.clipId),
    outcomeId(request.requestId),
    contextOf(scrape, observedAt),
  ];
  const base = { ...baseOf(request), source, costMicroUsd };
  if (result.kind === 'observed') {
    const data = {
      ...base,
      ...result.figures,
      observedAt: observedAt.toISOString(),
      cached: false,
    };
    return { stream, event: newEvent('ViewsRecorded', id, data, context) };
  }
  const { reason, detail, retryable, doubted } = result;
  const data = {
    ...base,
    reason,
    detail: shortened(detail, DETAIL_LENGTH),
    ...(doubted && {
      figure: {
        rule: doubted.why.rule,
        ...doubted.figures,
        observedAt: observedAt.toISOString(),
      },
    }),
    retryable,
    attempts,
  };
  return { stream, event: newEvent('ScrapeFailed', id, data, context) };
}

/** The outcome of a request that a recent observation answers, for nothing. */
export function cachedEvent(
  scrape: Scrape,
  { source, ...figures }: Observation,
  now: Date,
): ClipEvent {
  const { request } = scrape;
  const data = { ...baseOf(request), source, costMicroUsd: 0, ...figures, cached: true };
  return {
    stream: streams.clip(request.clipId),
    event: newEvent('ViewsRecorded', outcomeId(request.requestId), data, contextOf(scrape, now)),
  };
}

const BY_SCRAPER = 'cliptally:scraper';

/** A source has seen a retired clip. It belongs to the append of the outcome. */
export function restoredEvent(
  { request, correlationId }: Pick<Scrape, 'request' | 'correlationId'>,
  time: Date,
): ClipEvent {
  const { requestId, clipId, platform } = request;
  const data = { clipId, platform, reason: 'observed', requestId, by: BY_SCRAPER } as const;
  const context = { time, correlationId, causationId: requestId };
  const id = idOfTime(requestId, 'restored', clipId, requestId);
  return { stream: streams.clip(clipId), event: newEvent('ClipRestored', id, data, context) };
}

/** The clip was gone in two outcomes that are a day apart: it is scraped rarely from now on. */
export function retiredEvent(
  { request, correlationId }: Pick<Scrape, 'request' | 'correlationId'>,
  reason: 'not_found' | 'private',
  time: string,
): ClipEvent {
  const { requestId, clipId, platform } = request;
  const id = idOfTime(requestId, 'retired', clipId, requestId);
  const context = { time, correlationId, causationId: requestId };
  return {
    stream: streams.clip(clipId),
    event: newEvent('ClipRetired', id, { clipId, platform, reason, requestId }, context),
  };
}
