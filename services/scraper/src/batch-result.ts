import type { EventStore, StreamAppend } from '@cliptally/event-store';
import { sayAllGone } from './clip-history.js';
import { isGoneResult } from './domain/gone.js';
import { failed, type Scrape, type ScrapeResult } from './domain/scrape.js';
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
  /** A batch that nobody bills: its events are appended with its outcomes, or not at all. */
  unlogged?: readonly StreamAppend[];
}

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

/** The result of a scrape with its part of what the sources charged. */
export interface Scraped {
  result: ScrapeResult;
  source: string;
  costMicroUsd: number;
  /** Calls to all sources together. */
  attempts: number;
  /** Of the batches that it was in. */
  unlogged?: readonly StreamAppend[];
}

export const NOT_ASKED: Scraped = {
  result: failed('source_failed', 'no source is configured'),
  source: 'none',
  costMicroUsd: 0,
  attempts: 0,
};

/**
 * What the scrapes have with this batch, on top of what they had before; each bears its part of the
 * cost.
 */
export function adding(
  batch: { source: { name: string }; scrapes: readonly Scrape[] },
  { results, costMicroUsd, attempts, unlogged = [] }: BatchResult,
  scrapes: readonly Scrape[],
  before: readonly Scraped[],
): Scraped[] {
  const parts = split(costMicroUsd, batch.scrapes.length);
  const places = new Map(batch.scrapes.map(({ request }, place) => [request.requestId, place]));
  return scrapes.map(({ request }, i) => {
    const place = places.get(request.requestId)!;
    const had = before[i]!;
    return {
      result: results[place]!,
      source: batch.source.name,
      costMicroUsd: had.costMicroUsd + parts[place]!,
      attempts: had.attempts + attempts,
      unlogged: [...(had.unlogged ?? []), ...unlogged],
    };
  });
}

/** Integer parts of `total` for `count` scrapes that sum exactly to it. */
export function split(total: number, count: number): number[] {
  const each = Math.floor(total / count);
  return Array.from({ length: count }, (_, i) => each + (i < total - each * count ? 1 : 0));
}
