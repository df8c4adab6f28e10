import { fadedBy, hoursBetween, postedAt, type DueClip, type Policy, type Surroundings } from './due-clip.js';

/**
 * Views come as (1 + age / 10 h) ^ -1.3. Exponents from 1.05 to 1.6 and scales from 10 to 20 hours differ by less than worlds do, so that
 * one curve serves all platforms.
 */
const STEEPNESS = 1.3;
const SCALE_HOURS = 10;
/** Hours over which the velocity of first looks is taken to be a mean of, and how much more a clip is granted that nobody has seen. */
const FIRST_HOURS = 10;
const UNSEEN_WEIGHT = 2;
/** More than this many times the expected views begin a new burst, with an age of its own, in the middle between the two looks. */
const BURST = 5;
/** Views under which a multiple means nothing. */
const BURST_VIEWS = 10;
/**
 * What a quiet clip may come to life with: a part of the velocity of first looks, which fades with age; within the hours that a burst takes to
 * rise it is worth less, because a burst that began just now has brought little yet.
 */
const SURPRISE = { ofTypical: 0.015, fadesAtHours: 200, riseHours: 10 };
/** And with a part of its own views, divided by its age: what was large may be large again. */
const OF_OWN_VIEWS = 0.02;
/** A clip that is expected to stand still is not weighed as if it had waited for ever. */
const LONGEST_WAIT = 3;
/** Views that are still to come at an age, in the units of {@link velocityAt}. */
const toCome = (age: number): number => (age + SCALE_HOURS) ** (1 - STEEPNESS) / (STEEPNESS - 1);
/** Views an hour at an age, from what is still to come: a power of its own would cost as much as all the rest. */
const velocityAt = (age: number, left: number): number => ((STEEPNESS - 1) * left) / (age + SCALE_HOURS);
const ALL = toCome(0);
const FIRST_SHARE = ALL - toCome(FIRST_HOURS);

interface Expectation {
  /** Views since the last look. */
  waiting: number;
  /** Views an hour by now. */
  velocity: number;
}

/** What a clip has probably gained since it was last seen, if its last growth decays with age, and what it gains by now. */
function expect(clip: DueClip, { now, firstLookVelocity }: Surroundings): Expectation {
  const typical = firstLookVelocity(clip.platform);
  const posted = postedAt(clip);
  const age = hoursBetween(posted, now);
  if (clip.lastLookAt === null || clip.lastViews === null) {
    const size = (UNSEEN_WEIGHT * typical * FIRST_HOURS) / FIRST_SHARE;
    const left = toCome(age);
    return { waiting: size * (ALL - left), velocity: size * velocityAt(age, left) };
  }
  const seenAge = hoursBetween(posted, clip.lastLookAt);
  const previousAge = clip.previousLookAt === null ? 0 : hoursBetween(posted, clip.previousLookAt);
  const previousViews = clip.previousViews ?? 0;
  const gained = Math.max(0, clip.lastViews - previousViews);
  let began = 0;
  let leftThen = toCome(previousAge);
  let leftSeen = toCome(seenAge);
  const expected = ((previousViews + 1) * (leftThen - leftSeen)) / (ALL - leftThen);
  if (previousAge > 0 && gained > BURST * expected + BURST_VIEWS) {
    began = (previousAge + seenAge) / 2;
    leftThen = ALL;
    leftSeen = toCome(seenAge - began);
  }
  const leftNow = toCome(age - began);
  const size = gained / Math.max(leftThen - leftSeen, 1e-9);
  const unseen = age - seenAge;
  const surprise =
    SURPRISE.ofTypical * typical * fadedBy(age, SURPRISE.fadesAtHours) + (OF_OWN_VIEWS * clip.lastViews) / (age + SCALE_HOURS);
  const risen = unseen / (unseen + SURPRISE.riseHours);
  return {
    waiting: size * (leftSeen - leftNow) + surprise * unseen * risen,
    velocity: size * velocityAt(age - began, leftNow) + surprise * risen,
  };
}

/**
 * The dollars that wait, times how many hours the clip would need by now to gain as much again. For steady growth that is the time since the
 * last look, as in dollar-hours; for a clip that has slowed down it is longer: what it gained stays unrecorded until somebody looks, and nothing
 * is gained by waiting for more.
 */
export const decayingDollarHours: Policy = (clip, around) => {
  const { waiting, velocity } = expect(clip, around);
  const unseen = hoursBetween(clip.lastLookAt ?? clip.submittedAt, around.now);
  const hours = Math.min(waiting / Math.max(velocity, 1e-9), LONGEST_WAIT * (unseen + 1));
  const perView = clip.dollarsPerThousand / 1000;
  return { waiting: perView * waiting, velocity: perView * velocity, score: perView * waiting * hours };
};
