import { hoursBetween, postedAt, type Observed } from './due-clip.js';
import type { PolicyParameters } from './parameters.js';

/** Views that a clip has probably gained since its last observation, without any surprise. */
export interface Growth {
  gained: number;
  /** Views an hour now. */
  velocity: number;
  /** How far the floor has faded with age, and the hours since the last observation times that. */
  floorShare: number;
  floorHours: number;
}

/** Growth by `now`; `typical` is the velocity of first scrapes. */
export type Grow = (clip: Observed, now: number, typical: number) => Growth;

/** Views come by a curve that decays with age, through the last two observations. */
export function growthBy(p: PolicyParameters): Grow {
  const power = p.steepness - 1;
  /** Views still to come at an age, in units of a size. */
  const toCome = (age: number): number => (age + p.scaleHours) ** -power / power;
  const all = toCome(0);
  const hoursOfFirst = (p.unobserved * p.scaleHours) / (all - toCome(p.scaleHours));

  return (clip, now, typical) => {
    const posted = postedAt(clip);
    const leftAt = (at: number | null) => (at === null ? all : toCome(hoursBetween(posted, at)));
    const { lastViews: views, previousViews } = clip;
    const seen = views !== null && clip.lastObservedAt !== null;
    const age = hoursBetween(posted, now);
    const left = toCome(age);
    const leftSeen = leftAt(clip.lastObservedAt);
    const size = seen
      ? Math.max(0, views - (previousViews ?? 0)) /
        Math.max(leftAt(clip.previousObservedAt) - leftSeen, 1e-9)
      : typical * hoursOfFirst;
    const hours = seen ? age - hoursBetween(posted, clip.lastObservedAt!) : 0;
    const part = age / p.floorFadesAtHours;
    const floorShare = 1 / (1 + part * part * part);
    return {
      gained: size * (leftSeen - left),
      // From what is still to come: another power would cost too much.
      velocity: (size * power * left) / (age + p.scaleHours),
      floorHours: hours * floorShare,
      floorShare,
    };
  };
}
