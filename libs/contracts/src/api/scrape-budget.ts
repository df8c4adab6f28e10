import { z } from 'zod';
import { Count, Instant } from '../events/common.js';
import { SourceUsageMeasured, TrackingRunStarted } from '../events/tracking.js';
import { Minor } from '../money.js';
import { Platform } from '../platform.js';

const MicroUsd = Count.describe('Millionths of a US dollar: a scrape costs less than a cent.');
const Spending = z.object({ scrapes: Count, recorded: Count, spent: Minor });

/** Of a source on a platform. */
const ScrapeSource = z.object({
  source: z.string(),
  platform: Platform,
  today: Spending,
  cycle: Spending,
  perScrapeMicroUsd: Count.nullable().describe('By scrapes that brought a figure; null for none.'),
});

const ScrapeAccount = z.object({
  account: z.string().describe('Of the source, as it names itself.'),
  state: SourceUsageMeasured.shape.state,
  used: Minor,
  limit: Minor,
  remaining: Minor,
  cycleStartsAt: Instant,
  cycleEndsAt: Instant,
  measuredAt: Instant,
});

const LEFT_OUT = ['no_gain', 'scrape_limit', 'platform_limit', 'money'] as const;
const PlannedRun = z.object({
  runId: z.string(),
  slot: Instant,
  startedAt: Instant,
  policy: z.string(),
  candidates: Count.describe('Clips that were weighed.'),
  due: Count.nullable().describe('Those that could have been scraped without any limit.'),
  requested: Count,
  estimatedMicroUsd: MicroUsd,
  shareMicroUsd: MicroUsd.nullable().describe('What scrapes that can wait might cost.'),
  heldBackBy: TrackingRunStarted.shape.heldBackBy.unwrap().nullable(),
  leftOut: z
    .array(z.object({ reason: z.enum(LEFT_OUT), scrapes: Count, sentence: z.string() }))
    .nullable()
    .describe('What kept the others out; null for a run that did not say it.'),
});

export const ScrapeBudgetAnswer = z
  .object({
    at: Instant,
    currency: z.literal('USD').describe('Of amounts in minor units.'),
    cycle: z.object({
      startsAt: Instant,
      endsAt: Instant,
      budget: Minor.nullable().describe('Null until a tracking run has said it.'),
      spent: Minor,
      remaining: Minor.nullable(),
    }),
    today: z.object({
      startsAt: Instant,
      spent: Minor,
      allowance: Minor.nullable().describe('An even share of what remained when the day began.'),
    }),
    pace: z.object({
      perDay: Minor.describe('Of the last seven days, or since the first bill.'),
      atCycleEnd: Minor.describe('What is spent by then at that pace.'),
      expectedEnd: Instant.nullable().describe(
        'When the budget is used up at that pace; null if it lasts until the cycle ends.',
      ),
    }),
    paidViews: Count.describe('Views that were settled in the cycle.'),
    perThousandViewsMicroUsd: Count.nullable().describe('Of scraping, by views that were settled.'),
    accounts: z.array(ScrapeAccount),
    sources: z.array(ScrapeSource),
    runs: z.array(PlannedRun).describe('Tracking runs, newest first.'),
  })
  .meta({ id: 'ScrapeBudget' });
export type ScrapeBudgetAnswer = z.infer<typeof ScrapeBudgetAnswer>;
