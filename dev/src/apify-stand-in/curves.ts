import type { Platform } from '@cliptally/contracts';
import { draws, normal } from './chance.js';

/** What a platform shows of a video at one instant. `null` is "not shown", which is never zero. */
export interface VideoCounts {
  /** The first count: TikTok's and Instagram's plays; the views of YouTube, X and Facebook. */
  views: number | null;
  /** Instagram's second, smaller count (`videoViewCount`); null elsewhere. */
  secondViews: number | null;
  /** -1: hidden by the owner (Instagram). */
  likes: number | null;
  comments: number | null;
  shares: number | null;
  saves: number | null;
  postedAt: Date | null;
}

/**
 * How videos grow; the actors read them. A run is planned ahead, so instants to come are asked for,
 * and an answer must not change.
 */
export interface ViewCurves {
  /** `null`: no such video is known at that instant. */
  at(platform: Platform, videoId: string, instant: Date): VideoCounts | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Median of the views that a clip has in the end; sizes around it are lognormal. */
const MEDIAN_VIEWS: Record<Platform, number> = {
  tiktok: 9_000,
  instagram: 7_000,
  youtube: 3_000,
  x: 2_500,
  facebook: 1_500,
};
const SIGMA = 2;
const MAX_VIEWS = 500_000_000;

/** TikTok shows its large counts rounded: to 100 from 10,000 on, to 100,000 from 1,000,000 on. */
export function shown(platform: Platform, count: number): number {
  const unit = platform !== 'tiktok' || count < 10_000 ? 1 : count < 1_000_000 ? 100 : 100_000;
  return Math.round(count / unit) * unit;
}

/**
 * Share of its final views that a clip has after `ms`: a slow onset, then a rate that decays as a
 * power of its age.
 */
function grown(ms: number, onset: number, scale: number, power: number): number {
  if (ms <= 0) return 0;
  const age = (ms * ms) / (ms + onset);
  return 1 - (1 + age / scale) ** -power;
}

/**
 * Half-hourly YouTube counts fell in 0.8 % of steps, by 0.56 % at most, and were back within 2.8
 * hours.
 */
function fallen(seed: string, videoId: string, instant: number): number {
  const span = 8 * HOUR;
  const window = Math.floor(instant / span);
  const [happens, start, length, depth] = draws(seed, videoId, 'fall', window);
  const lasts = (0.5 + 2.3 * length) * HOUR;
  const since = instant - (window * span + start * (span - lasts));
  return happens < 0.12 && since >= 0 && since < lasts ? 0.0005 + 0.0051 * depth : 0;
}

/**
 * Made-up but lifelike curves: everything about a video follows from its id, so a restarted world
 * with the same `worldStart` continues where it was. Every id that is asked for exists, posted in
 * the days before `worldStart`.
 */
export function generatedCurves(options: { worldStart: Date; seed?: string }): ViewCurves {
  const { seed = 'cliptally' } = options;
  return {
    at(platform, videoId, instant) {
      const [u, v, age, onset, scale, power, burst, burstAt] = draws(seed, platform, videoId);
      const [burstSize, ratio, likeRate, commentRate, shareRate, saveRate, hidden] = draws(
        seed,
        platform,
        videoId,
        'engagement',
      );
      const postedAt =
        options.worldStart.getTime() -
        Math.min(6 * DAY, 5 * MINUTE - Math.log(1 - age) * 16 * HOUR);
      const since = instant.getTime() - postedAt;
      if (since < 0) return null;

      const final = Math.min(MAX_VIEWS, MEDIAN_VIEWS[platform] * Math.exp(SIGMA * normal(u, v)));
      let views =
        final * grown(since, (0.5 + 6 * onset) * HOUR, (6 + 42 * scale) * HOUR, 0.5 + 0.8 * power);
      // One clip in seven is found a second time, one to ten days later.
      if (burst < 1 / 7)
        views +=
          final *
          (0.3 + 2.7 * burstSize) *
          grown(since - (1 + 9 * burstAt) * DAY, 3 * HOUR, 8 * HOUR, 1.2);
      const part = (rate: number) => shown(platform, Math.floor(views * rate));
      const seen =
        platform === 'youtube' ? views * (1 - fallen(seed, videoId, instant.getTime())) : views;
      return {
        views: shown(platform, Math.floor(seen)),
        secondViews:
          platform === 'instagram' ? Math.floor(views / (1.6 * (14.6 / 1.6) ** ratio)) : null,
        likes:
          hidden < 0.1 && platform === 'instagram'
            ? -1
            : hidden < 0.1 && platform === 'youtube'
              ? null
              : part(0.02 + 0.08 * likeRate),
        comments: part(0.001 + 0.006 * commentRate),
        shares:
          platform === 'youtube' || platform === 'instagram'
            ? null
            : part(0.001 + 0.01 * shareRate),
        saves: platform === 'tiktok' ? part(0.002 + 0.01 * saveRate) : null,
        postedAt: new Date(Math.floor(postedAt)),
      };
    },
  };
}
