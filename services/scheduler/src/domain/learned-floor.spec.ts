import { describe, expect, it } from '@jest/globals';
import { ago, clip, NOW, unobserved } from '../testing/clips.js';
import { PARAMETERS } from './parameters.js';
import { learnedFrom, withObservation, type StandingClips } from './learned.js';

const still = clip('a', { previousViews: 3_000, postedAt: ago(48) });
const seen = (views: number, known?: StandingClips, of = still) =>
  withObservation(known, of, { views, now: NOW, typical: 200 });
const floorAfter = (observations: number, views: number) => {
  let known: StandingClips | undefined;
  for (let i = 0; i < observations; i++) known = seen(views, known);
  return learnedFrom(new Map(), new Map(known && [['tiktok', known]])).tiktok.floor;
};

describe('the floor of clips that stand still', () => {
  it('is a guess until observations show what they gain', () => {
    expect(floorAfter(0, 0)).toBe(PARAMETERS.floor);
    const ofX = new Map([['x', { hours: 1e6, gained: 0 }]] as const);
    expect(learnedFrom(new Map(), ofX).tiktok.floor).toBe(PARAMETERS.floor);
  });
  it('falls if they gain nothing, and rises if they gain much', () => {
    expect(floorAfter(1_000, 3_000)).toBeLessThan(PARAMETERS.floor / 5);
    expect(floorAfter(10, 4_000)).toBeGreaterThan(2 * PARAMETERS.floor);
    // A count that falls is a passing correction.
    expect(floorAfter(1_000, 0)).toBe(floorAfter(1_000, 3_000));
  });
  it('is that of the views an hour of first scrapes that they gain', () => {
    // 10 h after an observation, at an age of 48 h.
    const hours = seen(3_000)!.hours;
    expect(hours).toBeCloseTo(10 / (1 + 0.24 ** 3), 10);
    expect(floorAfter(5_000, 3_000 + 200 * hours * 0.04)).toBeCloseTo(0.04, 2);
  });
  it('learns nothing from clips that grow, nor from a first observation', () => {
    const growing = clip('a', { postedAt: ago(48) });
    expect(seen(9_000, undefined, growing)).toBeUndefined();
    expect(seen(9_000, undefined, unobserved('a'))).toBeUndefined();
    const known = { hours: 5, gained: 1 };
    expect(seen(9_000, known, growing)).toBe(known);
  });
});
