import { scrapeIntervalMs } from '@cliptally/contracts';
import type { Point } from './curve.js';

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
 * When a clip is looked at next. `asked`: it is being looked at. `run`: in the run at `at`, if
 * there is money and nothing more urgent. `usual`: about `at`, if it goes on as of late. `none`:
 * not as things stand.
 */
export type NextLook = { how: 'asked' | 'none'; at: null } | { how: 'run' | 'usual'; at: number };

/**
 * An estimate from the log: tracking runs choose by the unrecorded amount. None asks before
 * {@link scrapeIntervalMs} has passed; after that the median of the clip's last gaps is expected
 * again. A clip that is late, or has too few observations, is expected in the next tracking run.
 * `slot` is the last one's, `intervalMs` lies between two.
 */
export function nextLook(
  clip: LookedAt,
  now: number,
  slot: number | null,
  intervalMs: number,
): NextLook {
  if (clip.asked) return { how: 'asked', at: null };
  if (!clip.tracked || slot === null) return { how: 'none', at: null };
  const runAt = (instant: number) =>
    slot + Math.max(1, Math.ceil((instant - slot) / intervalMs)) * intervalMs;
  const earliest = runAt(
    Math.max(now, clip.lookedAt === null ? now : clip.lookedAt + scrapeIntervalMs(clip.failures)),
  );
  const usual = usualGapMs(clip.curve);
  if (usual === null || clip.lookedAt === null || clip.failures > 0)
    return { how: 'run', at: earliest };
  const expected = runAt(clip.lookedAt + usual);
  return expected <= earliest ? { how: 'run', at: earliest } : { how: 'usual', at: expected };
}

function usualGapMs(curve: readonly Point[]): number | null {
  const last = curve.slice(-GAPS - 1);
  const gaps = last.slice(1).map(([at], i) => (at - last[i]![0]) * 1000).toSorted((a, b) => a - b); // prettier-ignore
  return gaps[Math.floor(gaps.length / 2)] ?? null;
}
