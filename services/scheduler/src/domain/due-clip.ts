import type { Platform } from '@cliptally/contracts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** What is known of a clip's views. Instants are epoch milliseconds; null if it has none. */
export interface Observed {
  submittedAt: number;
  postedAt: number | null;
  /** The newest observation, and the one before it. */
  lastObservedAt: number | null;
  lastViews: number | null;
  previousObservedAt: number | null;
  previousViews: number | null;
}

/** A clip that may be scraped now. */
export interface DueClip extends Observed {
  clipId: string;
  platform: Platform;
  url: string;
  /** Campaigns that may pay for it and whose tracking windows are open. */
  campaignIds: string[];
  /** US dollars that a thousand more of its views are worth, over its campaigns. */
  dollarsPerThousand: number;
  /** By campaign, if more than the rate decides on what it can still earn. */
  terms?: Terms[];
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

/** What a campaign pays for a clip. Amounts are in US dollars. */
export interface Terms {
  dollarsPerThousand: number;
  /** Known views that it will pay with the next observation: those from before the approval. */
  uncounted: number;
  /** Below so many views it pays nothing, and from there on for all of them. */
  minViews: number;
  /** What it may still pay for the clip; Infinity without a cap. */
  most: number;
  /** Probability that what the clip earns is paid. */
  chance: number;
}

/** What the log has taught about a platform's clips. */
export interface Learned {
  /** Views an hour to expect of a first scrape. */
  firstScrapeVelocity: number;
  /** What clips that stand still gain, as a part of it. */
  floor: number;
}

/** What policies know beside the clip. */
export interface Surroundings {
  now: number;
  learned: Readonly<Record<Platform, Learned>>;
}

export interface Weight {
  /** The unrecorded amount in US dollars, as the policy estimates it. */
  unrecorded: number;
  /** Higher is sooner; 0 or less is not now. */
  score: number;
}
export type Weigh = (clip: DueClip, around: Surroundings) => Weight;

/** When its views began to come, as far as is known; epoch milliseconds. */
export const postedAt = (clip: Observed): number => clip.postedAt ?? clip.submittedAt;

/** 0 if `to` is before `from`. */
export const hoursBetween = (from: number, to: number): number => Math.max(0, to - from) / HOUR_MS;

/** Hours since the last observation, or since submission if there is none. */
export const hoursUnobserved = (clip: Observed, now: number): number =>
  hoursBetween(clip.lastObservedAt ?? clip.submittedAt, now);

/** Hours whose views nobody has recorded. */
export const hoursUnrecorded = (clip: Observed, now: number): number =>
  hoursBetween(clip.lastObservedAt ?? postedAt(clip), now);
