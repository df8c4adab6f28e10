import { scrapeIntervalMs } from '@cliptally/contracts';
import type { Point } from './curve.js';

/** Gaps between observations that say how often a clip has been scraped of late. */
const GAPS = 5;

/** What events tell of a clip; instants in ms. */
export interface ScrapedClip {
  /** Whether a scrape request has had no outcome yet. */
  requested: boolean;
  /** In a campaign that is active, not rejected there, and not retired. */
  tracked: boolean;
  lastOutcomeAt: number | null;
  /** Failures since the last observation. */
  failures: number;
  curve: readonly Point[];
}

/**
 * `requested`: under way. `run`: in the tracking run at `at`, if the scrape budget allows and no
 * clip is more urgent. `usual`: about `at`, if it goes on as of late. `none`: not as things stand.
 */
export type NextScrape =
  { how: 'requested' | 'none'; at: null } | { how: 'run' | 'usual'; at: number };

/**
 * An estimate: tracking runs choose by the unrecorded amount. None requests a clip again before
 * {@link scrapeIntervalMs}; after that the median of its last gaps is expected. `slot` is that of
 * the last run. A clip that is late, or has too few observations, is expected in the next run.
 */
export function nextScrape(
  clip: ScrapedClip,
  now: number,
  slot: number | null,
  intervalMs: number,
): NextScrape {
  if (clip.requested) return { how: 'requested', at: null };
  if (!clip.tracked || slot === null) return { how: 'none', at: null };
  const runAt = (instant: number) =>
    slot + Math.max(1, Math.ceil((instant - slot) / intervalMs)) * intervalMs;
  const earliest = runAt(
    Math.max(
      now,
      clip.lastOutcomeAt === null ? now : clip.lastOutcomeAt + scrapeIntervalMs(clip.failures),
    ),
  );
  const usual = usualGapMs(clip.curve);
  if (usual === null || clip.lastOutcomeAt === null || clip.failures > 0)
    return { how: 'run', at: earliest };
  const expected = runAt(clip.lastOutcomeAt + usual);
  return expected <= earliest ? { how: 'run', at: earliest } : { how: 'usual', at: expected };
}

function usualGapMs(curve: readonly Point[]): number | null {
  const last = curve.slice(-GAPS - 1);
  const gaps = last.slice(1).map(([at], i) => (at - last[i]![0]) * 1000).toSorted((a, b) => a - b); // prettier-ignore
  return gaps[Math.floor(gaps.length / 2)] ?? null;
}
