import { z } from 'zod';
import { Platform } from '../platform.js';
import { Label, Text } from '../text.js';
import { ClipId, Count, EntityId, Instant, Url } from './common.js';
import { AccountName } from './creator.js';

const ofClip = { clipId: ClipId, platform: Platform };
const inCampaign = { ...ofClip, campaignId: EntityId };

export const ClipSubmitted = z.object({
  ...inCampaign,
  videoId: Label,
  /** Canonical address, the one that is scraped. */
  url: Url,
  /** As the creator gave it. */
  submittedUrl: Text.max(2048),
  creatorId: EntityId,
  /** Of a clip that was moved here from another campaign: what was known there. */
  submittedAt: Instant.optional(),
  postedAt: Instant.optional(),
});
/** An observation that a clip keeps, by its ViewsRecorded event. */
const KeptObservation = z.object({ id: z.uuid(), views: Count, observedAt: Instant });
const keptViews = { highWater: KeptObservation.nullable(), first: KeptObservation.nullable() };

/**
 * A clip that was moved from another campaign keeps the date of its approval, and what was seen
 * since: the largest count and the first one inside the window that it has here.
 */
export const ClipMove = z.object({
  from: EntityId,
  approvedAt: Instant,
  ...keptViews,
  /**
   * If its view field has changed: the views in each field, and what other fields had counted when
   * it began. The first one is that of before the first change.
   */
  fields: z
    .array(z.object({ field: Label.nullable(), carried: Count, ...keptViews }))
    .min(2)
    .optional(),
});
export type ClipMove = z.infer<typeof ClipMove>;

/** `moved` is null if a reviewer has approved a new clip, and in version 1. */
export const ClipApproved = z.object({
  ...inCampaign,
  by: Label,
  moved: ClipMove.nullable().default(null),
});
export const ClipRejected = z.object({ ...inCampaign, reason: Text.min(1).max(500), by: Label });

/** Why a clip looks odd, in figures that a reviewer can check against the events that are named. */
export const AnomalyReason = z.object({
  rule: Label,
  observed: z.union([z.number(), Label]),
  threshold: z.union([z.number(), Label]),
  window: z.object({ from: Instant, to: Instant }),
  eventIds: z.array(z.uuid()).min(1),
  /** Points of the score. */
  points: z.int().min(1).max(100),
});
/** A score from 0 (nothing odd) to 100; a clip is held from the campaign's threshold on. */
export const AnomalyFound = z.object({
  score: z.int().min(0).max(100),
  threshold: z.int().min(1).max(100),
  reasons: z.array(AnomalyReason),
});
export type AnomalyFound = z.infer<typeof AnomalyFound>;
/** What a campaign asks of a clip that it does not have. */
export const HoldCode = z.enum(['foreign_author', 'missing_text']);
export type HoldCode = z.infer<typeof HoldCode>;
/**
 * `anomaly` is there if the anomaly rules have held the clip, `code` if a term of the campaign has;
 * both are absent if a person has.
 */
export const ClipHeld = z.object({
  ...inCampaign,
  reason: Text.min(1).max(500),
  reviewAt: Instant,
  anomaly: AnomalyFound.optional(),
  code: HoldCode.optional(),
  by: Label,
});
export const MOST_APPEAL = 2_000;
/** A creator objects to a rejection or a hold, once. */
export const ClipAppealed = z.object({
  ...inCampaign,
  creatorId: EntityId,
  text: Text.min(1).max(MOST_APPEAL),
  by: Label,
});
/** If it is granted, ClipApproved or ClipReleased is in the same append. */
export const ClipAppealAnswered = z.object({
  ...inCampaign,
  granted: z.boolean(),
  reason: Text.min(1).max(500),
  by: Label,
});
export const ClipReleased = z.object({ ...inCampaign, by: Label });
/**
 * The clip has been gone for a day at least, in every campaign. It is scraped rarely from then on,
 * until {@link ClipRestored}; what it has earned stays.
 */
export const ClipRetired = z.object({
  ...ofClip,
  reason: z.enum(['not_found', 'private']),
  requestId: z.uuid(),
});

/**
 * A retired clip is scraped as before again: a source has seen it (`observed`, in the outcome of
 * `requestId`), or an admin or its creator asked for that.
 */
export const ClipRestored = z.object({
  ...ofClip,
  reason: z.enum(['observed', 'admin', 'creator']),
  requestId: z.uuid().optional(),
  by: Label,
});
/**
 * From now on the clip's views are read from the field `to`; a person decided so. `baseline` is
 * `own` if what counts in it does not rest on views in another field; in version 1 it does.
 */
export const ViewFieldChanged = z.object({
  ...ofClip,
  from: Label.nullable(),
  to: Label,
  baseline: z.enum(['old', 'own']).default('old'),
  reason: Text.min(1).max(500),
  by: Label,
});

/** What a source says of a post beside its figures; null: the source does not say it. */
export const SeenPost = z.object({
  account: AccountName.nullable(),
  /** Codes of account claims in the account's bio or in the caption. */
  codes: z.array(Label).max(5),
  /** What of the required text the caption has, and what not. */
  text: z.object({ found: z.array(Text.max(100)), missing: z.array(Text.max(100)) }).nullable(),
});
export type SeenPost = z.infer<typeof SeenPost>;

/**
 * Who posted the clip, and what its caption has of the text that campaigns require: before the
 * outcome of a request that asks for it, if it differs from what was seen before.
 */
export const ClipPostSeen = z.object({ ...ofClip, requestId: z.uuid(), ...SeenPost.shape });

/**
 * A person says that an implausible figure is right. The same append has it as ViewsRecorded, whose
 * `runId` is "confirmed-<requestId>".
 */
export const FigureConfirmed = z.object({
  ...ofClip,
  /** The scrape request that brought the figure. */
  requestId: z.uuid(),
  by: Label,
});
