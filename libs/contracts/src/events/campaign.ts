import { z } from 'zod';
import { Currency, Minor } from '../money.js';
import { Platform } from '../platform.js';
import { Label, Text } from '../text.js';
import { ClipId, Count, DecidedAt, EntityId, Instant } from './common.js';

/** Minor units per thousand views; a platform without its own rate is paid the default. */
export const RatePerThousand = z.strictObject({
  default: Minor,
  tiktok: Minor.optional(),
  youtube: Minor.optional(),
  instagram: Minor.optional(),
  x: Minor.optional(),
  facebook: Minor.optional(),
});

const BasisPoints = z.int().min(0).max(10_000);
/** `brand`: on top of earnings, out of the budget; `creator`: out of what the clip has earned. */
const FeeBearer = z.enum(['brand', 'creator']);
export type FeeBearer = z.infer<typeof FeeBearer>;

/** Hundredths of a percent. Budget, caps and limits are of earnings before a creator's fee. */
export const PlatformFee = z.strictObject({ basisPoints: BasisPoints, bearer: FeeBearer });
export type PlatformFee = z.infer<typeof PlatformFee>;

/**
 * What a brand promises creators; fixed at launch, but for the budget, which a top-up raises, and
 * for who may see what of it.
 */
export const CampaignTerms = z.strictObject({
  currency: Currency,
  budget: Minor,
  ratePerThousand: RatePerThousand,
  /** Below this many views a clip earns nothing; from there on it earns for all of them. */
  minViews: Count.default(0),
  maxPayoutPerClip: Minor.nullable().default(null),
  /** Whether views count from the first one, or from the first observation at or after approval. */
  countFrom: z.enum(['zero', 'approval']).default('zero'),
  /** Days from approval during which views count. */
  trackingDays: z.int().min(1).max(3650).default(30),
  startsAt: Instant,
  endsAt: Instant.nullable().default(null),
  /** A clip in an exclusive campaign earns in no other. */
  exclusive: z.boolean().default(true),
  /** Days after which accrued money may be paid out. */
  validationDays: z.int().min(0).max(365).default(3),
  minPayout: Minor.default(0),
  /**
   * A clip whose anomaly score reaches it is held before it is paid; 60 if it is absent, null:
   * never.
   */
  anomalyThreshold: z.int().min(1).max(100).nullable().optional(),
  /** The most that a creator may earn by all clips in the campaign; no limit if it is absent. */
  maxPayoutPerCreator: Minor.nullable().optional(),
  /** What a clip is due once it was approved and seen, whatever its views are. */
  flatFee: Minor.optional(),
  /** What a clip is due once for so many counted views, beside the rate. */
  milestones: z
    .array(z.strictObject({ views: Count.min(1), bonus: Minor.min(1) }))
    .max(20)
    .optional(),
  /**
   * Whether views from before the first observation count of a clip that was posted before the
   * campaign started, or over `maxPostAgeHours` before its submission. Absent: they count.
   */
  oldPosts: z.enum(['first_observation', 'count']).optional(),
  /** Clips of other platforms are refused; absent: all are taken. */
  platforms: z.array(Platform).min(1).optional(),
  /** Hours until a submission is decided on by itself; absent or null: never. */
  reviewHours: z.int().min(1).max(8_760).nullable().optional(),
  maxPostAgeHours: z.int().min(1).max(87_600).optional(),
  /** A clip of an account that its creator has not proved to own is held; absent: it is not. */
  requireOwnedAccount: z.boolean().optional(),
  /** A caption needs one of these hashtags, mentions or phrases; absent: nothing is needed. */
  requiredText: z.array(Text.trim().min(2).max(100)).min(1).max(10).optional(),
  /** Every creator may read the campaign's figures and terms before it submits a clip. */
  publicCatalogue: z.boolean().optional(),
  /** Creators see who the others of its leaderboard are; absent: ranks and sums alone. */
  leaderboardNames: z.boolean().optional(),
  /** What the platform takes of what clips earn, and who bears it; absent: nothing. */
  platformFee: PlatformFee.optional(),
  /** Submissions that a creator may make in a day of UTC; absent: as many as it likes. */
  maxSubmissionsPerDay: z.int().min(1).max(10_000).optional(),
});
export type CampaignTerms = z.infer<typeof CampaignTerms>;

export const CampaignLaunched = z.object({
  campaignId: EntityId,
  brandId: EntityId,
  name: Text.min(1).max(200),
  terms: CampaignTerms,
});
export const CampaignToppedUp = z.object({ campaignId: EntityId, amount: Minor.min(1), by: Label });
export const CampaignPaused = z.object({ campaignId: EntityId, reason: Text.max(500), by: Label });
export const CampaignResumed = z.object({ campaignId: EntityId, by: Label });
export const CampaignEnded = z.object({ campaignId: EntityId, reason: Text.max(500), by: Label });
/** `publicCatalogue` and `leaderboardNames` of the terms, as they are from here on. */
export const CampaignVisibilityChanged = z.object({
  campaignId: EntityId,
  publicCatalogue: z.boolean(),
  leaderboardNames: z.boolean(),
  by: Label,
});

