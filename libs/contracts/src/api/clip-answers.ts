import { z } from 'zod';
import { AnomalyFound, AnomalyReason, HoldCode } from '../events/clip.js';
import { ClipId, Count, EntityId, Instant } from '../events/common.js';
import { Currency, Minor } from '../money.js';
import { Platform } from '../platform.js';

/** What the API answers of clips, and of many clips at once. Amounts are minor units. */
const money = z.int();

export const ClipInCampaign = z.object({
  campaignId: EntityId,
  creatorId: EntityId,
  status: z.enum(['PENDING', 'APPROVED', 'REJECTED']),
  hold: z
    .object({
      reason: z.string(),
      reviewAt: Instant,
      anomaly: AnomalyFound.optional(),
      code: HoldCode.optional().describe('Of a hold by a term of the campaign.'),
    })
    .nullable(),
  rejection: z
    .object({ reason: z.string(), at: Instant })
    .nullable()
    .describe('Why a reviewer rejected it; null while it is not rejected.'),
  retired: z.enum(['not_found', 'private']).nullable(),
  reviewAt: Instant.nullable().describe(
    'When it is decided on by itself, or its hold is reviewed.',
  ),
  appeal: z
    .object({
      at: Instant,
      text: z.string(),
      answer: z.object({ granted: z.boolean(), reason: z.string(), at: Instant }).nullable(),
    })
    .nullable(),
  submittedAt: Instant,
  postedAt: Instant.nullable(),
  oldPost: z.boolean().describe('Posted before the campaign, or longer ago than it takes.'),
  approvedAt: Instant.nullable(),
  highWater: Count.nullable(),
  currency: Currency,
  entitlement: Minor,
  accrued: Minor,
  reversed: Minor,
  earned: money,
  fees: Minor.describe('Platform fees of what it has earned, of brand and creator alike.'),
  due: money,
  keeps: z
    .array(z.object({ code: z.string(), sentence: z.string() }))
    .optional()
    .describe('What keeps it from earning or being paid just now; if one clip is shown.'),
});

export const ClipAnswer = z
  .object({
    clipId: ClipId,
    platform: Platform,
    url: z.url(),
    views: Count.nullable(),
    observedAt: Instant.nullable(),
    source: z.string().nullable(),
    sourceChangedAt: Instant.nullable(),
    viewField: z.string().nullable(),
    campaigns: z.array(ClipInCampaign),
    lastScrapeAt: Instant.nullable().optional(),
    lastScrapeFailed: z.string().nullable().optional(),
    nextScrapeAfter: Instant.nullable()
      .optional()
      .describe(
        'It is scraped after this, as its turn comes; null while it is not scraped, and `keeps` says why.',
      ),
    freshness: z.number().nullable().optional().describe('Seconds since the newest count.'),
    /** For who reviews the clip; creators do not see it. */
    anomaly: AnomalyFound.omit({ threshold: true })
      .extend({
        advice: z.enum(['none', 'flag', 'hold']),
        reasons: z.array(AnomalyReason.extend({ usual: z.number().optional() })),
      })
      .optional(),
  })
  .meta({ id: 'Clip' });

const ClipBatchRow = z.object({
  /** `already`: it is in the campaign by this creator, or was decided on there: see `status`. */
  outcome: z.enum(['added', 'already', 'refused']),
  clipId: ClipId.nullable(),
  status: z.enum(['PENDING', 'APPROVED', 'REJECTED']).nullable(),
  /**
   * Of a refusal, of the clip or only of its approval: the fixed word, and the sentence for people,
   * that POST /clips would have answered.
   */
  code: z.string().nullable(),
  detail: z.string().nullable(),
});
/** A row for each clip of the request, in its order. */
export const ClipBatchAnswer = z.object({ clips: z.array(ClipBatchRow) }).meta({ id: 'ClipBatch' });

export const ClipCountsAnswer = z
  .object({
    pending: Count,
    approved: Count,
    rejected: Count,
    held: Count,
    retired: Count,
    overdue: Count,
    appealed: Count,
  })
  .meta({ id: 'ClipCounts' });

const ReviewedClip = z.object({
  clipId: ClipId,
  campaignId: EntityId,
  done: z.boolean(),
  /** Of a refusal: the fixed word, and the sentence for people. */
  code: z.string().nullable(),
  detail: z.string().nullable(),
});
/** A row for each review of the request, in its order. */
export const ClipReviewsAnswer = z
  .object({ reviews: z.array(ReviewedClip) })
  .meta({ id: 'ClipReviews' });

export type ClipBatchRow = z.infer<typeof ClipBatchRow>;
export type ClipBatchAnswer = z.infer<typeof ClipBatchAnswer>;
export type ClipCountsAnswer = z.infer<typeof ClipCountsAnswer>;
export type ClipReviewsAnswer = z.infer<typeof ClipReviewsAnswer>;
export type ClipAnswer = z.infer<typeof ClipAnswer>;
