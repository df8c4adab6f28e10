import type { Platform } from '@cliptally/contracts';

/** Recent first scrapes of a platform: how many, and their mean views an hour since posting. */
export interface FirstScrapes {
  scrapes: number;
  velocity: number;
}

/** First scrapes that a mean remembers. */
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
