import type { Platform } from '@cliptally/contracts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A clip that may be looked at now, as the scheduler's table has it. Instants are epoch milliseconds. */
export interface DueClip {
  clipId: string;
  platform: Platform;
  url: string;
  /** Campaigns it is approved in and whose windows are open. */
  campaignIds: string[];
  /** US dollars that a thousand of its views are worth, over its campaigns. */
  dollarsPerThousand: number;
  submittedAt: number;
  postedAt: number | null;
  lastLookAt: number | null;
  lastViews: number | null;
  previousLookAt: number | null;
  previousViews: number | null;
  /** Newest look of any outcome, and how many have failed since the last that brought a count. */
  lastTriedAt: number | null;
  failures: number;
  /** Youngest of its campaigns. */
  campaignLaunchedAt: number;
  /** When its views stop counting in the first of its campaigns to close; Infinity for never. */
  windowEndsAt: number;
  /** When a payout that rests on the clip is next decided. */
  payoutAt?: number | null;
}

/** Money of a campaign in US dollars: what is left says how near its end is. */
export interface CampaignMoney {
  budget: number;
  spent: number;
}

/** What policies know beside the clip. */
export interface Surroundings {
  now: number;
  /** Views an hour that first looks have seen of late, by platform. */
  firstLookVelocity: (platform: Platform) => number;
}

export interface Weight {
  /** US dollars of views that nobody has recorded yet, as far as a policy can tell. */
  waiting: number;
  /** US dollars an hour that come on top of them by now. */
  velocity: number;
  /** The larger, the sooner; 0 or less means: not now. */
  score: number;
}

/** Pure: the same clip in the same surroundings has the same weight. */
export type Policy = (clip: DueClip, around: Surroundings) => Weight;

/** How much of a surprise an age still leaves room for: half at `halfAt` hours, a ninth at twice as many. */
export function fadedBy(age: number, halfAt: number): number {
  const part = age / halfAt;
  return 1 / (1 + part * part * part);
}

/** When its views began to come, as far as is known; epoch milliseconds. */
export const postedAt = (clip: DueClip): number => clip.postedAt ?? clip.submittedAt;

export const hoursBetween = (from: number, to: number): number => Math.max(0, to - from) / HOUR_MS;
