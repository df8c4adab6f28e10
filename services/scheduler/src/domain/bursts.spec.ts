import { describe, expect, it } from '@jest/globals';
import { exposure, possibleBursts, usualViews, type PossibleBurst } from './bursts.js';
import { ago, around, clip, NOW, unobserved } from './testing/clips.js';

/** The burst of a clip that was asleep, or nothing. */
const awakening = (
  lastViews: number,
  posted: number,
  observed: number,
): PossibleBurst | undefined =>
  possibleBursts(
    clip('a', { lastViews, postedAt: ago(posted), lastObservedAt: ago(observed) }),
    around(),
  )[1];

describe('a clip that may be asleep', () => {
  it('is the likelier to wake, the less it has brought, and then brings in proportion to it', () => {
    const [two, hundred, many] = [2, 100, 10_000].map((views) => awakening(views, 48, 10)!) as [
      PossibleBurst,
      PossibleBurst,
      PossibleBurst,
    ];
    expect(two.chance).toBeGreaterThan(5 * hundred.chance);
    expect(hundred.chance).toBeGreaterThan(500 * many.chance);
    expect(hundred.views).toBeCloseTo(100.5 / 0.003, 6);
  });
  it('wakes between half a day and a week after it was posted, whoever scrapes', () => {
    expect(awakening(2, 11, 5)).toBeUndefined();
    expect(awakening(2, 15, 5)?.hours).toBeCloseTo(3, 10);
    expect(awakening(2, 48, 10)?.hours).toBeCloseTo(10, 10);
    // Observed in its 160th hour: eight of the week are left.
    expect(awakening(2, 200, 40)?.hours).toBeCloseTo(8, 10);
    expect(awakening(2, 200, 30)).toBeUndefined();
  });
  it('wakes in the end if it was asleep: the chances of all hours are one', () => {
    expect(awakening(0, 168, 168 - 12)!.chance).toBeGreaterThan(0.95);
    expect(awakening(0, 90, 90 - 12)!.chance).toBeCloseTo(0.5, 1);
  });
  it('that surely sleeps is the likelier to wake, the less is left of the week; otherwise it is the less likely to sleep at all', () => {
    const growth = (views: number) =>
      awakening(views, 140, 10)!.chance / awakening(views, 40, 10)!.chance;
    expect(growth(0)).toBeGreaterThan(3);
    expect(growth(30)).toBeGreaterThan(1);
    expect(growth(30)).toBeLessThan(1.3);
  });
});

describe('a burst at any clip', () => {
  it('brings as much again at an observed clip, and what is usual on its platform at others', () => {
    expect(possibleBursts(clip('a'), around())[0]).toMatchObject({ views: 3_000, hours: 10 });
    const [only, ...more] = possibleBursts(unobserved('a'), around());
    expect(only).toMatchObject({ views: usualViews(unobserved('a'), around()), hours: 48 });
    expect(more).toEqual([]);
  });
  it('has the less room, the older the clip', () => {
    expect(exposure(clip('a', { postedAt: ago(10) }), NOW)).toBeCloseTo(10, 1);
    expect(exposure(clip('a', { postedAt: ago(200) }), NOW)).toBeCloseTo(5, 10);
    expect(exposure(clip('a', { postedAt: ago(2_000) }), NOW)).toBeLessThan(0.02);
  });
});
