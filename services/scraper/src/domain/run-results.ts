import type { Actor } from './actors.js';
import { postIn, readRow, videoOf } from './row.js';
import { doubtful, failed, type Scrape, type ScrapeResult } from './scrape.js';

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
 * credit, whatever status it ended with: it scraped none of its clips.
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
    ? { kind: 'observed', figures: reading.figures, post: postIn(row, actor) }
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
