import type { Point } from './curve.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Gaps between looks that say how often a clip is looked at of late. */
const GAPS = 5;

/** What events tell of a clip; instants in ms. */
export interface LookedAt {
  /** Whether a run or a person has asked for a look that has had no outcome yet. */
  asked: boolean;
  /** Approved in a campaign that is active, and not retired. */
  tracked: boolean;
  lookedAt: number | null;
  /** Failures since the last look that brought a count. */
  failures: number;
  curve: readonly Point[];
}

/**
 * When a clip is looked at next. `asked`: it is being looked at. `run`: in the run at `at`, if there is money and nothing more urgent.
 * `usual`: about `at`, if it goes on as of late. `none`: not as things stand.
 */
export type NextLook = { how: 'asked' | 'none'; at: null } | { how: 'run' | 'usual'; at: number };

/**
 * Runs choose by what is owed, so nobody knows for certain; this is what the log tells. A count is fresh for an hour, and after n failures in a
 * row a clip rests for 1, 2, 4 ... hours, up to a day: no run looks before. After that the median of its last gaps between looks is expected
 * again; a clip that is late, or has too few looks, is expected in the next run. `slot` is the last run's, `intervalMs` lies between two.
 */
export function nextLook(clip: LookedAt, now: number, slot: number | null, intervalMs: number): NextLook {
  if (clip.asked) return { how: 'asked', at: null };
  if (!clip.tracked || slot === null) return { how: 'none', at: null };
  const runAt = (instant: number) => slot + Math.max(1, Math.ceil((instant - slot) / intervalMs)) * intervalMs;
  const pause = clip.failures === 0 ? HOUR_MS : Math.min(HOUR_MS * 2 ** (clip.failures - 1), DAY_MS);
  const earliest = runAt(Math.max(now, clip.lookedAt === null ? now : clip.lookedAt + pause));
  const usual = usualGapMs(clip.curve);
  if (usual === null || clip.lookedAt === null || clip.failures > 0) return { how: 'run', at: earliest };
  const expected = runAt(clip.lookedAt + usual);
  return expected <= earliest ? { how: 'run', at: earliest } : { how: 'usual', at: expected };
}

function usualGapMs(curve: readonly Point[]): number | null {
  const last = curve.slice(-GAPS - 1);
  const gaps = last.slice(1).map(([at], i) => (at - last[i]![0]) * 1000).toSorted((a, b) => a - b); // prettier-ignore
  return gaps[Math.floor(gaps.length / 2)] ?? null;
}
