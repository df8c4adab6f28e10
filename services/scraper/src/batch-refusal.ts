import { RetryLater } from '@cliptally/messaging/nest';
import { NOTHING, type BatchResult } from './batch-result.js';
import { classify, type Fault } from './domain/faults.js';
import { failed, type Scrape, type ScrapeResult } from './domain/scrape.js';
import type { Collected } from './sources/source.js';

export interface Refusal {
  fault: Fault;
  detail: string;
}

/** Another scraper has a later claim on one of the scrapes. */
export class TakenOver extends RetryLater {
  constructor() {
    super(1_000, 'another scraper has taken over the batch');
  }
}

/** The source cannot say now what became of a run that exists or may exist. */
export class Unreadable extends RetryLater {}

/** Closes a batch whose source refused it, or whose run cannot be read: every scrape has failed. */
export async function refuse(
  batch: {
    readonly scrapes: readonly Scrape[];
    readonly attempts: number;
    close(collected: Collected): Promise<void>;
  },
  refusal: Refusal,
  collected = NOTHING,
): Promise<BatchResult> {
  await batch.close(collected);
  const results = refusedResults(batch.scrapes, refusal);
  const { costMicroUsd } = collected;
  return { results, costMicroUsd, attempts: batch.attempts, whole: true };
}

/** Why a scrape failed if no source could be asked, by the fault of the last one. */
const REASONS = {
  transient: 'source_failed',
  rate_limited: 'rate_limited',
  quota_exhausted: 'quota_exhausted',
  rejected: 'rejected',
} as const;

/** The result of each scrape of a batch that its source refused. */
const refusedResults = (scrapes: readonly Scrape[], { fault, detail }: Refusal): ScrapeResult[] =>
  scrapes.map(() => failed(REASONS[classify(fault)], detail));
