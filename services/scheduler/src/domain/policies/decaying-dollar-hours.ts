import type { Weigh } from '../due-clip.js';
import { worthOf } from '../earning.js';
import { grow } from '../growth.js';

/**
 * The unrecorded amount times the hours that the clip would need now to gain as much again. With
 * steady growth these are the hours since the last observation. They are more for a clip that
 * slowed down: nothing is gained by waiting for more.
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
