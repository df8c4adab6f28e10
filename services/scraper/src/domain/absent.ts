import { failed, type ScrapeResult } from './scrape.js';

/** How a run ended, and so what to say of a clip that its rows leave out. */
export type RunStatus = 'succeeded' | 'failed' | 'timed_out' | 'aborted';

/** What a run says of a clip that none of its rows is about. */
export function absent(status: RunStatus, silent: boolean, strangers: number): ScrapeResult {
  if (status === 'timed_out')
    return failed('source_timeout', 'the run was out of time before it came to this clip');
  if (status !== 'succeeded')
    return failed('source_failed', 'the run ended before it came to this clip');
  if (silent) return failed('blocked', 'the run brought nothing at all');
  return strangers > 0
    ? failed('unmatched', `the run brought no row for this clip, but ${strangers} that fit none`)
    : failed('missing', 'the run brought no row for this clip');
}
