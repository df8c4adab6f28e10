import type { ClipTrackingRequested, ScrapeFailure } from '@cliptally/contracts';
import type { Actor } from './actors.js';
import { readRow, videoOf, type Figures } from './row.js';

/** A look at one clip: the request, the clip's own id on its platform, and the view field it began with. */
export interface Look {
  request: ClipTrackingRequested;
  videoId: string;
  metric: string | null;
  correlationId: string;
}

export type LookResult = { kind: 'seen'; figures: Figures } | { kind: 'failed'; reason: ScrapeFailure; detail: string; retryable: boolean };

/** Classes that come again by themselves; a clip that is gone or private does not come back by asking at once. */
const RETRYABLE: ReadonlySet<ScrapeFailure> = new Set([
  'blocked',
  'restricted',
  'missing',
  'unmatched',
  'source_failed',
  'source_timeout',
  'rate_limited',
  'quota_exhausted',
]);

export const failed = (reason: ScrapeFailure, detail: string): LookResult => ({
  kind: 'failed',
  reason,
  detail,
  retryable: RETRYABLE.has(reason),
});

/**
 * What the rows of a run say of each look, in the order of the looks. Rows come unordered, twice, under another address, or not at
 * all; of several rows of a clip the best counts. A run that brought nothing at all was blocked, whatever status it ended with.
 */
export function resultsOf(looks: readonly Look[], rows: readonly Record<string, unknown>[], actor: Actor, complete: boolean): LookResult[] {
  const asked = new Map(looks.map(({ request, videoId }) => [request.url, videoId]));
  const metrics = new Map(looks.map(({ videoId, metric }) => [videoId, metric]));
  const found = new Map<string, LookResult>();
  for (const row of rows) {
    const videoId = videoOf(row, actor, asked);
    if (videoId === null) continue;
    const reading = readRow(row, actor, metrics.get(videoId) ?? null);
    const result: LookResult = reading.class === 'ok' ? { kind: 'seen', figures: reading.figures } : failed(reading.class, reading.detail);
    const before = found.get(videoId);
    if (!before || (before.kind === 'failed' && result.kind === 'seen') || larger(result, before)) found.set(videoId, result);
  }
  const silent = found.size === 0 && rows.every((row) => row['noResults'] === true || Object.keys(row).length === 0);
  return looks.map(({ videoId }) => found.get(videoId) ?? absent(silent, complete));
}

const larger = (a: LookResult, b: LookResult) => a.kind === 'seen' && b.kind === 'seen' && a.figures.views > b.figures.views;

function absent(silent: boolean, complete: boolean): LookResult {
  if (!complete) return failed('source_timeout', 'the run ended before it came to this clip');
  return silent ? failed('blocked', 'the run brought nothing at all') : failed('missing', 'the run brought no row for this clip');
}

/** Integer parts of `total` for `count` looks that sum exactly to it. */
export function split(total: number, count: number): number[] {
  const each = Math.floor(total / count);
  return Array.from({ length: count }, (_, i) => each + (i < total - each * count ? 1 : 0));
}
