import { identifyClip } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { sampleCurves } from './sample-curves.js';
import { EXAMPLES, sampleCampaigns } from './sample-world.js';

describe('the clips that a sample world offers to who has none', () => {
  const start = new Date('2026-11-23T00:00:00Z');
  const twoHoursLater = new Date(start.getTime() + 2 * 3_600_000);

  it.each(EXAMPLES)('%s has enough views to earn at once, in each campaign', (url) => {
    const clip = identifyClip(url);
    if (clip.kind !== 'clip') throw new Error(`${url} is no clip.`);
    const { views } = sampleCurves(start).at(clip.platform, clip.videoId, twoHoursLater)!;
    const least = Math.max(...sampleCampaigns(start).map(({ minViews = 0 }) => minViews));
    expect(views).toBeGreaterThan(2 * least);
  });
});
