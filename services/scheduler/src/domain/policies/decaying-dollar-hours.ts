import {
  fadedBy,
  hoursBetween,
  hoursUnobserved,
  postedAt,
  type DueClip,
  type Surroundings,
  type Weigh,
} from '../due-clip.js';

/**
 * Views come as (1 + age / 10 h) ^ -1.3. Exponents from 1.05 to 1.6 and scales from 10 to 20 hours
 * differ by less than simulated worlds do, so one curve serves all platforms.
 */
const STEEPNESS = 1.3;
const SCALE_HOURS = 10;
/** Hours of the velocity of first scrapes, and the weight of a clip without observation. */
const FIRST_HOURS = 10;
const UNOBSERVED_WEIGHT = 2;
/** More than this many times the expected views begin a new burst between the two observations. */
const BURST = 5;
/** Under so many views a multiple means nothing. */
const BURST_VIEWS = 10;
/**
 * A quiet clip may gain this part of the velocity of first scrapes; it fades with age. Within the
 * rise of a burst it counts less: a burst that began just now has brought little yet.
 */
const SURPRISE = { ofTypical: 0.015, fadesAtHours: 200, riseHours: 10 };
/** And this part of its own views, divided by its age: a large clip may grow large again. */
const OF_OWN_VIEWS = 0.02;
/** Limits the wait of a clip that is expected to stand still. */
const LONGEST_WAIT = 3;
/** Views still to come at an age, in the units of {@link velocityAt}. */
const toCome = (age: number): number => (age + SCALE_HOURS) ** (1 - STEEPNESS) / (STEEPNESS - 1);
/** Views an hour at an age, from what is still to come: another power would cost too much. */
const velocityAt = (age: number, left: number): number =>
  ((STEEPNESS - 1) * left) / (age + SCALE_HOURS);
const ALL = toCome(0);
const FIRST_SHARE = ALL - toCome(FIRST_HOURS);

/** Expected views since the last observation, and views an hour now: growth decays with age. */
function expect(
  clip: DueClip,
  { now, firstScrapeVelocity }: Surroundings,
): { gained: number; velocity: number } {
  const typical = firstScrapeVelocity(clip.platform);
  const posted = postedAt(clip);
  const age = hoursBetween(posted, now);
  if (clip.lastObservedAt === null || clip.lastViews === null) {
    const size = (UNOBSERVED_WEIGHT * typical * FIRST_HOURS) / FIRST_SHARE;
    const left = toCome(age);
    return { gained: size * (ALL - left), velocity: size * velocityAt(age, left) };
  }
  const observedAge = hoursBetween(posted, clip.lastObservedAt);
  const previousAge =
    clip.previousObservedAt === null ? 0 : hoursBetween(posted, clip.previousObservedAt);
  const previousViews = clip.previousViews ?? 0;
  const lastGain = Math.max(0, clip.lastViews - previousViews);
  let began = 0;
  let leftThen = toCome(previousAge);
  let leftObserved = toCome(observedAge);
  const expected = ((previousViews + 1) * (leftThen - leftObserved)) / (ALL - leftThen);
  if (previousAge > 0 && lastGain > BURST * expected + BURST_VIEWS) {
    began = (previousAge + observedAge) / 2;
    leftThen = ALL;
    leftObserved = toCome(observedAge - began);
  }
  const leftNow = toCome(age - began);
  const size = lastGain / Math.max(leftThen - leftObserved, 1e-9);
  const unobserved = age - observedAge;
  const surprise =
    SURPRISE.ofTypical * typical * fadedBy(age, SURPRISE.fadesAtHours) +
    (OF_OWN_VIEWS * clip.lastViews) / (age + SCALE_HOURS);
  const risen = unobserved / (unobserved + SURPRISE.riseHours);
  return {
    gained: size * (leftObserved - leftNow) + surprise * unobserved * risen,
    velocity: size * velocityAt(age - began, leftNow) + surprise * risen,
  };
}

/**
 * The unrecorded amount times the hours that the clip would need now to gain as much again. With
 * steady growth these are the hours since the last observation, as in dollar-hours. They are more
 * for a clip that slowed down: nothing is gained by waiting for more.
 */
export const decayingDollarHours: Weigh = (clip, around) => {
  const { gained, velocity } = expect(clip, around);
  const hours = Math.min(
    gained / Math.max(velocity, 1e-9),
    LONGEST_WAIT * (hoursUnobserved(clip, around.now) + 1),
  );
  const perView = clip.dollarsPerThousand / 1000;
  return {
    unrecorded: perView * gained,
    velocity: perView * velocity,
    score: perView * gained * hours,
  };
};
