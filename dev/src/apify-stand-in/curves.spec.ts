import { describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '@cliptally/contracts';
import { generatedCurves, shown } from './curves.js';

const worldStart = new Date('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;
const after = (hours: number) => new Date(worldStart.getTime() + hours * HOUR);
const curves = generatedCurves({ worldStart });
const ids = Array.from({ length: 300 }, (_, i) => `video${i}`);

describe('generated curves', () => {
  it('depend on nothing but the id, so that a restarted world continues on them', () => {
    const again = generatedCurves({ worldStart: new Date(worldStart) });
    expect(ids.map((id) => again.at('tiktok', id, after(30)))).toEqual(
      ids.map((id) => curves.at('tiktok', id, after(30))),
    );
    expect(new Set(ids.map((id) => curves.at('x', id, after(900))?.views)).size).toBeGreaterThan(
      200,
    );
  });

  it('exist from their posting on, which lies before the world began', () => {
    for (const id of ids) {
      const postedAt = curves.at('youtube', id, worldStart)!.postedAt!;
      expect(postedAt.getTime()).toBeLessThan(worldStart.getTime());
      expect(curves.at('youtube', id, new Date(postedAt.getTime() - 1))).toBeNull();
    }
  });

  it.each(PLATFORMS.filter((p) => p !== 'youtube'))('never fall on %s', (platform) => {
    for (const id of ids.slice(0, 60)) {
      const views = Array.from(
        { length: 200 },
        (_, i) => curves.at(platform, id, after(i * 1.7))!.views!,
      );
      expect(views).toEqual(views.toSorted((a, b) => a - b));
    }
  });

  it('fall on YouTube now and then, by 0.56 % at most, and are back within 2.8 hours', () => {
    let falls = 0;
    let steps = 0;
    for (const id of ids) {
      let highest = 0;
      let since = 0;
      for (let i = 0; i < 400; i++) {
        const views = curves.at('youtube', id, after(i / 2))!.views!;
        if (i > 0 && views < highest) {
          if (since === 0) falls += 1;
          since += 0.5;
          expect(views).toBeGreaterThanOrEqual(Math.floor(highest * (1 - 0.0057)));
          expect(since - 0.5).toBeLessThan(2.8);
        } else since = 0;
        highest = Math.max(highest, views);
        steps += 1;
      }
    }
    expect(falls / steps).toBeGreaterThan(0.001);
    expect(falls / steps).toBeLessThan(0.02);
  });

  it('have lognormal sizes around a median, and grow fastest at first', () => {
    const many = Array.from({ length: 3_000 }, (_, i) =>
      Math.log(1 + curves.at('facebook', `f${i}`, after(20_000))!.views!),
    ).sort((a, b) => a - b);
    expect(Math.exp(many[1_500]!)).toBeGreaterThan(1_000);
    expect(Math.exp(many[1_500]!)).toBeLessThan(3_000);
    const spread = (many[2_525]! - many[475]!) / 2;
    expect(spread).toBeGreaterThan(1.7);
    expect(spread).toBeLessThan(2.5);
    const gained = (from: number, to: number) =>
      ids.reduce(
        (sum, id) =>
          sum +
          Math.min(1e6, curves.at('x', id, after(to))!.views!) -
          Math.min(1e6, curves.at('x', id, after(from))!.views!),
        0,
      );
    expect(gained(0, 24)).toBeGreaterThan(2 * gained(600, 624));
  });

  it('have the shape of their platform', () => {
    expect([9_999, 10_049, 99_951, 1_049_999].map((n) => shown('tiktok', n))).toEqual([
      9_999, 10_000, 100_000, 1_000_000,
    ]);
    expect(shown('youtube', 1_049_999)).toBe(1_049_999);
    const seen = (platform: (typeof PLATFORMS)[number]) =>
      ids.map((id) => curves.at(platform, id, after(500))!);
    for (const { views } of seen('tiktok')) expect(views).toBe(shown('tiktok', views!));
    for (const { views, secondViews } of seen('instagram')) {
      expect(secondViews! * 1.59).toBeLessThanOrEqual(views!);
      expect((secondViews! + 1) * 14.7).toBeGreaterThanOrEqual(views!);
    }
    expect(seen('instagram').filter((c) => c.likes === -1).length).toBeGreaterThan(10);
    expect(seen('youtube').filter((c) => c.likes === null).length).toBeGreaterThan(10);
    expect(seen('x').every((c) => c.likes! >= 0 && c.secondViews === null)).toBe(true);
  });
});
