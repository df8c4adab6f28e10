import {
  idOfTime,
  newEvent,
  outcomeId,
  streams,
  type ClipTrackingRequested,
  type EventInput,
  type EventType,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import type { EventStore, StreamAppend } from '@cliptally/event-store';
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

/** An event that a scrape causes. Its id follows from the request: the log takes it once. */
export function clipEvent<T extends EventType>(
  { request: { clipId, requestId }, correlationId }: Scrape,
  type: T,
  id: string,
  data: EventInput<T>,
  time: Date | string,
): ClipEvent {
  const context = { time, correlationId, causationId: requestId };
  return { stream: streams.clip(clipId), event: newEvent(type, id, data, context) };
}

export const baseOf = ({ requestId, runId, clipId, platform }: ClipTrackingRequested) => ({
  clipId,
  platform,
  requestId,
  runId,
});

/** The one outcome of a request. */
export function outcomeEvent(
  scrape: Scrape,
  { result, source, costMicroUsd, attempts }: Scraped,
  now: Date,
): ClipEvent {
  const { request } = scrape;
  const id = outcomeId(request.requestId);
  const base = { ...baseOf(request), source, costMicroUsd };
  const observedAt = now.toISOString();
  if (result.kind === 'failed') {
    const data = { ...base, ...failureOf(result, observedAt), attempts };
    return clipEvent(scrape, 'ScrapeFailed', id, data, now);
  }
  const data = { ...base, ...result.figures, observedAt, cached: false };
  return clipEvent(scrape, 'ViewsRecorded', id, data, now);
}

/** In one append, behind `batches` that nobody bills. */
export async function appendOutcomes(
  store: EventStore,
  made: readonly ClipEvent[],
  batches: Iterable<StreamAppend> = [],
): Promise<void> {
  if (made.length === 0) return;
  const outcomes = [...Map.groupBy(made, ({ stream }) => stream)].map(([stream, own]) => ({
    stream,
    events: own.map(({ event }) => event),
    expected: 'any' as const,
  }));
  const attributes = { 'cliptally.events': outcomes.length };
  await inSpan('append outcomes', { attributes }, () =>
    store.appendMany([...batches, ...outcomes]),
  );
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
  const { correlationId } = scrapes[0]!;
  const context = { time: intendedAt, correlationId, causationId: requestIds[0]! };
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
  const id = idOfTime(batchId, 'batch completed', batchId);
  return newEvent('ScrapeBatchCompleted', id, data, context);
}
