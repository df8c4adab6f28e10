import { z } from 'zod';
import { Platform } from '../platform.js';
import { Label } from '../text.js';
import { Count, Instant } from './common.js';

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
  /** The billing cycle as the run knew it, and what it might cost itself. */
  budget: z
    .object({
      cycleStartsAt: Instant,
      cycleEndsAt: Instant,
      limitMicroUsd: Count,
      /** Billed, and the estimate for what no bill covers yet. */
      spentMicroUsd: Count,
      shareMicroUsd: Count,
    })
    .optional(),
  /**
   * How many of `due` were not requested, by what kept them out: nothing to gain from a scrape, the
   * run's or the day's limit of scrapes, that of the platform, or money.
   */
  leftOut: z
    .object({ no_gain: Count, scrape_limit: Count, platform_limit: Count, money: Count })
    .optional(),
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
