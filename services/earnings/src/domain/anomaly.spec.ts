import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { examine, type AnomalyRule, type Look } from './anomaly.js';
import { eventId, on } from './testing/facts.js';

/** Looks 4 hours apart, with healthy likes and comments unless told otherwise. */
const curve = (
  views: number[],
  { likes, comments }: { likes?: (v: number) => number | undefined; comments?: (v: number) => number } = {},
): Look[] =>
  views.map((count, i) => ({
    id: eventId(i + 1),
    views: count,
    likes: likes ? likes(count) : Math.round(count * 0.05),
    comments: comments ? comments(count) : Math.round(count * 0.005),
    observedAt: on(1, i * 4),
  }));
const rules = (...args: Parameters<typeof examine>): AnomalyRule[] => examine(...args).reasons.map(({ rule }) => rule);

describe('a clip without anything odd', () => {
  it('has a score of 0', () => {
    expect(examine('youtube', curve([2000, 5000, 9000, 14_000, 18_000]))).toEqual({ score: 0, advice: 'none', reasons: [] });
  });

  it('is also one with less than 5,000 views or 3 looks: small figures jump by nature', () => {
    const bad = { likes: () => 0 };
    expect(rules('youtube', curve([10, 4999, 1], bad))).toEqual([]);
    expect(rules('youtube', curve([5000, 500_000], bad))).toEqual([]);
    expect(rules('youtube', [...curve([5000, 500_000], bad), { ...curve([5000], bad)[0]!, id: eventId(9) }])).toEqual([]);
    expect(rules('youtube', curve([5000, 5100, 500_000], bad))).not.toEqual([]);
  });
});

describe('each rule explains itself', () => {
  it('views x10 within hours', () => {
    expect(examine('youtube', curve([6000, 6500, 70_000, 80_000])).reasons).toEqual([
      {
        rule: 'views_tenfold',
        observed: 10.769,
        threshold: 10,
        window: { from: on(1, 4), to: on(1, 8) },
        eventIds: [eventId(2), eventId(3)],
        points: 30,
      },
    ]);
    expect(rules('youtube', curve([400, 6000, 30_000, 100_000]))).toEqual([]);
  });

  it('engagement under 1 %', () => {
    const bots = { likes: (v: number) => v * 0.008, comments: () => 10 };
    expect(examine('x', curve([9000, 12_000, 15_000], bots))).toMatchObject({ score: 20, advice: 'flag', reasons: [{ rule: 'low_engagement', observed: 0.009, threshold: 0.01 }] }); // prettier-ignore
  });

  it('hidden likes are unknown, not zero', () => {
    const hidden = { likes: () => undefined };
    expect(rules('instagram', curve([9000, 12_000, 15_000, 40_000], { ...hidden, comments: () => 3 }))).toEqual([]);
    const hiddenLater = { likes: (v: number) => (v > 12_000 ? undefined : 20), comments: () => 3 };
    expect(examine('instagram', curve([9000, 12_000, 15_000], hiddenLater)).reasons).toMatchObject([{ eventIds: [eventId(2)] }]);
  });

  it('views climb while likes and comments stand still', () => {
    const still = { likes: () => 900, comments: () => 80 };
    expect(examine('youtube', curve([10_000, 14_000, 19_000], still)).reasons).toMatchObject([
      { rule: 'engagement_stands_still', observed: 0.9, threshold: 0.5, eventIds: [eventId(1), eventId(2), eventId(3)] },
    ]);
  });

  it('but not where they climb by less than half, by less than the minimum sample, or are known from two looks only', () => {
    const still = { likes: () => 900, comments: () => 80 };
    expect(rules('youtube', curve([20_000, 23_000, 27_000], still))).toEqual([]);
    expect(rules('youtube', curve([6000, 8000, 10_500], still))).toEqual([]);
    expect(rules('youtube', curve([10_000, 14_000, 19_000], { ...still, likes: (v) => (v === 14_000 ? undefined : 900) }))).toEqual([]);
  });

  it('a step-shaped curve', () => {
    const steps = [10_000, 10_000, 15_000, 15_000, 15_000, 20_000, 20_000];
    expect(examine('youtube', curve(steps)).reasons).toMatchObject([
      { rule: 'step_shaped', observed: 2, threshold: 2, eventIds: [eventId(3), eventId(6)] },
    ]);
  });

  it('which on TikTok must exceed what its rounding alone makes', () => {
    const roundedTo100k = [1_000_000, 1_000_000, 1_100_000, 1_100_000, 1_200_000, 1_200_000, 1_400_000, 1_400_000];
    expect(rules('tiktok', curve(roundedTo100k))).toEqual([]);
    expect(rules('youtube', curve(roundedTo100k))).toEqual(['step_shaped']);
    expect(rules('tiktok', curve([1_000_000, 1_000_000, 1_500_000, 1_500_000, 2_100_000, 2_100_000]))).toEqual(['step_shaped']);
    expect(rules('tiktok', curve([10_000, 10_000, 12_000, 12_000, 15_000, 15_000]))).toEqual(['step_shaped']);
  });

  it('two falls of over 2 % in a row', () => {
    expect(examine('youtube', curve([20_000, 19_500, 19_000, 19_100])).reasons).toMatchObject([
      { rule: 'dropped_twice', observed: 0.05, threshold: 0.02, eventIds: [eventId(1), eventId(2), eventId(3)] },
    ]);
    expect(rules('youtube', curve([20_000, 19_500, 19_600, 19_000]))).toEqual([]);
    expect(rules('tiktok', curve([1_200_000, 1_100_000, 1_000_000]))).toEqual([]);
  });

  it('a fall of over 20 %, which asks for a hold', () => {
    const fallen = examine('instagram', curve([20_000, 21_000, 16_000]));
    expect(fallen).toMatchObject({ score: 60, advice: 'hold', reasons: [{ rule: 'dropped_far', observed: 0.238, threshold: 0.2 }] });
    expect(rules('tiktok', curve([1_000_000, 1_000_000, 750_000]))).toEqual([]);
    expect(rules('tiktok', curve([1_000_000, 1_000_000, 690_000]))).toEqual(['dropped_far']);
  });

  it('views far above followers', () => {
    const views = curve([9000, 12_000, 15_000]);
    expect(rules('youtube', views, { followers: 149 })).toEqual(['far_above_followers']);
    expect(rules('youtube', views, { followers: 150 })).toEqual([]);
    expect(rules('youtube', views, { followers: 0 })).toEqual([]);
  });

  it('an author who is none of the accounts of the creator', () => {
    const views = curve([9000, 12_000, 15_000]);
    expect(rules('youtube', views, { author: 'Eve', accounts: ['ann', 'ann2'] })).toEqual(['foreign_author']);
    expect(rules('youtube', views, { author: '@Ann', accounts: ['ann'] })).toEqual([]);
    expect(rules('youtube', views, { author: 'Eve' })).toEqual([]);
  });

  it('more than 20 submissions within an hour', () => {
    const burst = (count: number, apart: number) => Array.from({ length: count }, (_, i) => ({ id: eventId(i), at: on(2, 0, i * apart) }));
    const views = curve([9000, 12_000, 15_000]);
    expect(examine('youtube', views, { submissions: burst(25, 2) }).reasons).toMatchObject([
      { rule: 'submission_burst', observed: 25, threshold: 20 },
    ]);
    expect(rules('youtube', views, { submissions: burst(20, 1) })).toEqual([]);
    expect(rules('youtube', views, { submissions: burst(60, 4) })).toEqual([]);
  });

  it('and the score is at most 100', () => {
    const fake = { likes: () => 0, comments: () => 0 };
    expect(examine('youtube', curve([6000, 70_000, 30_000, 10_000], fake), { author: 'Eve', accounts: ['ann'] })).toMatchObject({
      score: 100,
      advice: 'hold',
    });
  });
});

