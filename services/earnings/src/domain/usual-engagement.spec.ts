import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { examine } from './anomaly.js';
import type { ClipBackground } from './anomaly-rules.js';
import { eventId, on } from './testing/facts.js';
import { bandOf, learned, LEARNED_FROM, usualLikes } from './usual-engagement.js';

/** 6,000, 30,000 and 90,000 views at 0, 2 and 5 hours. */
const burst = (likesPerView: number) =>
  [6_000, 30_000, 90_000].map((views, i) => ({
    id: eventId(i + 1),
    views,
    likes: Math.round(views * likesPerView),
    comments: 0,
    observedAt: on(1, [0, 2, 5][i]),
  }));
const bands = (...clips: [band: number, clips: number][]) => new Map(clips);

describe('D8: engagement is judged by what is usual on the platform', () => {
  it.each<[Platform, number]>([
    ['youtube', 0.0019],
    ['tiktok', 0.042],
    ['instagram', 0.01],
    ['x', 0.014],
  ])('%s: %d likes a view are usual there, and the clip is flagged at most', (platform, likes) => {
    const { score, advice, reasons } = examine(platform, burst(likes), { followers: 500 });
    expect([advice, reasons.map(({ rule }) => rule)]).toEqual(['flag', ['views_tenfold', 'far_above_followers']]); // prettier-ignore
    expect(score).toBeLessThan(60);
  });

  it.each<[Platform, ClipBackground]>(
    (['youtube', 'tiktok', 'instagram', 'x', 'facebook'] as const).flatMap((platform) => [
      [platform, { followers: 500 }],
      [platform, {}],
    ]),
  )('%s: 90,000 views with .005 %% likes are held, with %j', (platform, background) => {
    expect(examine(platform, burst(0.00005), background).advice).toBe('hold');
  });

  it('the same likes are low on one platform and usual on another', () => {
    expect(examine('tiktok', burst(0.005), { followers: 500 }).advice).toBe('hold');
    expect(examine('youtube', burst(0.005), { followers: 500 }).advice).toBe('flag');
  });

  it('the reason says what is usual there', () => {
    const [low] = examine('youtube', burst(0.0001)).reasons.filter(
      ({ rule }) => rule === 'low_engagement',
    );
    expect(low).toMatchObject({ observed: 0.0001, threshold: 0.0005, usual: 0.002 });
  });

  it('Instagram says 3 of hidden likes: they are unknown (zeeschuimer 45, instagrapi 2010)', () => {
    const hidden = burst(0.05).map((one) => ({ ...one, likes: 3 }));
    const rules = examine('instagram', hidden).reasons.map(({ rule }) => rule);
    expect(rules).toEqual(['views_tenfold']);
  });
});

describe('what is usual', () => {
  it('is learned from the log, once it has enough clips', () => {
    const band = bandOf(50, 10_000);
    expect(learned(bands([band, LEARNED_FROM - 1]))).toBeNull();
    expect(learned(bands([band, LEARNED_FROM]))).toBe(0.005);
    expect(learned(bands([0, 150], [band, 149]))).toBe(0);
    const most = bands([bandOf(1, 10_000), 60], [band, 100], [bandOf(900, 10_000), 60]);
    expect(learned(most)).toBe(0.005);
  });

  it('moves fourfold at most from what is published: bots must not make themselves usual', () => {
    expect(usualLikes('youtube', null)).toBe(0.002);
    expect(usualLikes('youtube', 0.003)).toBe(0.003);
    expect(usualLikes('youtube', 0)).toBe(0.0005);
    expect(usualLikes('tiktok', 0.9)).toBe(0.168);
    expect([usualLikes('x', null), usualLikes('x', 0), usualLikes('x', 0.014)]).toEqual([null, 0.001, 0.014]); // prettier-ignore
  });

  it('a band begins at its bound', () => {
    expect([bandOf(0, 5_000), bandOf(1, 100_000), bandOf(1, 99_999)]).toEqual([0, 1, 1]);
    expect(bandOf(14_999, 1_000_000)).toBe(bandOf(10_000, 1_000_000));
    expect(bandOf(15_000, 1_000_000)).toBe(bandOf(10_000, 1_000_000) + 1);
  });
});

const ROWS = fileURLToPath(new URL('../../../../../shared/data/apify/', import.meta.url));
const withRows = existsSync(ROWS) ? describe : describe.skip;

withRows('rows of YouTube [needs ../shared/data]', () => {
  it('that are large enough are mostly not low, though most are under 1 %', () => {
    const rows = readdirSync(ROWS)
      .filter((file) => file.startsWith('youtube'))
      .flatMap((file) => JSON.parse(readFileSync(`${ROWS}${file}`, 'utf8')) as { id: string; viewCount: number; likes: number | null }[]); // prettier-ignore
    const ratios = [...new Map(rows.map((row) => [row.id, row])).values()]
      .filter(({ viewCount, likes }) => viewCount >= 5_000 && typeof likes === 'number')
      .map(({ viewCount, likes }) => likes! / viewCount);
    const under = (bound: number) => ratios.filter((ratio) => ratio < bound).length / ratios.length;
    expect(under(0.01)).toBeGreaterThan(0.6);
    expect(under(0.0005)).toBeLessThan(0.25);
  });
});
