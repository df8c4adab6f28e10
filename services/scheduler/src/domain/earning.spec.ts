import { describe, expect, it } from '@jest/globals';
import { clip } from '../testing/clips.js';
import type { Terms } from './due-clip.js';
import { canEarn, worthOf } from './earning.js';

const terms = (more: Partial<Terms> = {}): Terms => ({
  dollarsPerThousand: 2,
  uncounted: 0,
  minViews: 0,
  most: Infinity,
  chance: 1,
  ...more,
});
/** What 1,000 more views are worth to a clip of 3,000. */
const worth = (...all: Terms[]) => worthOf(clip('a', { terms: all }), 1_000);

describe('what more views are worth', () => {
  it('is the rate, if nothing else decides', () => {
    expect(worthOf(clip('a', { dollarsPerThousand: 2 }), 1_000)).toBe(2);
    expect(worth(terms())).toBe(2);
  });
  it('is no more than a cap leaves, and nothing at the cap (case D7)', () => {
    expect(worth(terms({ most: 1.5 }))).toBe(1.5);
    expect(worth(terms({ most: 0 }))).toBe(0);
  });
  it('adds up over the campaigns that still pay', () => {
    expect(worth(terms(), terms({ most: 0.5 }), terms({ most: 0 }))).toBe(2.5);
    expect(worth()).toBe(0);
  });
  it('below the minimum is the chance to pass it, times all views that are then paid', () => {
    // 1,000 are missing and 1,000 expected: one half of 4,000 views.
    expect(worth(terms({ minViews: 4_000 }))).toBe(4);
    // 9,000 are missing: one tenth of 12,000 views.
    expect(worth(terms({ minViews: 12_000 }))).toBeCloseTo(2.4, 10);
    expect(worthOf(clip('a', { terms: [terms({ minViews: 4_000 })] }), 0)).toBe(0);
  });
  it('has views in it that are known and not paid until an observation after the approval', () => {
    expect(worth(terms({ uncounted: 3_000 }))).toBe(8);
  });
  it('counts as its chance to be paid while the clip is held or to be reviewed', () => {
    expect(worth(terms({ chance: 0.25 }))).toBe(0.5);
  });
});

describe('a clip', () => {
  it('can earn as long as one campaign pays for more views', () => {
    const can = (...all: Terms[]) => canEarn(clip('a', { terms: all }));
    expect(can(terms({ most: 0 }), terms({ most: 0.01 }))).toBe(true);
    expect(can(terms({ minViews: 1e9 }))).toBe(true);
    for (const none of [{ most: 0 }, { dollarsPerThousand: 0 }, { chance: 0 }])
      expect([none, can(terms(none))]).toEqual([none, false]);
    expect(can()).toBe(false);
    expect(canEarn(clip('a', { dollarsPerThousand: 0 }))).toBe(false);
  });
});
