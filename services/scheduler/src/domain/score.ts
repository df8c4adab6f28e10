import { hoursBetween, postedAt, type DueClip, type Observed, type Weigh } from './due-clip.js';
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

/** What `gained` more views are worth to a clip; US dollars, as they will probably be paid. */
export function worthOf({ terms, dollarsPerThousand, lastViews }: DueClip, gained: number): number {
  if (!terms) return (dollarsPerThousand / 1000) * gained;
  let worth = 0;
  for (const { minViews, uncounted, most, chance, ...one } of terms) {
    const missing = minViews - (lastViews ?? 0);
    const paid = missing > 0 ? Math.max(minViews, minViews - missing + gained) : uncounted + gained;
    // Gains have a heavy tail: at least so much more than expected comes as often as this.
    const passes = missing > 0 ? gained / (gained + missing) : 1;
    worth += chance * passes * Math.min(most, (one.dollarsPerThousand / 1000) * paid);
  }
  return worth;
}

/** Whether more views would still pay anybody anything. */
export const canEarn = ({ terms, dollarsPerThousand }: DueClip): boolean =>
  terms
    ? terms.some(({ most, chance, ...one }) => one.dollarsPerThousand * chance * most > 0)
    : dollarsPerThousand > 0;

/** Probability that an entry of a campaign is paid what it earns. */
export const chanceOf = (entry: { held: boolean; pending: boolean }): number =>
  (entry.held ? PARAMETERS.chanceHeld : 1) * (entry.pending ? PARAMETERS.chancePending : 1);

/**
 * The default policy: the unrecorded amount times the hours that the clip would need now to gain as
 * much again. With steady growth these are the hours since the last observation. They are more for
 * a clip that slowed down: nothing is gained by waiting for more.
 */
export const decayingDollarHours: Weigh = (clip, { now, learned }) => {
  const { firstScrapeVelocity, floor } = learned[clip.platform];
  const { gained, velocity, floorHours, floorShare } = grow(clip, now, firstScrapeVelocity);
  const surprise = floor * firstScrapeVelocity;
  const views = gained + surprise * floorHours;
  const unrecorded = worthOf(clip, views);
  const score = (unrecorded * views) / Math.max(velocity + surprise * floorShare, 1e-9);
  return { unrecorded, score };
};
