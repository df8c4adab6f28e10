import type { EventStore } from '@cliptally/event-store';
import { RetryLater } from '@cliptally/messaging/nest';
import { sayAllGone } from './clip-history.js';
import { classify, type Fault } from './domain/faults.js';
import { failed, isGoneResult, type Scrape, type ScrapeResult } from './domain/scrape.js';
import type { Collected } from './sources/source.js';

/** What a source made of a batch; results in the order of its scrapes. */
export interface BatchResult {
  results: readonly ScrapeResult[];
  costMicroUsd: number;
  /** Calls that were made. */
  attempts: number;
  /** The source failed as a whole, and the next one may be asked. */
  whole: boolean;
  /** As the source said it, if it said of several clips at once that they are gone. */
  gone?: readonly ScrapeResult[];
}

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

/** No run, no rows, no bill. */
export const NOTHING: Collected = { results: [], silent: true, status: 'failed', costMicroUsd: 0 };

/** A source that says of several clips at once that they are gone is silent about them. */
export async function answerOf(
  store: EventStore,
  scrapes: readonly Scrape[],
  { results, silent, costMicroUsd }: Collected,
  attempts: number,
): Promise<BatchResult> {
  const said = { results, costMicroUsd, attempts, whole: silent };
  if (!(await sayAllGone(store, scrapes, results))) return said;
  const why = `the source says of all ${results.length} clips at once that they are gone`;
  const doubted = results.map((one) => (isGoneResult(one) ? failed('blocked', why) : one));
  return { ...said, results: doubted, whole: true, gone: results };
}

/** Why a scrape failed if no source could be asked, by the fault of the last one. */
const REASONS = {
  transient: 'source_failed',
  rate_limited: 'rate_limited',
  quota_exhausted: 'quota_exhausted',
  rejected: 'rejected',
} as const;

/** The result of each scrape of a batch that its source refused. */
export const refusedResults = (
  scrapes: readonly Scrape[],
  { fault, detail }: Refusal,
): ScrapeResult[] => scrapes.map(() => failed(REASONS[classify(fault)], detail));
