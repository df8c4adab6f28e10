import { z } from 'zod';
import { Platform } from '../platform.js';
import { Label, Text } from '../text.js';
import { ClipId, Count, EntityId, Instant, Url } from './common.js';

/** Left by every run of the scheduler, also by one that found nothing to do. */
export const TrackingRunStarted = z.object({
  runId: Label,
  /** Start of the interval the run answers for. */
  slot: Instant,
  policy: Label,
  /** Active clips that were weighed, and how many of them were chosen. */
  candidates: Count,
  requested: Count,
  /** Candidates that could have been chosen if nothing had limited the run. */
  due: Count.optional(),
  /**
   * What the log had taught about each platform: views an hour of first scrapes, and what clips
   * that stand still gain, as a part of it. With it the plan can be made again.
   */
  learned: z
    .partialRecord(
      Platform,
      z.object({
        firstScrapeVelocity: z.number().nonnegative(),
        floor: z.number().nonnegative(),
      }),
    )
    .optional(),
  estimatedCostMicroUsd: Count,
  /**
   * What the clips together asked for; its mean over earlier runs tells a busy hour from a quiet
   * one.
   */
  demand: z.number().nonnegative().optional(),
  /**
   * The oldest that the last observation of a clip was allowed to get; the next run's cap falls
   * from here half as fast as time passes.
   */
  ageCapHours: z.number().positive().optional(),
  /**
   * What the account that pays last said, where it held the run back: less was asked for, or
   * nothing that costs money.
   */
  heldBackBy: z.enum(['soft_limit', 'hard_stop']).optional(),
});

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
 * `costMicroUsd` is what the source billed, also for a run that failed; `estimated` where it never
 * told, and the price list stands in.
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

/**
 * What an account with a source has used of its billing cycle, by the account's own figures.
 * Appended when the state changes, and with every twentieth of the limit. `soft_limit`: scrapes
 * should be asked for sparingly; `hard_stop`: nothing is scraped until the cycle ends.
 */
export const SourceUsageMeasured = z.object({
  account: Label,
  cycleStartsAt: Instant,
  cycleEndsAt: Instant,
  usedMicroUsd: Count,
  limitMicroUsd: Count,
  state: z.enum(['open', 'soft_limit', 'hard_stop']),
});
