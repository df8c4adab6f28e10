import type { ClipTrackingRequested, ScrapeFailure } from '@cliptally/contracts';
import type { Actor } from './actors.js';
import { implausible, type Implausible, type Shown } from './observation-plausibility.js';
import type { Figures } from './figures.js';
import { readRow, videoOf } from './row.js';

/**
 * One request to scrape a clip, the clip's own id on its platform, and its view field; null if it
 * has none yet.
 */
export interface Scrape {
  request: ClipTrackingRequested;
  videoId: string;
  metric: string | null;
  correlationId: string;
}

export type ScrapeResult =
  | { kind: 'observed'; figures: Figures }
  | { kind: 'failed'; reason: ScrapeFailure; detail: string; retryable: boolean; doubted?: Doubts };

/** Figures that nobody can believe, and why. */
export interface Doubts {
  figures: Figures;
  why: Implausible;
}

/**
 * Reasons that may pass by themselves; to ask again at once brings no clip back that is gone or
 * private.
 */
const RETRYABLE: ReadonlySet<ScrapeFailure> = new Set([
  'dead_letter',
  'blocked',
  'restricted',
  'missing',
  'unmatched',
  'source_failed',
  'source_timeout',
  'rate_limited',
  'quota_exhausted',
  'implausible',
]);

type Failed = Extract<ScrapeResult, { kind: 'failed' }>;

export const failed = (reason: ScrapeFailure, detail: string): Failed => ({
  kind: 'failed',
  reason,
  detail,
  retryable: RETRYABLE.has(reason),
});

/** An observation, if the figures can be believed. */
export function observed(figures: Figures, shown: Shown | null): ScrapeResult {
  const why = implausible(figures, shown);
  return why ? doubtful(figures, why) : { kind: 'observed', figures };
}

/** No observation, but kept. */
export const doubtful = (figures: Figures, why: Implausible): ScrapeResult => ({
  ...failed('implausible', why.detail),
  doubted: { figures, why },
});

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

/** How a run ended, and so what to say of a clip that its rows leave out. */
export type RunStatus = 'succeeded' | 'failed' | 'timed_out' | 'aborted';

/**
 * What a run said of each scrape, in their order; `silent` if it said nothing of any of
 * them.
 */
export interface Said {
  results: ScrapeResult[];
  silent: boolean;
}

/**
 * Reads the rows of a run. They come unordered, twice, under another address, or not at all; of
 * several rows of a clip the best counts. A run that brought nothing was throttled or out of
 * credit, whatever status it ended with: its clips were not looked at.
 */
export function resultsOf(
  scrapes: readonly Scrape[],
  rows: readonly Record<string, unknown>[],
  actor: Actor,
  status: RunStatus,
): Said {
  const asked = new Map(scrapes.map(({ request, videoId }) => [request.url, videoId]));
  const metrics = new Map(scrapes.map(({ videoId, metric }) => [videoId, metric]));
  const found = new Map<string, ScrapeResult>();
  let strangers = 0;
  for (const row of rows) {
    if (row['noResults'] === true || Object.keys(row).length === 0) continue;
    const videoId = videoOf(row, actor, asked);
    if (videoId === null) strangers++;
    else
      found.set(
        videoId,
        better(found.get(videoId), resultOf(row, actor, metrics.get(videoId) ?? null)),
      );
  }
  const silent = found.size === 0 && strangers === 0;
  return {
    silent,
    results: scrapes.map(({ videoId }) => found.get(videoId) ?? absent(status, silent, strangers)),
  };
}

function resultOf(row: Record<string, unknown>, actor: Actor, metric: string | null): ScrapeResult {
  const reading = readRow(row, actor, metric);
  if ('why' in reading) return doubtful(reading.figures, reading.why);
  return 'figures' in reading
    ? { kind: 'observed', figures: reading.figures }
    : failed(reading.class, reading.detail);
}

function better(a: ScrapeResult | undefined, b: ScrapeResult): ScrapeResult {
  if (!a || b.kind === 'failed') return a ?? b;
  return a.kind === 'observed' && a.figures.views >= b.figures.views ? a : b;
}

function absent(status: RunStatus, silent: boolean, strangers: number): ScrapeResult {
  if (status === 'timed_out')
    return failed('source_timeout', 'the run was out of time before it came to this clip');
  if (status !== 'succeeded')
    return failed('source_failed', 'the run ended before it came to this clip');
  if (silent) return failed('blocked', 'the run brought nothing at all');
  return strangers > 0
    ? failed('unmatched', `the run brought no row for this clip, but ${strangers} that fit none`)
    : failed('missing', 'the run brought no row for this clip');
}

/** Integer parts of `total` for `count` scrapes that sum exactly to it. */
export function split(total: number, count: number): number[] {
  const each = Math.floor(total / count);
  return Array.from({ length: count }, (_, i) => each + (i < total - each * count ? 1 : 0));
}
