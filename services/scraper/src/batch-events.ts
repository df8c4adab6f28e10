import { idOfTime, newEvent, type NewEvent, type Platform } from '@cliptally/contracts';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import type { Collected } from './sources/source.js';

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
