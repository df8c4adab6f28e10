import { hoursBetween, postedAt, type DueClip, type Policy, type Surroundings, type Weight } from './due-clip.js';

/** Part of a first look's velocity that every clip is granted: without it a clip that stood still is never seen to move again. */
const FLOOR = 0.03;
/** Added to the hours unseen, so that a clip which gains much within minutes is not held back by the square of a small number. */
const HEAD_START_HOURS = 2;

/**
 * Views an hour between the last two looks; after one look, views an hour since posting. Falling counts are no growth.
 * Null for a clip that was never looked at.
 */
export function velocityOf(clip: DueClip): number | null {
  if (clip.lastLookAt === null || clip.lastViews === null) return null;
  if (clip.previousLookAt === null || clip.previousViews === null) {
    // At least an hour, as in the mean of first looks: a clip that was posted a minute ago would seem to fly.
    return clip.lastViews / Math.max(1, hoursBetween(postedAt(clip), clip.lastLookAt));
  }
  const hours = hoursBetween(clip.previousLookAt, clip.lastLookAt);
  return hours > 0 ? Math.max(0, clip.lastViews - clip.previousViews) / hours : 0;
}

/** Hours since the last look; since submission where there was none. */
export const hoursUnseen = (clip: DueClip, now: number): number => hoursBetween(clip.lastLookAt ?? clip.submittedAt, now);

/**
 * The last velocity (and a floor) for as long as nobody has looked; the velocity of first looks since posting where nobody ever has. In US dollars, and
 * US dollars an hour.
 */
export function dollarsWaiting(clip: DueClip, { now, firstLookVelocity }: Surroundings): Omit<Weight, 'score'> {
  const typical = firstLookVelocity(clip.platform);
  const seen = velocityOf(clip);
  const velocity = (clip.dollarsPerThousand / 1000) * (seen === null ? typical : seen + FLOOR * typical);
  const since = seen === null ? postedAt(clip) : clip.lastLookAt!;
  return { waiting: velocity * hoursBetween(since, now), velocity };
}

/**
 * Dollar-hours: the dollars we probably owe, times how long we have not looked. A clip with twice the money waiting and one
 * that was left alone twice as long are equally urgent.
 */
export const dollarHours: Policy = (clip, around) => {
  const { waiting, velocity } = dollarsWaiting(clip, around);
  return { waiting, velocity, score: waiting * (hoursUnseen(clip, around.now) + HEAD_START_HOURS) };
};
