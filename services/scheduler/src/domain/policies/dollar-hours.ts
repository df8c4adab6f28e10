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
  if (clip.lastObservedAt === null || clip.lastViews === null) return null;
  if (clip.previousObservedAt === null || clip.previousViews === null) {
    // At least an hour, as in the mean of first scrapes: a clip of one minute would seem very fast.
    return clip.lastViews / Math.max(1, hoursBetween(postedAt(clip), clip.lastObservedAt));
  }
  const hours = hoursBetween(clip.previousObservedAt, clip.lastObservedAt);
  return hours > 0 ? Math.max(0, clip.lastViews - clip.previousViews) / hours : 0;
}

/**
 * The last velocity and a floor, since the last observation; the velocity of first scrapes since
 * posting if there is none. In US dollars.
 */
export function unrecordedAmount(
  clip: DueClip,
  { now, firstScrapeVelocity }: Surroundings,
): number {
  const typical = firstScrapeVelocity(clip.platform);
  const observed = velocityOf(clip);
  const velocity = observed === null ? typical : observed + FLOOR * typical;
  const since = observed === null ? postedAt(clip) : clip.lastObservedAt!;
  return worthOf(clip, velocity * hoursBetween(since, now));
}

/**
 * The unrecorded amount times the hours since the last observation. Twice the amount and twice the
 * hours are equally urgent.
 */
export const dollarHours: Weigh = (clip, around) => {
  const unrecorded = unrecordedAmount(clip, around);
  return {
    unrecorded,
    score: unrecorded * (hoursUnobserved(clip, around.now) + HEAD_START_HOURS),
  };
};
