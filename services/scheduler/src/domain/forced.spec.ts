import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from './due-clip.js';
import { ageCapMs, fallenCapMs, lastChance, rests } from './forced.js';
import { ago, clip, NOW, unseen, within } from './testing/clips.js';

describe('a last chance', () => {
  const next = within(0.25);
  it('is a look after which the next would be observed too late', () => {
    expect(lastChance(clip('a', { windowEndsAt: within(0.75) }), NOW, next)).toBe('window ends');
    expect(lastChance(clip('a', { windowEndsAt: within(0.76) }), NOW, next)).toBeNull();
    expect(lastChance(clip('a', { payoutAt: within(0.5) }), NOW, next)).toBe('payout');
    expect(lastChance(clip('a', { payoutAt: null }), NOW, next)).toBeNull();
  });
  it('is over when the window is', () => {
    expect(lastChance(clip('a', { windowEndsAt: NOW }), NOW, next)).toBeNull();
  });
});

describe('the age of a look', () => {
  it('stays under two days where the limits allow, else under a week', () => {
    expect(ageCapMs(100, 150)).toBe(2 * DAY_MS);
    expect(ageCapMs(100, 100)).toBe(7 * DAY_MS);
    expect(ageCapMs(100, 0)).toBe(7 * DAY_MS);
    expect(ageCapMs(0, 0)).toBe(2 * DAY_MS);
  });
  it('goes from one to the other in small steps, so that no heap of clips falls due at once', () => {
    expect(ageCapMs(100, 125)).toBe(4.5 * DAY_MS);
    expect(ageCapMs(100, 149)).toBeLessThan(2.2 * DAY_MS);
  });
  it('has a cap that falls a third as fast as time passes', () => {
    expect(fallenCapMs({ ms: 7 * DAY_MS, at: ago(72) }, NOW)).toBe(6 * DAY_MS);
  });
});

describe('a clip rests', () => {
  it('while its count is fresh', () => {
    expect(rests(clip('a', { lastTriedAt: ago(0.5) }), NOW)).toBe(true);
    expect(rests(clip('a', { lastTriedAt: ago(1) }), NOW)).toBe(false);
    expect(rests(clip('a', { lastTriedAt: ago(0.5) }), NOW, 0)).toBe(false);
    expect(rests(unseen('a'), NOW)).toBe(false);
  });
  it('for longer and longer while its looks fail, at most a day', () => {
    expect(rests(clip('a', { lastTriedAt: ago(7.9), failures: 4 }), NOW)).toBe(true);
    expect(rests(clip('a', { lastTriedAt: ago(8), failures: 4 }), NOW)).toBe(false);
    expect(rests(clip('a', { lastTriedAt: ago(24), failures: 40 }), NOW)).toBe(false);
  });
});
