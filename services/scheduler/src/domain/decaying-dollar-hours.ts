import { BUDGET_EDGE_WEIGHT } from './dollar-hours.js';
import { hoursBetween, type DueClip, type Estimate, type Policy, type Surroundings } from './due-clip.js';

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
const SURPRISE = { ofTypical: 0.015, fadesAtHours: 200, fading: 3, riseHours: 10 };
/** And with a part of its own views, divided by its age: what was large may be large again. */
const OF_OWN_VIEWS = 0.02;
/** A clip that is expected to stand still is not weighed as if it had waited for ever. */
const LONGEST_WAIT = 3;
/** Extra weight where recorded plus estimated spend says that the budget is gone: only looks can show it, and each shows part of it. */
export const BUDGET_GONE_WEIGHT = 64;

/** Share of a curve's views between two ages, in the units of {@link velocityAt}. */
const between = (from: number, to: number): number =>
  ((from + SCALE_HOURS) ** (1 - STEEPNESS) - (to + SCALE_HOURS) ** (1 - STEEPNESS)) / (STEEPNESS - 1);
const velocityAt = (age: number): number => (age + SCALE_HOURS) ** -STEEPNESS;
const FIRST_SHARE = between(0, FIRST_HOURS);

interface Expectation {
  /** Views since the last look. */
  waiting: number;
  /** Views an hour by now. */
  velocity: number;
}

/** What a clip has probably gained since it was last seen, if its last growth decays with age, and what it gains by now. */
function expect(clip: DueClip, { now, firstLookVelocity }: Pick<Surroundings, 'now' | 'firstLookVelocity'>): Expectation {
  const typical = firstLookVelocity(clip.platform);
  const posted = clip.postedAt ?? clip.submittedAt;
  const age = hoursBetween(posted, now);
  if (clip.lastLookAt === null || clip.lastViews === null) {
    const size = (UNSEEN_WEIGHT * typical * FIRST_HOURS) / FIRST_SHARE;
    return { waiting: size * between(0, age), velocity: size * velocityAt(age) };
  }
  const seenAge = hoursBetween(posted, clip.lastLookAt);
  const previousAge = clip.previousLookAt === null ? 0 : hoursBetween(posted, clip.previousLookAt);
  const previousViews = clip.previousViews ?? 0;
  const gained = Math.max(0, clip.lastViews - previousViews);
  const expected = ((previousViews + 1) * between(previousAge, seenAge)) / between(0, previousAge);
  const began = previousAge > 0 && gained > BURST * expected + BURST_VIEWS ? (previousAge + seenAge) / 2 : 0;
  const size = gained / Math.max(between(Math.max(previousAge - began, 0), seenAge - began), 1e-9);
  const unseen = age - seenAge;
  const surprise =
    (SURPRISE.ofTypical * typical) / (1 + (age / SURPRISE.fadesAtHours) ** SURPRISE.fading) +
    (OF_OWN_VIEWS * clip.lastViews) / (age + SCALE_HOURS);
  const risen = unseen / (unseen + SURPRISE.riseHours);
  return {
    waiting: size * between(seenAge - began, age - began) + surprise * unseen * risen,
    velocity: size * velocityAt(age - began) + surprise * risen,
  };
}

export const decayingDollarsWaiting: Estimate = (clip, around) => (clip.dollarsPerThousand / 1000) * expect(clip, around).waiting;

/**
 * The dollars that wait, times how many hours the clip would need by now to gain as much again. For steady growth that is the time since the
 * last look, as in dollar-hours; for a clip that has slowed down it is longer: what it gained stays unrecorded until somebody looks, and nothing
 * is gained by waiting for more. Four times as urgent where a budget is about to end, and far more where it seems to be gone.
 */
export const decayingDollarHours: Policy = (clip, around) => {
  const { waiting, velocity } = expect(clip, around);
  const unseen = hoursBetween(clip.lastLookAt ?? clip.submittedAt, around.now);
  const hours = Math.min(waiting / Math.max(velocity, 1e-9), LONGEST_WAIT * (unseen + 1));
  const score = (clip.dollarsPerThousand / 1000) * waiting * hours;
  if (around.budgetGone?.(clip)) return score * BUDGET_GONE_WEIGHT;
  return around.nearBudgetEnd(clip) ? score * BUDGET_EDGE_WEIGHT : score;
};
