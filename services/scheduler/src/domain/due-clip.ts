import type { Platform } from '@cliptally/contracts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A clip that may be scraped now. Instants are epoch milliseconds; null if it has none. */
export interface DueClip {
  clipId: string;
  platform: Platform;
  url: string;
  /** Campaigns that approved it and whose tracking windows are open. */
  campaignIds: string[];
  /** US dollars that a thousand of its views are worth, over its campaigns. */
  dollarsPerThousand: number;
  submittedAt: number;
  postedAt: number | null;
  /** The newest observation, and the one before it. */
  lastObservedAt: number | null;
  lastViews: number | null;
  previousObservedAt: number | null;
  previousViews: number | null;
  /** The newest outcome of either type, and the failures since the last observation. */
  lastOutcomeAt: number | null;
  failures: number;
  /** Launch of the youngest of its campaigns. */
  campaignLaunchedAt: number;
  /** When its views stop counting in the first of its campaigns to close; Infinity for never. */
  windowEndsAt: number;
  /** When somebody may next decide on a payout that rests on the clip. */
  payoutAt?: number | null;
}

/** Money of a campaign in US dollars. */
export interface CampaignMoney {
  budget: number;
  spent: number;
}

/** What policies know beside the clip. */
export interface Surroundings {
  now: number;
  /** Views an hour that recent first scrapes have observed. */
  firstScrapeVelocity: (platform: Platform) => number;
}

export interface Weight {
  /** The unrecorded amount in US dollars, as the policy estimates it. */
  unrecorded: number;
  /** US dollars an hour by which it grows now. */
  velocity: number;
  /** Higher is sooner; 0 or less is not now. */
  score: number;
}

/** Pure: the same clip in the same surroundings has the same weight. */
export type Weigh = (clip: DueClip, around: Surroundings) => Weight;

/** Factor by which a surprise fades with age: half at `halfAt` hours, a ninth at twice as many. */
export function fadedBy(age: number, halfAt: number): number {
  const part = age / halfAt;
  return 1 / (1 + part * part * part);
}

/** When its views began to come, as far as is known; epoch milliseconds. */
export const postedAt = (clip: DueClip): number => clip.postedAt ?? clip.submittedAt;

/** 0 if `to` is before `from`. */
export const hoursBetween = (from: number, to: number): number => Math.max(0, to - from) / HOUR_MS;

/** Hours since the last observation, or since submission if there is none. */
export const hoursUnobserved = (clip: DueClip, now: number): number =>
  hoursBetween(clip.lastObservedAt ?? clip.submittedAt, now);
