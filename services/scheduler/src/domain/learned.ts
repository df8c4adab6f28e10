import { Platform } from '@cliptally/contracts';
import type { Learned, Observed } from './due-clip.js';
import { PARAMETERS } from './parameters.js';
import { grow } from './score.js';

/** Recent first scrapes of a platform: how many, and their mean views an hour since posting. */
export interface FirstScrapes {
  scrapes: number;
  velocity: number;
}
const NONE: FirstScrapes = { scrapes: 0, velocity: 0 };

/** First scrapes, or observations of standing clips, that a mean remembers. */
const REMEMBERED = 500;
/** The guess without data, and how many scrapes of all platforms count beside a platform's own. */
const PRIOR: FirstScrapes = { scrapes: 10, velocity: 300 };
const SHARED_SCRAPES = 20;

/** The mean with one more first scrape, which observed `velocity` views an hour. */
export function withFirstScrape(known = NONE, velocity: number): FirstScrapes {
  const scrapes = known.scrapes + 1;
  const change = (velocity - known.velocity) / Math.min(scrapes, REMEMBERED);
  return { scrapes, velocity: known.velocity + change };
}

/**
 * Views an hour to expect of a first scrape. A few clips have most of the views, so the mean of a
 * few scrapes is often far too low; near 0, nobody would scrape new clips of the platform again. So
 * it leans on the mean of all platforms, and that one on a guess.
 */
export function expectedFirstScrape(
  known: ReadonlyMap<Platform, FirstScrapes>,
  platform: Platform,
): number {
  const mean = (scrapes: readonly FirstScrapes[]): number => {
    const weights = scrapes.map((one) => Math.min(one.scrapes, REMEMBERED));
    const sum = scrapes.reduce((all, { velocity }, i) => all + weights[i]! * velocity, 0);
    return sum / weights.reduce((all, weight) => all + weight);
  };
  // In one order, whichever a projection has them in: sums of fractions depend on it.
  const all = Platform.options.flatMap((one) => known.get(one) ?? []);
  const shared = { scrapes: SHARED_SCRAPES, velocity: mean([PRIOR, ...all]) };
  return mean([shared, known.get(platform) ?? NONE]);
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

/** The sums with one more observation: `views` at `now` of a clip as it was known before. */
export function withObservation(
  known: StandingClips | undefined,
  clip: Observed,
  { views, now, typical }: { views: number; now: number; typical: number },
): StandingClips | undefined {
  const expected = grow(clip, now, typical);
  const hours = expected.floorHours;
  if (hours === 0 || expected.gained > STANDS_STILL * hours * typical) return known;
  const keep = 1 - 1 / REMEMBERED;
  const gained = (Math.max(0, views - clip.lastViews!) - expected.gained) / typical;
  return {
    hours: (known?.hours ?? 0) * keep + hours,
    gained: (known?.gained ?? 0) * keep + gained,
  };
}

/** What a tracking run knows of each platform. The floor leans on the guess. */
export function learnedFrom(
  first: ReadonlyMap<Platform, FirstScrapes>,
  standing: ReadonlyMap<Platform, StandingClips>,
): Record<Platform, Learned> {
  const { floor: guess, floorGuessHours } = PARAMETERS;
  const learned = Platform.options.map((platform): [Platform, Learned] => {
    const { hours, gained } = standing.get(platform) ?? { hours: 0, gained: 0 };
    const floor = Math.max(0, (guess * floorGuessHours + gained) / (floorGuessHours + hours));
    return [platform, { firstScrapeVelocity: expectedFirstScrape(first, platform), floor }];
  });
  return Object.fromEntries(learned) as Record<Platform, Learned>;
}