/**
 * What a line of a settlement is computed from, so that a reader needs nothing else: `earned` =
 * min(cap, flat + bonus + floor((views - baseline) x rate / 1000)), `flat` alone below `minViews`;
 * owed in all = max(0, earned - voided); due = owed in all - had, at most `creatorRoom`.
 */
export const SettlementBasis = z.object({
  /** The largest count inside the counting window. */
  views: Count,
  /** Views that were there before counting began. */
  baseline: Count,
  /** Minor units. */
  earned: Minor,
  /** Minor units that reversals by a person have taken from what the clip can earn. */
  voided: Minor,
  /** Minor units accrued less reversed, before this line. */
  had: Minor,
  /** The flat fee, and the bonuses of the milestones that are reached; absent: none. */
  flat: Minor.optional(),
  bonus: Minor.optional(),
  /** What the campaign's limit for a creator left before this line; absent: it has none. */
  creatorRoom: Minor.optional(),
  /** The view field that `views` and `baseline` are of, if it was changed to that; else absent. */
  field: Label.optional(),
});
export type SettlementBasis = z.infer<typeof SettlementBasis>;

/**
 * The fee of one line, in minor units: up to floor(of x basisPoints / 10,000), less `had`; of a
 * reversal what of `had` is more than that goes back.
 */
export const LineFee = z.object({
  amount: Minor,
  /** Fees of the clip less what went back, before this line. */
  had: Minor,
  /** What the clip has after this line: accrued less reversed. */
  of: Minor,
});
export type LineFee = z.infer<typeof LineFee>;
/** The fees of all lines of an event; absent if the campaign has no fee. */
const Fees = z.object({ bearer: FeeBearer, basisPoints: BasisPoints, total: Minor });

/** One clip's part of a settlement. `due` is what it was owed; `amount` what the budget allowed. */
export const AccrualLine = z.object({
  clipId: ClipId,
  creatorId: EntityId,
  fromViews: Count,
  toViews: Count,
  due: Minor,
  amount: Minor,
  /** Id of the ViewsRecorded event that `toViews` rests on. */
  observation: z.uuid(),
  /** Null in lines of version 1. */
  basis: SettlementBasis.nullable().default(null),
  fee: LineFee.optional(),
});
export type AccrualLine = z.infer<typeof AccrualLine>;

/**
 * A clip that was due something and that the settlement passed over, because no decision about it
 * could be made.
 */
export const LeftOut = z.object({ clipId: ClipId, reason: Text.min(1).max(500) });
export type LeftOut = z.infer<typeof LeftOut>;

export const EarningsAccrued = z.object({
  campaignId: EntityId,
  currency: Currency,
  total: Minor,
  lines: z.array(AccrualLine).min(1),
  fee: Fees.optional(),
  leftOut: z.array(LeftOut).default([]),
  decidedAt: DecidedAt,
});

export const ReversalLine = z.object({
  clipId: ClipId,
  creatorId: EntityId,
  amount: Minor.min(1),
  reason: Text.min(1).max(500),
  /**
   * Of a reversal by the settlement itself: `amount` = had - max(0, earned - voided). Null if a
   * person decided, and in version 1.
   */
  basis: SettlementBasis.nullable().default(null),
  /** What of the clip's fee goes back. */
  fee: LineFee.optional(),
});
export type ReversalLine = z.infer<typeof ReversalLine>;
/** In the same append, {@link CreatorEarningsReversed} tells the payout stream of each creator. */
export const EarningsReversed = z.object({
  campaignId: EntityId,
  currency: Currency,
  total: Minor,
  lines: z.array(ReversalLine).min(1),
  fee: Fees.optional(),
  by: Label,
  decidedAt: DecidedAt,
});

/** `unpaid` is what the settlement left unpaid of what its clips were due; a top-up settles it. */
export const CampaignBudgetExhausted = z.object({
  campaignId: EntityId,
  currency: Currency,
  budget: Minor,
  unpaid: Minor,
  decidedAt: DecidedAt,
});

const clipInCampaign = { campaignId: EntityId, clipId: ClipId };

/**
 * In one append with ClipHeld: a settlement of the campaign that did not know of the hold is
 * refused by its expected revision.
 */
export const CampaignClipHeld = z.object(clipInCampaign);
/** The same of ClipReleased. */
export const CampaignClipReleased = z.object(clipInCampaign);
/**
 * In one append with the clip's move, in both campaigns: a settlement that did not know of it is
 * refused.
 */
export const CampaignClipMoved = z.object({ ...clipInCampaign, from: EntityId, to: EntityId });
/**
 * A decision about one clip failed, so that settlements pass it over: somebody has to find out why.
 * Recorded once for each reason.
 */
export const ClipSettlementFailed = z.object({ ...clipInCampaign, reason: Text.min(1).max(500) });
