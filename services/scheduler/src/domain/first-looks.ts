import type { Platform } from '@cliptally/contracts';

/** What first looks of late have seen on a platform: how many, and the mean of their views an hour since posting. */
export interface FirstLooks {
  looks: number;
  velocity: number;
}

/** First looks that a mean remembers. */
export const FIRST_LOOKS_REMEMBERED = 500;
/** What is believed before anything was seen, and as many looks of all platforms together as count beside a platform's own. */
const PRIOR: FirstLooks = { looks: 10, velocity: 300 };
const SHARED_LOOKS = 20;

/** The mean with one more first look in it, which saw `velocity` views an hour. */
export function withFirstLook(seen: FirstLooks | undefined, velocity: number): FirstLooks {
  const looks = (seen?.looks ?? 0) + 1;
  const before = seen?.velocity ?? 0;
  return { looks, velocity: before + (velocity - before) / Math.min(looks, FIRST_LOOKS_REMEMBERED) };
}

/**
 * Views an hour to expect of a first look on a platform. Few clips have most of the views, so the mean of a few looks is far too low more often
 * than not; and where it is next to nothing, nobody looks at the platform's new clips again and learns better. So it leans on what all platforms
 * have shown, and that on a guess.
 */
export function expectedFirstLook(seen: ReadonlyMap<Platform, FirstLooks>): (platform: Platform) => number {
  const weightOf = ({ looks }: FirstLooks) => Math.min(looks, FIRST_LOOKS_REMEMBERED);
  const all = [PRIOR, ...seen.values()];
  const shared = all.reduce((sum, one) => sum + weightOf(one) * one.velocity, 0) / all.reduce((sum, one) => sum + weightOf(one), 0);
  return (platform) => {
    const own = seen.get(platform) ?? { looks: 0, velocity: 0 };
    const weight = weightOf(own);
    return (SHARED_LOOKS * shared + weight * own.velocity) / (SHARED_LOOKS + weight);
  };
}
