import { describe, expect, it } from '@jest/globals';
import { decayingDollarHours } from './decaying-dollar-hours.js';
import { unrecordedAmount } from './dollar-hours.js';
import { ago, around, clip, unobserved, within } from '../testing/clips.js';

/** Without surprises: what remains is the curve. */
const noSurprise = around({ firstScrapeVelocity: () => 0 });
const score = (...of: Parameters<typeof decayingDollarHours>) => decayingDollarHours(...of).score;
const unrecordedAt = (...of: Parameters<typeof decayingDollarHours>) =>
  decayingDollarHours(...of).unrecorded;
/**
 * Dollars that a clip of a million views, 10 hours after its observation, gets because it was
 * large.
 */
const ownViews = (age: number) => (0.001 * 0.02 * 1_000_100 * 10 * 0.5) / (age + 10);

describe('decaying dollar-hours', () => {
  it('expects less than the last velocity, and the less the younger the clip was', () => {
    const grown = { lastViews: 1_000_100, previousViews: 1_000_000 };
    const [young, old] = [21, 9_000].map((hours) =>
      unrecordedAt(clip('a', { ...grown, postedAt: ago(hours) }), noSurprise),
    );
    const steady = unrecordedAmount(clip('a', grown), noSurprise).unrecorded;
    expect(young! - ownViews(21)).toBeLessThan(0.7 * (old! - ownViews(9_000)));
    expect((old! - ownViews(9_000)) / steady).toBeCloseTo(1, 1);
  });
  it('takes a jump for a burst of its own, which fades like a young clip', () => {
    const later = around({ now: within(200), firstScrapeVelocity: () => 0 });
    const perView = (previousViews: number) => {
      const one = clip('a', { postedAt: ago(9_000), lastViews: 1_000_000, previousViews });
      const still = { ...one, previousViews: one.lastViews };
      return (unrecordedAt(one, later) - unrecordedAt(still, later)) / (1_000_000 - previousViews);
    };
    expect(perView(500_000)).toBeLessThan(0.3 * perView(999_900));
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
      score(unobserved('a'), around({ firstScrapeVelocity: () => velocity }));
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
