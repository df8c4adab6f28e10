import type { Platform } from '@cliptally/contracts';
import type { Observed } from './due-clip.js';
import { growthBy } from './growth.js';
import { PARAMETERS } from './parameters.js';

/**
 * What recent observations of a platform's clips showed that were expected to stand still: their
 * hours, and what they gained all the same, in hours of the velocity of first scrapes.
 */
export interface StandingClips {
  hours: number;
  gained: number;
}

/** Observations that the sums remember. */
const REMEMBERED = 1_000;
/** A clip stands still if it should gain less than this part of the velocity of first scrapes. */
const STANDS_STILL = 0.05;
const grow = growthBy(PARAMETERS);

/** The sums with one more observation: `views` at `now` of a clip as it was known before. */
export function withObservation(
  known: StandingClips | undefined,
  clip: Observed,
  { views, now, typical }: { views: number; now: number; typical: number },
): StandingClips | undefined {
  if (clip.lastObservedAt === null || clip.lastViews === null) return known;
  const { gained, floorHours } = grow(clip, now, typical);
  if (floorHours === 0 || gained > STANDS_STILL * floorHours * typical) return known;
  const keep = 1 - 1 / REMEMBERED;
  return {
    hours: (known?.hours ?? 0) * keep + floorHours,
    gained: (known?.gained ?? 0) * keep + (Math.max(0, views - clip.lastViews) - gained) / typical,
  };
}

/** The floor by platform: what standing clips gained, leaning on the guess. */
export function learnedFloor(
  known: ReadonlyMap<Platform, StandingClips>,
): (platform: Platform) => number {
  const { floor, floorGuessHours } = PARAMETERS;
  return (platform) => {
    const { hours, gained } = known.get(platform) ?? { hours: 0, gained: 0 };
    return Math.max(0, (floor * floorGuessHours + gained) / (floorGuessHours + hours));
  };
}
