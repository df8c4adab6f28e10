import type { Platform } from '@cliptally/contracts';
import type { Observed } from './due-clip.js';
import { growthBy } from './growth.js';
import { PARAMETERS } from './parameters.js';

/** Recent first scrapes of a platform: how many, and their mean views an hour since posting. */
export interface FirstScrapes {
  scrapes: number;
  velocity: number;
}

/** First scrapes, or observations of standing clips, that a mean remembers. */
const REMEMBERED = 500;
/** The guess without data, and how many scrapes of all platforms count beside a platform's own. */
const PRIOR: FirstScrapes = { scrapes: 10, velocity: 300 };
const SHARED_SCRAPES = 20;

/** The mean with one more first scrape, which observed `velocity` views an hour. */
export function withFirstScrape(known: FirstScrapes | undefined, velocity: number): FirstScrapes {
  const scrapes = (known?.scrapes ?? 0) + 1;
  const before = known?.velocity ?? 0;
  return { scrapes, velocity: before + (velocity - before) / Math.min(scrapes, REMEMBERED) };
}

/**
 * Views an hour to expect of a first scrape. A few clips have most of the views, so the mean of a
 * few scrapes is often far too low; near 0, nobody would scrape new clips of the platform again. So
 * it leans on the mean of all platforms, and that one on a guess.
 */
export function expectedFirstScrape(
  known: ReadonlyMap<Platform, FirstScrapes>,
): (platform: Platform) => number {
  const weightOf = ({ scrapes }: FirstScrapes) => Math.min(scrapes, REMEMBERED);
  const all = [PRIOR, ...known.values()];
  const shared =
    all.reduce((sum, one) => sum + weightOf(one) * one.velocity, 0) /
    all.reduce((sum, one) => sum + weightOf(one), 0);
  return (platform) => {
    const own = known.get(platform) ?? { scrapes: 0, velocity: 0 };
    const weight = weightOf(own);
    return (SHARED_SCRAPES * shared + weight * own.velocity) / (SHARED_SCRAPES + weight);
  };
}

/**
 * Recent observations of a platform's clips that were expected to stand still: their hours, and
 * what they gained all the same, in hours of the velocity of first scrapes.
 */
export interface StandingClips {
  hours: number;
  gained: number;
}

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
