import * as clips from './due-clip.js';
import type { DueClip, Surroundings, Weigh } from './due-clip.js';
import { PARAMETERS } from './parameters.js';
import { decayingDollarHours, worthOf } from './score.js';

/** Part of a first scrape's velocity that every clip gets, or no scrape would see it move again. */
const FLOOR = 0.03;
/** Added to the hours, or their square would hold back a clip that gains much in minutes. */
const HEAD_START_HOURS = 2;

/** Views an hour between the last two observations, or since posting; null without observation. */
export function velocityOf(clip: DueClip): number | null {
  const { lastObservedAt, lastViews, previousObservedAt, previousViews } = clip;
  if (lastObservedAt === null || lastViews === null) return null;
  if (previousObservedAt === null || previousViews === null)
    // At least an hour, as in the mean of first scrapes: a clip of one minute would seem very fast.
    return lastViews / Math.max(1, clips.hoursBetween(clips.postedAt(clip), lastObservedAt));
  const hours = clips.hoursBetween(previousObservedAt, lastObservedAt);
  return hours > 0 ? Math.max(0, lastViews - previousViews) / hours : 0;
}

/** US dollars of the last velocity and a floor; of first scrapes' velocity without observation. */
export function unrecordedAmount(clip: DueClip, { now, learned }: Surroundings): number {
  const typical = learned[clip.platform].firstScrapeVelocity;
  const observed = velocityOf(clip);
  const velocity = observed === null ? typical : observed + FLOOR * typical;
  return worthOf(clip, velocity * clips.hoursUnrecorded(clip, now));
}

/** The unrecorded amount times the hours since the last observation: both count the same. */
const dollarHours: Weigh = (clip, around) => {
  const unrecorded = unrecordedAmount(clip, around);
  const hours = clips.hoursUnobserved(clip, around.now) + HEAD_START_HOURS;
  return { unrecorded, score: unrecorded * hours };
};

const NEVER_OBSERVED = 999;
const YOUNG_CAMPAIGN_MS = 7 * clips.DAY_MS;

/**
 * The formula of the replaced system: 999 without an observation, else hours since the last one,
 * times 2 from 8 hours on, 1 from 4, 0.5 below; times 1.5 in campaigns under 7 days. It knew no
 * unrecorded amount: reports show that of dollar-hours.
 */
const classic: Weigh = (clip, around) => {
  const hours =
    clip.lastObservedAt === null ? null : clips.hoursBetween(clip.lastObservedAt, around.now);
  const urgency = hours === null ? NEVER_OBSERVED : hours * (hours >= 8 ? 2 : hours >= 4 ? 1 : 0.5);
  const young = around.now - clip.campaignLaunchedAt < YOUNG_CAMPAIGN_MS ? 1.5 : 1;
  return { unrecorded: unrecordedAmount(clip, around), score: urgency * young };
};

/** How a tracking run ranks clips. */
export interface Policy {
  weigh: Weigh;
  /** Factor, less one, of scores in campaigns whose budget may be gone; 0 for none. */
  nearEnd: number;
}

export const POLICIES = {
  'decaying-dollar-hours': { weigh: decayingDollarHours, nearEnd: PARAMETERS.nearEnd },
  'dollar-hours': { weigh: dollarHours, nearEnd: 0 },
  classic: { weigh: classic, nearEnd: 0 },
} as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;
export const DEFAULT_POLICY: PolicyName = 'decaying-dollar-hours';
