import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from './due-clip.js';
import { ageCapMs, lastChance, isTooSoon } from './urgency.js';
import { ago, clip, NOW, unobserved, within } from '../testing/clips.js';

describe('a last chance', () => {
  const next = within(0.25);
  it('is a scrape after which the next would be observed too late', () => {
    expect(lastChance(clip('a', { windowEndsAt: within(0.75) }), NOW, next)).toBe('window ends');
    expect(lastChance(clip('a', { windowEndsAt: within(0.76) }), NOW, next)).toBeNull();
    expect(lastChance(clip('a', { payoutAt: within(0.5) }), NOW, next)).toBe('payout');
    expect(lastChance(clip('a', { payoutAt: null }), NOW, next)).toBeNull();
  });
  it('is over when the window is', () => {
    expect(lastChance(clip('a', { windowEndsAt: NOW }), NOW, next)).toBeNull();
  });
});

describe('the age cap', () => {
  it('is two days if the limits allow, else a week', () => {
    expect(ageCapMs(100, 150)).toBe(2 * DAY_MS);
    expect(ageCapMs(100, 100)).toBe(7 * DAY_MS);
    expect(ageCapMs(100, 0)).toBe(7 * DAY_MS);
    expect(ageCapMs(0, 0)).toBe(2 * DAY_MS);
  });
  it('goes from one to the other in small steps, so that no heap of clips falls due at once', () => {
    expect(ageCapMs(100, 125)).toBe(4.5 * DAY_MS);
    expect(ageCapMs(100, 149)).toBeLessThan(2.2 * DAY_MS);
  });
  it('falls a third as fast as time passes', () => {
    const earlier = { ms: 7 * DAY_MS, at: ago(72) };
    expect(ageCapMs(100, 150, NOW, earlier)).toBe(6 * DAY_MS);
    expect(ageCapMs(100, 100, NOW, earlier)).toBe(7 * DAY_MS);
  });
});

describe('a scrape comes too soon', () => {
  it('while the cache would answer', () => {
    expect(isTooSoon(clip('a', { lastOutcomeAt: ago(0.5) }), NOW)).toBe(true);
    expect(isTooSoon(clip('a', { lastOutcomeAt: ago(1) }), NOW)).toBe(false);
    expect(isTooSoon(unobserved('a'), NOW)).toBe(false);
  });
  it('for longer after each failure in a row, a day at most', () => {
    expect(isTooSoon(clip('a', { lastOutcomeAt: ago(7.9), failures: 4 }), NOW)).toBe(true);
    expect(isTooSoon(clip('a', { lastOutcomeAt: ago(8), failures: 4 }), NOW)).toBe(false);
    expect(isTooSoon(clip('a', { lastOutcomeAt: ago(24), failures: 40 }), NOW)).toBe(false);
  });
});
