import {
  fadedBy,
  hoursBetween,
  hoursUnobserved,
  postedAt,
  type DueClip,
  type Surroundings,
} from './due-clip.js';

/** An unforeseen burst of views that a clip may have had since its last observation. */
export interface PossibleBurst {
  /** Probability that it has begun. */
  chance: number;
  /** Mean of the views that it brings in all. */
  views: number;
  /** Hours that it may have run. */
  hours: number;
  /** How many times the mean it may well bring. */
  tail: number;
}

/** The mean views of a clip are this many hours of the velocity of first scrapes. */
const USUAL_HOURS = 14;
/**
 * Chances an hour of a burst of usual size without observation, and of one as large as the clip.
 */
const CHANCE = { unobserved: 0.001, ofOwnSize: 0.0005 };
/** A few bursts have most of the views: if its size is a guess, so many means are possible. */
export const TAIL = 3;
/**
 * A clip with few views may be asleep: it wakes 12 to 168 h after posting and has `shown` that part
 * of its views. The few views tell the odds that it sleeps (even at `evenAt` of the usual views;
 * `steepness` is how they fall), and how many come.
 */
const ASLEEP = { fromHours: 12, untilHours: 168, shown: 0.003, evenAt: 0.004, steepness: 1.45 };
/** Much older clips bring no surprise. */
const SURPRISE_FADES_AT_HOURS = 200;

/** Mean views of a clip of the platform. */
export const usualViews = ({ platform }: DueClip, { firstScrapeVelocity }: Surroundings): number =>
  USUAL_HOURS * firstScrapeVelocity(platform);

/** Hours since the last observation, weighed by the chance that the clip's age leaves. */
export function exposure(clip: DueClip, now: number): number {
  return (
    hoursUnobserved(clip, now) * fadedBy(hoursBetween(postedAt(clip), now), SURPRISE_FADES_AT_HOURS)
  );
}

/** Bursts that may have come since the last observation. */
export function possibleBursts(clip: DueClip, around: Surroundings): PossibleBurst[] {
  const hours = hoursUnobserved(clip, around.now);
  const exposed = exposure(clip, around.now);
  if (clip.lastObservedAt === null || clip.lastViews === null)
    return [
      { chance: CHANCE.unobserved * exposed, views: usualViews(clip, around), hours, tail: TAIL },
    ];
  const again = { chance: CHANCE.ofOwnSize * exposed, views: clip.lastViews, hours, tail: TAIL };
  const awakening = awakeningOf(clip, clip.lastObservedAt, clip.lastViews, around);
  return awakening ? [again, awakening] : [again];
}

function awakeningOf(
  clip: DueClip,
  lastObservedAt: number,
  lastViews: number,
  around: Surroundings,
): PossibleBurst | null {
  const { fromHours, untilHours, shown, evenAt, steepness } = ASLEEP;
  const age = hoursBetween(postedAt(clip), around.now);
  const observedAge = Math.max(fromHours, hoursBetween(postedAt(clip), lastObservedAt));
  if (age <= fromHours || observedAge >= untilHours) return null;
  const hours = Math.min(age, untilHours) - observedAge;
  // Half a view: 0 views would tell no size.
  const views = lastViews + 0.5;
  const odds = ((evenAt * usualViews(clip, around)) / views) ** steepness;
  // All hours are alike, and a longer sleep makes sleep itself less likely: both in one fraction.
  const anHour = 1 / ((untilHours - fromHours) / odds + untilHours - observedAge);
  return { chance: anHour * hours, views: views / shown, hours, tail: 1 };
}
