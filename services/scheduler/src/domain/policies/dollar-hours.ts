import * as clips from '../due-clip.js';
import type { DueClip, Surroundings, Weigh } from '../due-clip.js';
import { worthOf } from '../earning.js';

/** Part of a first scrape's velocity that every clip gets, or no scrape would see it move again. */
const FLOOR = 0.03;
/** Added to the hours, or their square would hold back a clip that gains much in minutes. */
const HEAD_START_HOURS = 2;

/**
 * Views an hour between the last two observations; after one, views an hour since posting. Falling
 * views are no growth. Null without an observation.
 */
export function velocityOf(clip: DueClip): number | null {
  const { lastObservedAt, lastViews, previousObservedAt, previousViews } = clip;
  if (lastObservedAt === null || lastViews === null) return null;
  if (previousObservedAt === null || previousViews === null)
    // At least an hour, as in the mean of first scrapes: a clip of one minute would seem very fast.
    return lastViews / Math.max(1, clips.hoursBetween(clips.postedAt(clip), lastObservedAt));
  const hours = clips.hoursBetween(previousObservedAt, lastObservedAt);
  return hours > 0 ? Math.max(0, lastViews - previousViews) / hours : 0;
}

/** US dollars of the last velocity and a floor; of first scrapes' velocity without observation. */
export function unrecordedAmount(clip: DueClip, { now, learned }: Surroundings): number {
  const typical = learned[clip.platform].firstScrapeVelocity;
  const observed = velocityOf(clip);
  const velocity = observed === null ? typical : observed + FLOOR * typical;
  return worthOf(clip, velocity * clips.hoursUnrecorded(clip, now));
}

/** The unrecorded amount times the hours since the last observation: both count the same. */
export const dollarHours: Weigh = (clip, around) => {
  const unrecorded = unrecordedAmount(clip, around);
  const hours = clips.hoursUnobserved(clip, around.now) + HEAD_START_HOURS;
  return { unrecorded, score: unrecorded * hours };
};
