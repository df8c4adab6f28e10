import { type Weigh } from '../due-clip.js';
import { worthOf } from '../earning.js';
import { growthBy } from '../growth.js';
import { PARAMETERS, type PolicyParameters } from '../parameters.js';

/**
 * The unrecorded amount times the hours that the clip would need now to gain as much again. With
 * steady growth these are the hours since the last observation. They are more for a clip that
 * slowed down: nothing is gained by waiting for more.
 */
export function decayingBy(parameters: PolicyParameters): Weigh {
  const grow = growthBy(parameters);
  return (clip, { now, firstScrapeVelocity, floor }) => {
    const typical = firstScrapeVelocity(clip.platform);
    const { gained, velocity, floorHours, floorShare } = grow(clip, now, typical);
    const surprise = (floor?.(clip.platform) ?? parameters.floor) * typical;
    const views = gained + surprise * floorHours;
    const unrecorded = worthOf(clip, views);
    return {
      unrecorded,
      score: (unrecorded * views) / Math.max(velocity + surprise * floorShare, 1e-9),
    };
  };
}

export const decayingDollarHours = decayingBy(PARAMETERS);
