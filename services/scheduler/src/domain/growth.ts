import { hoursBetween, postedAt, type Observed } from './due-clip.js';
import { PARAMETERS } from './parameters.js';

/** Views that a clip has probably gained since its last observation, without any surprise. */
export interface Growth {
  gained: number;
  /** Views an hour now. */
  velocity: number;
  /** How far the floor has faded with age, and the hours since the last observation times that. */
  floorShare: number;
  floorHours: number;
}

const { steepness, scaleHours, unobserved, floorFadesAtHours } = PARAMETERS;
const POWER = steepness - 1;
/** Views still to come at an age, in units of a size. */
const toCome = (age: number): number => (age + scaleHours) ** -POWER / POWER;
const ALL = toCome(0);
const HOURS_OF_FIRST = (unobserved * scaleHours) / (ALL - toCome(scaleHours));

/**
 * Growth by `now`: views come by a curve that decays with age, through the last two observations.
 * `typical` is the velocity of first scrapes.
 */
export function grow(clip: Observed, now: number, typical: number): Growth {
  const posted = postedAt(clip);
  const { lastObservedAt, lastViews, previousObservedAt, previousViews } = clip;
  const leftAt = (at: number | null) => (at === null ? ALL : toCome(hoursBetween(posted, at)));
  const age = hoursBetween(posted, now);
  const [left, leftSeen] = [toCome(age), leftAt(lastObservedAt)];
  const size =
    lastViews === null
      ? typical * HOURS_OF_FIRST
      : Math.max(0, lastViews - (previousViews ?? 0)) /
        Math.max(leftAt(previousObservedAt) - leftSeen, 1e-9);
  const hours = lastObservedAt === null ? 0 : age - hoursBetween(posted, lastObservedAt);
  const part = age / floorFadesAtHours;
  const floorShare = 1 / (1 + part * part * part);
  return {
    gained: size * (leftSeen - left),
    // From what is still to come: another power would cost too much.
    velocity: (size * POWER * left) / (age + scaleHours),
    floorHours: hours * floorShare,
    floorShare,
  };
}
