import { describe, expect, it } from '@jest/globals';
import { POLICIES, unrecordedAmount, velocityOf } from './policies.js';
import { ago, around, clip, unobserved } from '../testing/clips.js';

const dollarHours = POLICIES['dollar-hours'].weigh;
const score = (...of: Parameters<typeof dollarHours>) => dollarHours(...of).score;

describe('dollar-hours', () => {
  it('is rate x (v + 3 % of v0) x d x (d + 2)', () => {
    // v = 100 views an hour, v0 = 200, d = 10 h: 0.001 x 106 x 10 x 12
    expect(score(clip('a'), around())).toBeCloseTo(12.72, 10);
  });
  it('takes a clip without observation by first scrapes, since posting and since submission', () => {
    // 0.001 x 200 x 60 h since posting x (48 h since submission + 2)
    expect(score(unobserved('a', { postedAt: ago(60) }), around())).toBeCloseTo(600, 10);
  });
  it('keeps a floor for a clip that stood still', () => {
    // 0.001 x 6 x 10 x 12
    expect(score(clip('a', { previousViews: 3_000 }), around())).toBeCloseTo(0.72, 10);
  });
  it('wants no second scrape in the instant of the first', () => {
    expect(score(clip('a', { lastObservedAt: ago(0) }), around())).toBe(0);
  });
  it('believes the last velocity and the floor to go on', () => {
    expect(unrecordedAmount(clip('a'), around())).toBeCloseTo(1.06, 10);
  });
  it.each([
    ['two observations', {}, 100],
    ['falling views', { previousViews: 9_000 }, 0],
    [
      'one observation, since posting',
      { previousObservedAt: null, previousViews: null, postedAt: ago(40) },
      100,
    ],
    [
      'one observation, within an hour of posting',
      { previousObservedAt: null, previousViews: null, postedAt: ago(10.1) },
      3_000,
    ],
    ['no observation', { lastObservedAt: null, lastViews: null }, null],
  ])('velocity after %s', (_, more, velocity) => {
    expect(velocityOf(clip('a', more))).toBe(velocity);
  });
});

describe('classic', () => {
  it.each([
    ['never tracked', { lastObservedAt: null }, 999],
    ['8 hours', { lastObservedAt: ago(8) }, 16],
    ['just under 8 hours', { lastObservedAt: ago(7.5) }, 7.5],
    ['4 hours', { lastObservedAt: ago(4) }, 4],
    ['under 4 hours', { lastObservedAt: ago(3) }, 1.5],
    [
      '8 hours, campaign under 7 days',
      { lastObservedAt: ago(8), campaignLaunchedAt: ago(24 * 6) },
      24,
    ],
    ['campaign of exactly 7 days', { lastObservedAt: ago(8), campaignLaunchedAt: ago(24 * 7) }, 16],
  ])('%s', (_, more, score) => {
    expect(POLICIES.classic.weigh(clip('a', more), around()).score).toBe(score);
  });
});
