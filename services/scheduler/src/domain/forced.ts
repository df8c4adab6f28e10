import { DAY_MS, HOUR_MS, type DueClip } from './due-clip.js';

/** From request to observation a look takes up to this long; one that is asked for later misses the end it was meant for. */
export const LOOK_TAKES_MS = HOUR_MS / 2;
/** A younger count is answered from the scraper's cache and tells nothing new. */
export const FRESH_MS = HOUR_MS;

export const AGE_CAP_MS = { ample: 2 * DAY_MS, scarce: 7 * DAY_MS };

/**
 * Oldest that the last look at a clip may get: 48 h where the limits allow every clip one and a half looks a day, else a week.
 * A clip of that age is due at once, whatever its score; one that was never seen counts from its submission.
 */
export const ageCapMs = (clips: number, looksPerDay: number): number => (looksPerDay >= 1.5 * clips ? AGE_CAP_MS.ample : AGE_CAP_MS.scarce);

/**
 * A look that no later one can stand in for: the next run would come too late to see the clip before its window (or its campaign)
 * ends, or before a payout that rests on it is decided.
 */
export function lastChance(clip: DueClip, now: number, nextRunAt: number): 'window ends' | 'payout' | null {
  const isNow = (end: number) => end > now && end <= nextRunAt + LOOK_TAKES_MS;
  if (isNow(clip.windowEndsAt)) return 'window ends';
  return clip.payoutAt != null && isNow(clip.payoutAt) ? 'payout' : null;
}

/**
 * A clip rests while its count is fresh. After n failures in a row it rests for an hour, two, four ... up to a day, so that hopeless
 * looks do not eat the budget.
 */
export function rests(clip: DueClip, now: number, freshMs = FRESH_MS): boolean {
  if (clip.lastTriedAt === null) return false;
  const pause = clip.failures === 0 ? freshMs : Math.min(HOUR_MS * 2 ** (clip.failures - 1), DAY_MS);
  return now - clip.lastTriedAt < pause;
}
