import { hoursBetween, postedAt, type Observed } from './due-clip.js';
import { PARAMETERS } from './parameters.js';

const { steepness, scaleHours, unobserved, floorFadesAtHours } = PARAMETERS;
const POWER = steepness - 1;
/** Views still to come at an age, in units of a size. */
const toCome = (age: number): number => (age + scaleHours) ** -POWER / POWER;
const ALL = toCome(0);
const HOURS_OF_FIRST = (unobserved * scaleHours) / (ALL - toCome(scaleHours));

/**
 * Views that a clip has probably gained since its last observation, and views an hour at `now`:
 * they come by a curve that decays with age, through the last two observations. `typical` is the
 * velocity of first scrapes. The floor fades with age: its share now, and hours times that.
 */
export function grow(clip: Observed, now: number, typical: number) {
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
  // From what is still to come: another power would cost too much.
  const velocity = (size * POWER * left) / (age + scaleHours);
  return { gained: size * (leftSeen - left), velocity, floorShare, floorHours: hours * floorShare };
}
