import {
  idOfTime,
  newEvent,
  outcomeId,
  streams,
  type ClipTrackingRequested,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { inSpan } from '@cliptally/messaging';
import { failureOf, type Scrape } from './domain/scrape.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import type { Scraped } from './batch-result.js';
import type { Collected } from './sources/source.js';

/** An event and the stream that it belongs to: the clip's. */
export interface ClipEvent {
  stream: string;
  event: NewEvent;
}

export const baseOf = ({ requestId, runId, clipId, platform }: ClipTrackingRequested) => ({
  clipId,
  platform,
  requestId,
  runId,
});
export const contextOf = ({ request, correlationId }: Scrape, time: Date) => ({
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
  const stream = streams.clip(request.clipId);
  const id = outcomeId(request.requestId);
  const context = contextOf(scrape, observedAt);
  const base = { ...baseOf(request), source, costMicroUsd };
  const time = observedAt.toISOString();
  if (result.kind === 'observed') {
    const data = { ...base, ...result.figures, observedAt: time, cached: false };
    return { stream, event: newEvent('ViewsRecorded', id, data, context) };
  }
  return {
    stream,
    event: newEvent('ScrapeFailed', id, { ...base, ...failureOf(result, time), attempts }, context),
  };
}

export async function appendOutcomes(store: EventStore, made: readonly ClipEvent[]): Promise<void> {
  if (made.length === 0) return;
  const appends = [...Map.groupBy(made, ({ stream }) => stream)].map(([stream, own]) => ({
    stream,
    events: own.map(({ event }) => event),
    expected: 'any' as const,
  }));
  const attributes = { 'cliptally.events': appends.length };
  await inSpan('append outcomes', { attributes }, () => store.appendMany(appends));
}

const startedId = (batchId: string) => idOfTime(batchId, 'batch started', batchId);

/**
 * Says before the call what it may cost. Its id follows from the batch, so that the log takes it
 * once.
 */
export function startedEvent(platform: Platform, batch: StoredBatch): NewEvent {
  const { batchId, source, scrapes, maxCostMicroUsd, intendedAt } = batch;
  const requestIds = scrapes.map(({ request }) => request.requestId);
  const data = { batchId, platform, source, requestIds, maxCostMicroUsd };
  const context = {
    time: intendedAt,
    correlationId: scrapes[0]!.correlationId,
    causationId: requestIds[0]!,
  };
  return newEvent('ScrapeBatchStarted', startedId(batchId), data, context);
}

/** Says how the batch ended and what it cost. The log takes the first of several with this id. */
export function completedEvent(
  platform: Platform,
  { batchId, source, scrapes, run }: StoredBatch,
  { results, status, costMicroUsd, estimated }: Collected,
  { calledAt, now }: { calledAt: Date; now: Date },
): NewEvent {
  const data = {
    batchId,
    platform,
    source,
    sourceRunId: run,
    status: run === null && !estimated ? ('not_started' as const) : status,
    looks: scrapes.length,
    recorded: results.filter(({ kind }) => kind === 'observed').length,
    costMicroUsd,
    ...(estimated ? { estimated } : {}),
    durationMs: Math.max(0, now.getTime() - calledAt.getTime()),
  };
  const context = { time: now, correlationId: batchId, causationId: startedId(batchId) };
  return newEvent(
    'ScrapeBatchCompleted',
    idOfTime(batchId, 'batch completed', batchId),
    data,
    context,
  );
}
