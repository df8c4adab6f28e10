import { idOfTime, type Clock, type Platform, type Timers } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import type { Scrape } from './domain/scrape.js';
import type { RateLimits } from './rate-limits/rate-limits.js';
import type { ScrapeState, StoredBatch } from './scrape-state/scrape-state.js';
import type { Source } from './sources/source.js';

/** What the batches of one platform share. */
export interface BatchPorts {
  platform: Platform;
  store: EventStore;
  state: ScrapeState;
  limits: RateLimits;
  clock: Clock;
  timers: Timers;
  log: Log;
  /** Real time for which a process may be silent before it is taken for dead. */
  ackWaitMs: number;
  /** 0 to 1, new at each call. */
  jitter: () => number;
  signal: AbortSignal;
}

/** A batch that nobody knows of yet. */
export function newBatch(
  { clock, timers }: BatchPorts,
  source: Source,
  scrapes: readonly Scrape[],
  paid: readonly number[],
): StoredBatch {
  const now = clock.now();
  const intendedAt = now.toISOString();
  return {
    batchId: idOfTime(now, timers.uuid()),
    source: source.name,
    scrapes: [...scrapes],
    paid: [...paid],
    intendedAt,
    claimedAt: intendedAt,
    maxCostMicroUsd: 0,
    expectedCostMicroUsd: source.expectedCostMicroUsd(scrapes.length),
    run: null,
  };
}
