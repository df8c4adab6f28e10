import { DAY_MS, HOUR_MS, type DueClip } from './due-clip.js';

/** From request to observation a look takes up to this long; one that is asked for later misses the end it was meant for. */
export const LOOK_TAKES_MS = HOUR_MS / 2;
/** A younger count is answered from the scraper's cache and tells nothing new. */
export const FRESH_MS = HOUR_MS;

const AGE_CAP = { ample: 2 * DAY_MS, scarce: 7 * DAY_MS };
export const YOUNGEST_CAP_MS = AGE_CAP.ample;
/** Looks a clip and day from which looks are ample, and up to which they are scarce. */
const AMPLE_FROM = 1.5;
const SCARCE_UP_TO = 1;

/** How scarce looks are: 1 where the limits allow each clip a look a day or less, 0 where they allow one and a half. */
export function scarcityOf(clips: number, looksPerDay: number): number {
  if (looksPerDay >= AMPLE_FROM * clips) return 0;
  return Math.min(1, (AMPLE_FROM - looksPerDay / clips) / (AMPLE_FROM - SCARCE_UP_TO));
}

/**
 * Oldest that the last look at a clip may get: 48 h where the limits allow every clip one and a half looks a day, a week where they allow
 * one or less, and in between what lies between. A clip of that age is due at once, whatever its score; one that was never seen counts
 * from its submission.
 */
export function ageCapMs(clips: number, looksPerDay: number): number {
  return AGE_CAP.ample + scarcityOf(clips, looksPerDay) * (AGE_CAP.scarce - AGE_CAP.ample);
}

/** The cap that a run kept to, at its instant. */
export interface AgeCap {
  ms: number;
  at: number;
}

/**
 * The least that the cap may be after an earlier run: it falls a third as fast as time passes. Looks are ample from one moment to the next
 * when a large campaign is seen to be spent and its clips go; the others, which were young enough until then, must not all be late.
 */
export const fallenCapMs = ({ ms, at }: AgeCap, now: number): number => ms - (now - at) / 3;

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
