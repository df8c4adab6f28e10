import type { z } from 'zod';
import * as campaign from './campaign.js';
import * as clip from './clip.js';
import * as payout from './payout.js';
import * as tracking from './tracking.js';

/** First word of a stream's name and second of a subject; the longest match wins. */
export const CATEGORIES = ['campaign', 'clip', 'tracking-run', 'payout', 'scrape-batch'] as const;
export type Category = (typeof CATEGORIES)[number];

const event = <S extends z.ZodType>(category: Category, version: number, schema: S) => ({ category, version, schema });

/** Every event there is: where it lives, its newest version, and its shape. Documents and subjects are made from this table. */
export const EVENTS = {
  CampaignLaunched: event('campaign', 1, campaign.CampaignLaunched),
  CampaignToppedUp: event('campaign', 1, campaign.CampaignToppedUp),
  CampaignPaused: event('campaign', 1, campaign.CampaignPaused),
  CampaignResumed: event('campaign', 1, campaign.CampaignResumed),
  CampaignEnded: event('campaign', 1, campaign.CampaignEnded),
  EarningsAccrued: event('campaign', 1, campaign.EarningsAccrued),
  EarningsReversed: event('campaign', 1, campaign.EarningsReversed),
  CampaignBudgetExhausted: event('campaign', 1, campaign.CampaignBudgetExhausted),
  ClipSubmitted: event('clip', 1, clip.ClipSubmitted),
  ClipApproved: event('clip', 1, clip.ClipApproved),
  ClipRejected: event('clip', 1, clip.ClipRejected),
  ClipHeld: event('clip', 1, clip.ClipHeld),
  ClipReleased: event('clip', 1, clip.ClipReleased),
  ClipRetired: event('clip', 1, clip.ClipRetired),
  ViewsRecorded: event('clip', 1, clip.ViewsRecorded),
  ScrapeFailed: event('clip', 1, clip.ScrapeFailed),
  TrackingRunStarted: event('tracking-run', 1, tracking.TrackingRunStarted),
  ClipTrackingRequested: event('tracking-run', 1, tracking.ClipTrackingRequested),
  ScrapeBatchStarted: event('scrape-batch', 1, tracking.ScrapeBatchStarted),
  ScrapeBatchCompleted: event('scrape-batch', 1, tracking.ScrapeBatchCompleted),
  PayoutAccountSet: event('payout', 1, payout.PayoutAccountSet),
  PayoutRequested: event('payout', 1, payout.PayoutRequested),
  PayoutApproved: event('payout', 1, payout.PayoutApproved),
  PayoutRejected: event('payout', 1, payout.PayoutRejected),
  PayoutPaid: event('payout', 1, payout.PayoutPaid),
  PayoutFailed: event('payout', 1, payout.PayoutFailed),
} as const;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = z.infer<(typeof EVENTS)[T]['schema']>;
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];
