import type { z } from 'zod';
import * as brand from './brand.js';
import * as campaign from './campaign.js';
import * as clip from './clip.js';
import * as creator from './creator.js';
import * as payout from './payout.js';
import * as projection from './projection.js';
import * as shortLink from './short-link.js';
import { ScrapeFailed } from './scrape-failure.js';
import * as scrape from './scrape.js';
import * as submissionDay from './submission-day.js';
import * as tracking from './tracking.js';

/** First word of a stream's name and second of a subject; the longest match wins. */
export const CATEGORIES = [
  'campaign',
  'clip',
  'tracking-run',
  'payout',
  'scrape-batch',
  'source-usage',
  'short-link',
  'unique-payout-id',
  'submission-day',
  'creator',
  'account',
  'brand',
  'projection',
] as const;
export type Category = (typeof CATEGORIES)[number];

/**
 * Makes the data of one version into that of the next; `event` is the event as it was written.
 * Pure, as it runs at every read for ever.
 */
export type Upcaster = (
  data: Readonly<Record<string, unknown>>,
  event: { readonly id: string; readonly stream: string; readonly time: string },
) => Record<string, unknown>;

/**
 * `upcasters[n]` reads data of version n + 1 as version n + 2, so that an event without any is at
 * version 1.
 */
const event = <S extends z.ZodType>(
  category: Category,
  schema: S,
  upcasters: readonly Upcaster[] = [],
) => ({
  category,
  schema,
  upcasters,
  version: upcasters.length + 1,
});

/** What a newer version adds may be absent, as it is from old events. */
const same: Upcaster = (data) => data;

type Lines = { lines: readonly object[] };
/** Version 1 did not say which position of the log a decision was made at. */
const undated: Upcaster = (data) => ({ ...data, decidedAt: null });
const withoutBasis: Upcaster = (data) => ({
  ...data,
  decidedAt: null,
  lines: (data as unknown as Lines).lines.map((line) => ({ ...line, basis: null })),
});

/**
 * Every event there is: where it lives, the shape of its newest version, and how older ones are
 * read. Documents and subjects are made from this table. A schema that changes needs an upcaster,
 * see events/README.md; a type stays for ever, as the log does.
 */
export const EVENTS = {
  CampaignLaunched: event('campaign', campaign.CampaignLaunched, [same, same]),
  CampaignToppedUp: event('campaign', campaign.CampaignToppedUp),
  CampaignPaused: event('campaign', campaign.CampaignPaused),
  CampaignResumed: event('campaign', campaign.CampaignResumed),
  CampaignEnded: event('campaign', campaign.CampaignEnded),
  CampaignVisibilityChanged: event('campaign', campaign.CampaignVisibilityChanged),
  EarningsAccrued: event('campaign', campaign.EarningsAccrued, [
    (data, of) => ({ ...withoutBasis(data, of), leftOut: [] }),
    same,
    same,
    same,
  ]),
  EarningsReversed: event('campaign', campaign.EarningsReversed, [withoutBasis, same, same, same]),
  CampaignBudgetExhausted: event('campaign', campaign.CampaignBudgetExhausted, [undated]),
  CampaignClipHeld: event('campaign', campaign.CampaignClipHeld),
  CampaignClipReleased: event('campaign', campaign.CampaignClipReleased),
  CampaignClipMoved: event('campaign', campaign.CampaignClipMoved),
  ClipSettlementFailed: event('campaign', campaign.ClipSettlementFailed),
  ClipSubmitted: event('clip', clip.ClipSubmitted, [same]),
  ClipApproved: event('clip', clip.ClipApproved, [(data) => ({ ...data, moved: null }), same]),
  ClipRejected: event('clip', clip.ClipRejected),
  ClipHeld: event('clip', clip.ClipHeld, [same]),
  ClipReleased: event('clip', clip.ClipReleased),
  ClipAppealed: event('clip', clip.ClipAppealed),
  ClipAppealAnswered: event('clip', clip.ClipAppealAnswered),
  ClipRetired: event('clip', clip.ClipRetired),
  ClipRestored: event('clip', clip.ClipRestored),
  ClipPostSeen: event('clip', clip.ClipPostSeen),
  ViewFieldChanged: event('clip', clip.ViewFieldChanged, [
    (data) => ({ ...data, baseline: 'old' }),
  ]),
  ViewsRecorded: event('clip', scrape.ViewsRecorded),
  ScrapeFailed: event('clip', ScrapeFailed, [same]),
  FigureConfirmed: event('clip', clip.FigureConfirmed),
  ShortLinkSubmitted: event('short-link', shortLink.ShortLinkSubmitted, [same]),
  ShortLinkTried: event('short-link', shortLink.ShortLinkTried, [same]),
  ShortLinkResolved: event('short-link', shortLink.ShortLinkResolved, [same]),
  ShortLinkRefused: event('short-link', shortLink.ShortLinkRefused, [same]),
  TrackingRunStarted: event('tracking-run', tracking.TrackingRunStarted, [same, same]),
  ClipTrackingRequested: event('tracking-run', scrape.ClipTrackingRequested, [same]),
  ScrapeBatchStarted: event('scrape-batch', scrape.ScrapeBatchStarted),
  ScrapeBatchCompleted: event('scrape-batch', scrape.ScrapeBatchCompleted),
  SourceUsageMeasured: event('source-usage', tracking.SourceUsageMeasured),
  PayoutAccountSet: event('payout', payout.PayoutAccountSet),
  PayoutRequested: event('payout', payout.PayoutRequested, [
    undated,
    (data) => ({ ...data, basis: null, outside: false }),
    same,
  ]),
  PayoutApproved: event('payout', payout.PayoutApproved, [undated]),
  PayoutRejected: event('payout', payout.PayoutRejected, [undated]),
  PayoutPaid: event('payout', payout.PayoutPaid, [undated]),
  PayoutFailed: event('payout', payout.PayoutFailed, [undated]),
  CreatorEarningsReversed: event('payout', payout.CreatorEarningsReversed),
  CreatorErased: event('payout', payout.CreatorErased),
  PayoutIdTaken: event('unique-payout-id', payout.PayoutIdTaken),
  SubmissionCounted: event('submission-day', submissionDay.SubmissionCounted),
  AccountClaimed: event('creator', creator.AccountClaimed),
  AccountVerified: event('creator', creator.AccountVerified),
  AccountReleased: event('creator', creator.AccountReleased),
  AccountOwnerChanged: event('account', creator.AccountOwnerChanged),
  BudgetFunded: event('brand', brand.BudgetFunded),
  BudgetRefunded: event('brand', brand.BudgetRefunded),
  BudgetRefundUndone: event('brand', brand.BudgetRefundUndone),
  BudgetCommitted: event('brand', brand.BudgetCommitted),
  EventSkipped: event('projection', projection.EventSkipped),
  EventSkipReviewed: event('projection', projection.EventSkipReviewed),
} as const;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = z.infer<(typeof EVENTS)[T]['schema']>;
/** As it may be given to `newEvent`, which fills in what is left out. */
export type EventInput<T extends EventType> = z.input<(typeof EVENTS)[T]['schema']>;
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];
