import { hoursUnseen } from './dollar-hours.js';
import { fadedBy, hoursBetween, postedAt, type DueClip, type Surroundings } from './due-clip.js';

/** A burst that nobody foresees, which a clip may have had since it was last seen. Views, not dollars: what they are worth is the campaigns' affair. */
export interface PossibleBurst {
  /** The chance that it has begun by now. */
  chance: number;
  /** What it brings in all, in the mean. */
  views: number;
  /** Hours that it may have run. */
  hours: number;
  /** How many times the mean it may well bring. */
  tail: number;
}

/** What a clip may bring in the mean is as much as so many hours of the velocity of first looks. */
const USUAL_HOURS = 14;
/** Chances an hour of a burst of usual size at a young clip that nobody has seen, and of one as large as all that it has brought. */
const CHANCE = { atUnseen: 0.001, ofOwnSize: 0.0005 };
/** Few bursts have most of the views: so many times the mean is what one may well bring, where its size is a guess. */
export const TAIL = 3;
/**
 * A clip that has hardly brought anything may be asleep: it wakes some time between half a day and a week after it was posted, and brings what others do, of
 * which it has shown about three thousandths. So the little that it has tells two things: the odds that it sleeps (even where it has `evenAt` of
 * what is usual; `steepness` is how they fall) and how much is to come.
 */
const ASLEEP = { fromHours: 12, untilHours: 168, shown: 0.003, evenAt: 0.004, steepness: 1.45 };
/** No room is left for a surprise at clips much older than this. */
const SURPRISE_FADES_AT_HOURS = 200;

/** Views that a clip of the platform may bring in the mean. */
export const usualViews = ({ platform }: DueClip, { firstLookVelocity }: Surroundings): number => USUAL_HOURS * firstLookVelocity(platform);

/** Hours since the last look, as far as the clip's age leaves room for a surprise. */
export function exposure(clip: DueClip, now: number): number {
  return hoursUnseen(clip, now) * fadedBy(hoursBetween(postedAt(clip), now), SURPRISE_FADES_AT_HOURS);
}

/** What may have come since the last look, unforeseen. */
export function possibleBursts(clip: DueClip, around: Surroundings): PossibleBurst[] {
  const hours = hoursUnseen(clip, around.now);
  const exposed = exposure(clip, around.now);
  if (clip.lastLookAt === null || clip.lastViews === null)
    return [{ chance: CHANCE.atUnseen * exposed, views: usualViews(clip, around), hours, tail: TAIL }];
  const again = { chance: CHANCE.ofOwnSize * exposed, views: clip.lastViews, hours, tail: TAIL };
  const awakening = awakeningOf(clip, clip.lastLookAt, clip.lastViews, around);
  return awakening ? [again, awakening] : [again];
}

function awakeningOf(clip: DueClip, lastLookAt: number, lastViews: number, around: Surroundings): PossibleBurst | null {
  const { fromHours, untilHours, shown, evenAt, steepness } = ASLEEP;
  const age = hoursBetween(postedAt(clip), around.now);
  const seenAt = Math.max(fromHours, hoursBetween(postedAt(clip), lastLookAt));
  if (age <= fromHours || seenAt >= untilHours) return null;
  const hours = Math.min(age, untilHours) - seenAt;
  // Half a view: of nothing at all no size could be told.
  const views = lastViews + 0.5;
  const odds = ((evenAt * usualViews(clip, around)) / views) ** steepness;
  // All hours are alike, and the longer it has slept, the less likely it is that it was asleep at all: both in one fraction.
  const anHour = 1 / ((untilHours - fromHours) / odds + untilHours - seenAt);
  return { chance: anHour * hours, views: views / shown, hours, tail: 1 };
}
