import type { ScrapeFailure } from '@cliptally/contracts';
import type { Scrape, ScrapeResult } from './scrape.js';

/** The platform says that nobody can see the clip any more. */
export const isGone = (reason: ScrapeFailure): reason is 'not_found' | 'private' =>
  reason === 'not_found' || reason === 'private';

/**
 * Whether a source says of several clips at once, and of no other, that they are gone. Then it says
 * so of itself: its page, key or region sees none. `known` were gone before: of them it is no news.
 */
export function isSilentAboutAll(
  scrapes: readonly Pick<Scrape, 'videoId' | 'request'>[],
  results: readonly ScrapeResult[],
  known: ReadonlySet<string>,
): boolean {
  if (!areAllGone(results)) return false;
  const news = scrapes.filter(
    ({ request }, i) => isGoneResult(results[i]!) && !known.has(request.clipId),
  );
  return new Set(news.map(({ videoId }) => videoId)).size > 1;
}

/** Some are gone, and nothing was seen of the others either. */
export const areAllGone = (results: readonly ScrapeResult[]): boolean =>
  results.filter(isGoneResult).length > 1 &&
  results.every((result) => isGoneResult(result) || saysNothing(result));

export const isGoneResult = (result: ScrapeResult): boolean =>
  result.kind === 'failed' && isGone(result.reason);
const saysNothing = (result: ScrapeResult) =>
  result.kind === 'failed' && SAYS_NOTHING.has(result.reason);

/** Reasons that leave open whether the clip is there. */
export const SAYS_NOTHING: ReadonlySet<ScrapeFailure> = new Set([
  'blocked',
  'missing',
  'unmatched',
  'source_failed',
  'source_timeout',
  'rate_limited',
  'quota_exhausted',
  'rejected',
  'dead_letter',
]);
