import { z } from 'zod';
import { Platform } from '../platform.js';
import { Label, Text } from '../text.js';
import { ClipId, Count, EntityId, Instant, Url } from './common.js';

/** What campaigns want to know of a post beside its figures. */
export const PostChecks = z.object({
  /** Whose account it is. */
  account: z.literal(true).optional(),
  /** A recent observation is no answer. */
  fresh: z.literal(true).optional(),
  /** Which of these the caption has. */
  text: z.array(Text.max(100)).min(1).optional(),
});
export type PostChecks = z.infer<typeof PostChecks>;

export const ClipTrackingRequested = z.object({
  requestId: z.uuid(),
  runId: Label,
  clipId: ClipId,
  platform: Platform,
  url: Url,
  score: z.number(),
  campaignIds: z.array(EntityId),
  checks: PostChecks.optional(),
});
export type ClipTrackingRequested = z.infer<typeof ClipTrackingRequested>;

const ofBatch = { batchId: Label, platform: Platform, source: Label };

/** Written before the source is called: the intent to spend. */
export const ScrapeBatchStarted = z.object({
  ...ofBatch,
  requestIds: z.array(z.uuid()).min(1),
  maxCostMicroUsd: Count,
});

/**
 * `costMicroUsd` is what the source billed, also for a run that failed; `estimated` if it never
 * said so, and the price list is used.
 */
export const ScrapeBatchCompleted = z.object({
  ...ofBatch,
  sourceRunId: Label.nullable(),
  status: z.enum(['succeeded', 'failed', 'timed_out', 'aborted', 'not_started']),
  looks: Count,
  recorded: Count,
  costMicroUsd: Count,
  estimated: z.boolean().optional(),
  durationMs: Count,
});

export const ofOutcome = {
  clipId: ClipId,
  platform: Platform,
  requestId: z.uuid(),
  runId: Label,
  source: Label,
  costMicroUsd: Count,
};

/** What a source says of a clip. Absent figures are unknown, never zero. */
export const figures = {
  views: Count,
  likes: Count.optional(),
  comments: Count.optional(),
  shares: Count.optional(),
  /** The field the count was read from; a clip keeps it until ViewFieldChanged. */
  metric: Label,
  /**
   * The unit that the platform rounds a count of this size to, if it does; absent for an exact
   * count.
   */
  roundedTo: z.int().min(2).optional(),
  observedAt: Instant,
  /** When the clip was posted, if the source says so. */
  postedAt: Instant.optional(),
  /** The account that posted the clip and how many follow it, if the source says so. */
  author: Text.min(1).max(200).optional(),
  followers: Count.optional(),
};

/** An observation. */
export const ViewsRecorded = z.object({ ...ofOutcome, ...figures, cached: z.boolean() });
