import {
  hoursBetween,
  hoursUnobserved,
  postedAt,
  type DueClip,
  type Surroundings,
  type Weigh,
} from '../due-clip.js';
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
    return lastViews / Math.max(1, hoursBetween(postedAt(clip), lastObservedAt));
  const hours = hoursBetween(previousObservedAt, lastObservedAt);
  return hours > 0 ? Math.max(0, lastViews - previousViews) / hours : 0;
}

/**
 * US dollars of the last velocity and a floor, since the last observation; of the velocity of first
 * scrapes since posting if there is none.
 */
export function unrecordedAmount(clip: DueClip, around: Surroundings): number {
  const typical = around.firstScrapeVelocity(clip.platform);
  const observed = velocityOf(clip);
  const velocity = observed === null ? typical : observed + FLOOR * typical;
  const since = observed === null ? postedAt(clip) : clip.lastObservedAt!;
  return worthOf(clip, velocity * hoursBetween(since, around.now));
}

/** The unrecorded amount times the hours since the last observation: both count the same. */
export const dollarHours: Weigh = (clip, around) => {
  const unrecorded = unrecordedAmount(clip, around);
  return {
    unrecorded,
    score: unrecorded * (hoursUnobserved(clip, around.now) + HEAD_START_HOURS),
  };
};
