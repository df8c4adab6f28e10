import { describe, expect, it } from '@jest/globals';
import type { Terms } from './due-clip.js';
import { PARAMETERS } from './parameters.js';
import { POLICIES, unrecordedAmount } from './policies.js';
import { canEarn, decayingDollarHours, grow, worthOf } from './score.js';
import { ago, around, clip, learned, NOW, planOf, run, unobserved } from '../testing/clips.js';

/** Without surprises: what remains is the curve. */
const noSurprise = around({ learned: learned(0) });
const score = (...of: Parameters<typeof decayingDollarHours>) => decayingDollarHours(...of).score;
const unrecordedAt = (...of: Parameters<typeof decayingDollarHours>) =>
  decayingDollarHours(...of).unrecorded;

describe('decaying dollar-hours', () => {
  it('expects less than the last velocity, and the less the younger the clip was', () => {
    const grown = { lastViews: 1_000_100, previousViews: 1_000_000 };
    const [young, old] = [21, 9_000].map((hours) =>
      unrecordedAt(clip('a', { ...grown, postedAt: ago(hours) }), noSurprise),
    );
    expect(young!).toBeLessThan(0.7 * old!);
    expect(old! / unrecordedAmount(clip('a', grown), noSurprise)).toBeCloseTo(1, 1);
  });
  it('the example of docs/scheduling.md', () => {
    const example = clip('a', {
      postedAt: ago(30),
      lastObservedAt: ago(10),
      lastViews: 30_000,
      previousObservedAt: ago(20),
      previousViews: 20_000,
      dollarsPerThousand: 2,
    });
    const first = { learned: learned(300) };
    const { unrecorded, score: own } = decayingDollarHours(example, around(first));
    const curve = grow(example, NOW, 300);
    expect(Math.round(curve.gained)).toBe(6_393);
    expect(Math.round(curve.velocity)).toBe(532);
    expect(unrecorded - 0.002 * curve.gained).toBeCloseTo(0.002 * 0.01 * 300 * 10 * 0.997, 4);
    expect([unrecorded.toFixed(2), (own / unrecorded).toFixed(1)]).toEqual(['12.84', '12.0']);
    expect(Math.round(own)).toBe(154);
    const campaigns = new Map([['c', { budget: 100, spent: 100 - unrecorded }]]);
    const near = run([example], { policy: POLICIES['decaying-dollar-hours'], campaigns, ...first });
    const [choice] = planOf(near).chosen;
    expect([choice!.factor.toFixed(6), Math.round(choice!.score)]).toEqual(['7.000000', 1_080]);
    const terms = [{ dollarsPerThousand: 2, uncounted: 0, minViews: 0, most: 5, chance: 1 }];
    const capped = decayingDollarHours({ ...example, terms }, around(first));
    expect([capped.unrecorded, Math.round(capped.score)]).toEqual([5, 60]);
  });
  it('takes the floor that observations have taught for its guess', () => {
    const still = clip('a', { previousViews: 3_000, postedAt: ago(48) });
    const [none, guess, double] = [0, undefined, 2 * PARAMETERS.floor].map((floor) =>
      unrecordedAt(still, around({ learned: learned(200, floor) })),
    );
    expect(none).toBe(0);
    expect(double).toBeCloseTo(2 * guess!, 10);
  });
  it('grants a clip that stood still a surprise, a smaller one with age', () => {
    const still = { previousViews: 3_000 };
    const young = score(clip('a', { ...still, postedAt: ago(48) }), around());
    const old = score(clip('a', { ...still, postedAt: ago(24 * 60) }), around());
    expect(old).toBeGreaterThan(0);
    expect(young).toBeGreaterThan(5 * old);
  });
  it('takes the unrecorded amount of a clip that slowed down for more urgent than time alone says', () => {
    const slowed = clip('a', {
      postedAt: ago(20.5),
      previousObservedAt: null,
      previousViews: null,
    });
    const unrecorded = unrecordedAt(slowed, noSurprise);
    expect(score(slowed, noSurprise)).toBeGreaterThan(unrecorded * 10);
  });
  it('grows with rate, with time and with the velocity of first scrapes', () => {
    expect(score(clip('a', { dollarsPerThousand: 2 }), around())).toBeCloseTo(
      2 * score(clip('a'), around()),
      10,
    );
    expect(
      score(clip('a', { lastObservedAt: ago(12), previousObservedAt: ago(22) }), around()),
    ).toBeGreaterThan(score(clip('a'), around()));
    const typical = (velocity: number) =>
      score(unobserved('a'), around({ learned: learned(velocity) }));
    expect(typical(400)).toBeCloseTo(2 * typical(200), 10);
  });
  it('is a number for a clip that was posted, observed and weighed in one instant, or has no views', () => {
    for (const one of [
      clip('a', {
        postedAt: ago(0),
        submittedAt: ago(0),
        lastObservedAt: ago(0),
        previousObservedAt: ago(0),
        lastViews: 0,
        previousViews: 0,
      }),
      unobserved('a', { postedAt: ago(-1), submittedAt: ago(0) }),
      clip('a', { lastViews: 0, previousViews: 9 }),
    ]) {
      expect(Number.isFinite(score(one, around()))).toBe(true);
      expect(score(one, around())).toBeGreaterThanOrEqual(0);
    }
  });
});

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
