import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { ClipObservation } from './anomaly-rules.js';
import { eventId } from './testing/facts.js';
import { rules } from './testing/observations.js';

const HALF_HOURLY = fileURLToPath(
  new URL('../../../../../shared/data/series/youtube-half-hourly.csv', import.meta.url),
);
const withData = existsSync(HALF_HOURLY) ? describe : describe.skip;

withData('real curves [needs ../shared/data]', () => {
  const series = (): Map<string, ClipObservation[]> => {
    const [, ...rows] = readFileSync(HALF_HOURLY, 'utf8').trim().split('\n');
    const videos = new Map<string, ClipObservation[]>();
    for (const [i, row] of rows.entries()) {
      const [, video, observedAt, views, likes, comments] = row.split(',');
      if (!views) continue;
      const observation = {
        id: eventId(i),
        views: Number(views),
        observedAt: observedAt!,
        ...(likes && { likes: Number(likes) }),
        ...(comments && { comments: Number(comments) }),
      };
      videos.set(video!, [...(videos.get(video!) ?? []), observation]);
    }
    return videos;
  };
  const asTikTok = (views: number) =>
    views < 10_000 ? views : views < 1_000_000 ? views - (views % 100) : views - (views % 100_000);

  it('fall by less than the rules ask for, and have no steps', () => {
    const odd = new Set(
      [...series().values()].flatMap((observations) => rules('youtube', observations)),
    );
    for (const rule of [
      'dropped_twice',
      'dropped_far',
      'step_shaped',
      'engagement_stands_still',
    ] as const)
      expect(odd).not.toContain(rule);
  });

  it('nor have they when they are rounded as TikTok does', () => {
    const odd = [...series().values()].flatMap((observations) => rules('tiktok', observations.map((observation) => ({ ...observation, views: asTikTok(observation.views) })))); // prettier-ignore
    for (const rule of ['dropped_twice', 'dropped_far', 'step_shaped'] as const)
      expect(odd).not.toContain(rule);
  });
});