const HALF_HOURLY = fileURLToPath(new URL('../../../../../shared/data/series/youtube-half-hourly.csv', import.meta.url));
const withData = existsSync(HALF_HOURLY) ? describe : describe.skip;

withData('real curves [needs ../shared/data]', () => {
  const series = (): Map<string, Look[]> => {
    const [, ...rows] = readFileSync(HALF_HOURLY, 'utf8').trim().split('\n');
    const videos = new Map<string, Look[]>();
    for (const [i, row] of rows.entries()) {
      const [, video, observedAt, views, likes, comments] = row.split(',');
      if (!views) continue;
      const look = {
        id: eventId(i),
        views: Number(views),
        observedAt: observedAt!,
        ...(likes && { likes: Number(likes) }),
        ...(comments && { comments: Number(comments) }),
      };
      videos.set(video!, [...(videos.get(video!) ?? []), look]);
    }
    return videos;
  };
  const asTikTok = (views: number) => (views < 10_000 ? views : views < 1_000_000 ? views - (views % 100) : views - (views % 100_000));

  it('fall by less than the rules ask for, and have no steps', () => {
    const odd = new Set([...series().values()].flatMap((looks) => rules('youtube', looks)));
    for (const rule of ['dropped_twice', 'dropped_far', 'step_shaped', 'engagement_stands_still'] as const) expect(odd).not.toContain(rule);
  });

  it('nor have they when they are rounded as TikTok does', () => {
    const odd = [...series().values()].flatMap((looks) => rules('tiktok', looks.map((look) => ({ ...look, views: asTikTok(look.views) })))); // prettier-ignore
    for (const rule of ['dropped_twice', 'dropped_far', 'step_shaped'] as const) expect(odd).not.toContain(rule);
  });
});
