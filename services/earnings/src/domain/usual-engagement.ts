import type { Platform } from '@cliptally/contracts';

/** Likes per view in the middle of many clips, as published: a start until the log has its own. */
const PUBLISHED: Partial<Record<Platform, number>> = {
  tiktok: 0.042,
  instagram: 0.01,
  youtube: 0.002,
};
/** Clips of a platform from which their own median counts. */
export const LEARNED_FROM = 200;
/** The log may change the published figure by this factor at most: bots must not become usual. */
const MOVES_BY = 4;
/** If nothing is published the log stands alone, within what any platform shows. */
const ANY = { least: 0.001, most: 0.1 };

/** Lower bounds of the bands that likes in a million views are counted in, ascending. */
const BOUNDS = [10, 100, 1_000, 10_000, 100_000].flatMap((ten) =>
  [1, 1.5, 2, 3, 5, 7].map((times) => ten * times),
);

/** The band of a clip: 0 below the first bound. */
export function bandOf(likes: number, views: number): number {
  const inAMillion = (likes * 1e6) / views;
  return BOUNDS.filter((bound) => bound <= inAMillion).length;
}

/** How many clips are in each band. */
export type Bands = ReadonlyMap<number, number>;

/** The median of likes per view, as the lower bound of its band; null below the least number. */
export function learned(bands: Bands): number | null {
  const all = [...bands.values()].reduce((sum, clips) => sum + clips, 0);
  if (all < LEARNED_FROM) return null;
  let below = 0;
  for (let band = 0; band <= BOUNDS.length; band++) {
    below += bands.get(band) ?? 0;
    if (below * 2 >= all) return band === 0 ? 0 : BOUNDS[band - 1]! / 1e6;
  }
  return null;
}

/** Likes per view that are usual on the platform; null if nobody knows. */
export function usualLikes(platform: Platform, median: number | null): number | null {
  const published = PUBLISHED[platform] ?? null;
  if (median === null) return published;
  const least = published === null ? ANY.least : published / MOVES_BY;
  const most = published === null ? ANY.most : published * MOVES_BY;
  return Math.min(most, Math.max(least, median));
}
