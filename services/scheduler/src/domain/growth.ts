import { hoursBetween, postedAt, type Observed } from './due-clip.js';
import type { PolicyParameters } from './parameters.js';

/** Views that a clip has probably gained since its last observation, without any surprise. */
export interface Growth {
  gained: number;
  /** Views an hour now. */
  velocity: number;
  /**
   * Hours since the last observation in which a clip that stands still may have begun to move:
   * fewer for an old clip, and for a short time.
   */
  floorHours: number;
  /** The same as a part of all hours. */
  floorShare: number;
}

/** Growth at the instant `now`; `typical` is the velocity of first scrapes. */
export type Grow = (clip: Observed, now: number, typical: number) => Growth;

/** Views come by a curve that decays with age, through the last two observations. */
export function growthBy(p: PolicyParameters): Grow {
  const power = p.steepness - 1;
  /** Views still to come at an age, in the units of `velocityAt`. */
  const toCome = (age: number): number => (age + p.scaleHours) ** -power / power;
  // From what is still to come: another power would cost too much.
  const velocityAt = (age: number, left: number): number => (power * left) / (age + p.scaleHours);
  const all = toCome(0);
  const hoursOfFirst = p.scaleHours / (all - toCome(p.scaleHours));

  return (clip, now, typical) => {
    const posted = postedAt(clip);
    const age = hoursBetween(posted, now);
    const left = toCome(age);
    if (clip.lastObservedAt === null || clip.lastViews === null) {
      const size = typical * hoursOfFirst;
      const velocity = size * velocityAt(age, left);
      return { gained: size * (all - left), velocity, floorHours: 0, floorShare: 0 };
    }
    const observedAge = hoursBetween(posted, clip.lastObservedAt);
    const leftObserved = toCome(observedAge);
    const leftBefore =
      clip.previousObservedAt === null
        ? all
        : toCome(hoursBetween(posted, clip.previousObservedAt));
    const lastGain = Math.max(0, clip.lastViews - (clip.previousViews ?? 0));
    const size = lastGain / Math.max(leftBefore - leftObserved, 1e-9);
    const hours = age - observedAge;
    const part = age / p.floorFadesAtHours;
    const floorShare = hours / (hours + p.floorRisesHours) / (1 + part * part * part);
    return {
      gained: size * (leftObserved - left),
      velocity: size * velocityAt(age, left),
      floorHours: hours * floorShare,
      floorShare,
    };
  };
}
