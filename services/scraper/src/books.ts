import { idOfTime, newEvent, streams, type Clock, type Platform } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { Limits } from './limits.js';
import type { RememberedBatch } from './memory.js';
import type { Collected, Source } from './sources/source.js';

export interface BooksOptions {
  platform: Platform;
  store: EventStore;
  limits: Limits;
  clock: Clock;
}

/** What the log says of each batch: the intent before the call, and the true cost after it, whatever came of it. */
export class Books {
  readonly #options: BooksOptions;

  constructor(options: BooksOptions) {
    this.#options = options;
  }

  async intended({ batchId, looks, intendedAt }: RememberedBatch, source: Source): Promise<void> {
    const { platform, store } = this.#options;
    const requestIds = looks.map(({ request }) => request.requestId);
    const maxCostMicroUsd = await source.maxCostMicroUsd(looks.length);
    const started = newEvent(
      'ScrapeBatchStarted',
      idOfTime(batchId, 'batch started', batchId),
      { batchId, platform, source: source.name, requestIds, maxCostMicroUsd },
      { time: intendedAt, correlationId: looks[0]!.correlationId, causationId: requestIds[0]! },
    );
    await store.append(streams.scrapeBatch(batchId), [started], 'any');
  }

  /** Gives the batch's place among the runs back as well. */
  async completed(batch: RememberedBatch, source: Source, { results, status, costMicroUsd, estimated }: Collected): Promise<void> {
    const { store, clock, platform, limits } = this.#options;
    const { batchId, looks, run } = batch;
    const now = clock.now();
    const data = {
      batchId,
      platform,
      source: source.name,
      sourceRunId: run,
      status: run === null && !estimated ? ('not_started' as const) : status,
      looks: looks.length,
      recorded: results.filter(({ kind }) => kind === 'seen').length,
      costMicroUsd,
      ...(estimated ? { estimated } : {}),
      durationMs: Math.max(0, now.getTime() - Date.parse(batch.intendedAt)),
    };
    const completed = newEvent('ScrapeBatchCompleted', idOfTime(batchId, 'batch completed', batchId), data, {
      time: now,
      correlationId: batchId,
      causationId: idOfTime(batchId, 'batch started', batchId),
    });
    await store.append(streams.scrapeBatch(batchId), [completed], 'any');
    await limits.leave(source, batchId);
  }
}
