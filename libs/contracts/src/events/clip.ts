import { z } from 'zod';
import { Platform } from '../platform.js';
import { Label, Text } from '../text.js';
import { ClipId, Count, EntityId, Instant, Url } from './common.js';

const ofClip = { clipId: ClipId, platform: Platform };
const inCampaign = { ...ofClip, campaignId: EntityId };

export const ClipSubmitted = z.object({
  ...inCampaign,
  videoId: Label,
  /** Canonical address, the one that is looked at. */
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

/**
 * A clip that was moved from another campaign keeps the date of its approval, and what was seen
 * since: the largest count and the first one inside the window that it has here.
 */
export const ClipMove = z.object({
  from: EntityId,
  approvedAt: Instant,
  highWater: KeptObservation.nullable(),
  first: KeptObservation.nullable(),
});
export type ClipMove = z.infer<typeof ClipMove>;

/** `moved` is null where a reviewer has approved a new clip, and in version 1. */
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
/** `anomaly` is there where the rules have held the clip, absent where a person has. */
export const ClipHeld = z.object({
  ...inCampaign,
  reason: Text.min(1).max(500),
  reviewAt: Instant,
  anomaly: AnomalyFound.optional(),
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
 * The clip is gone for good, in every campaign: it is not looked at again; what it has earned
 * stays.
 */
export const ClipRetired = z.object({
  ...ofClip,
  reason: z.enum(['not_found', 'private']),
  requestId: z.uuid(),
});

const ofOutcome = {
  ...ofClip,
  requestId: z.uuid(),
  runId: Label,
  source: Label,
  costMicroUsd: Count,
};

/** An observation. Absent figures are unknown, never zero. */
export const ViewsRecorded = z.object({
  ...ofOutcome,
  views: Count,
  likes: Count.optional(),
  comments: Count.optional(),
  shares: Count.optional(),
  /** The field the count was read from; a clip keeps the one it began with. */
  metric: Label,
  /**
   * The unit that the platform rounds a count of this size to, where it does; absent for an exact
   * count.
   */
  roundedTo: z.int().min(2).optional(),
  observedAt: Instant,
  /** When the clip was posted, where the source says so. */
  postedAt: Instant.optional(),
  /** The account that posted the clip and how many follow it, where the source says so. */
  author: Text.min(1).max(200).optional(),
  followers: Count.optional(),
  cached: z.boolean(),
});

/** Why a scrape brought no observation. */
export const SCRAPE_FAILURES = [
  'not_found', 'private', 'restricted', 'blocked', 'no_view_field', 'unmatched', 'missing',
  'source_failed', 'source_timeout', 'rate_limited', 'quota_exhausted', 'rejected', 'dead_letter',
] as const; // prettier-ignore
export const ScrapeFailure = z.enum(SCRAPE_FAILURES);
export type ScrapeFailure = z.infer<typeof ScrapeFailure>;

export const ScrapeFailed = z.object({
  ...ofOutcome,
  reason: ScrapeFailure,
  detail: Text.max(500).optional(),
  retryable: z.boolean(),
  attempts: z.int().min(1),
});
