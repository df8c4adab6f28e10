import { Controller, Get, Inject } from '@nestjs/common';
import type { Clock } from '@cliptally/contracts';
import { ScrapeBudgetAnswer } from '@cliptally/contracts/api';
import { z } from 'zod';
import { leftOutOf, scrapeMoneyAt, type ScrapeDay } from '../domain/scrape-money.js';
import { scrapeMoney, type FoundAccount, type FoundRun } from '../queries/scrape-money.js';
import { Tables } from '../queries/tables.js';
import { Ask, Operation, type Asked } from './operation.js';
import type { Nothing } from './schemas.js';
import { CLOCK } from './tokens.js';

const RunsQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe('How many tracking runs are named.'),
});
type RunsQuery = z.output<typeof RunsQuery>;

/** What scraping costs, as the log tells it. Figures of the scheduler are those of its runs. */
@Controller('scrape-budget')
export class ScrapeBudgetController {
  constructor(
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({
    summary: 'What scraping has cost, what remains of its budget, and what the last runs planned',
    roles: ['admin'],
    status: 200,
    query: RunsQuery,
    answer: ScrapeBudgetAnswer,
  })
  async showBudget(@Ask() { query }: Asked<Nothing, RunsQuery>): Promise<ScrapeBudgetAnswer> {
    const now = this.clock.now();
    const { cycle, days, accounts, runs, paidViews } = await this.tables.snapshot((snapshot) =>
      scrapeMoney(snapshot, now, query.limit),
    );
    const usages = accounts.map(({ data }) => data);
    const money = scrapeMoneyAt(now, cycle, days, usages);
    const { today } = money;
    return {
      at: now.toISOString(),
      currency: 'USD',
      cycle: {
        startsAt: instant(cycle.from),
        endsAt: instant(cycle.to),
        ...split(cycle.limitMicroUsd, money.spent),
      },
      today: {
        startsAt: instant(today.from),
        spent: cents(today.spent),
        allowance: today.allowance === null ? null : cents(today.allowance),
      },
      pace: {
        perDay: cents(money.perDay),
        atCycleEnd: cents(money.atCycleEnd),
        expectedEnd: money.expectedEnd === null ? null : instant(money.expectedEnd),
      },
      paidViews,
      perThousandViewsMicroUsd:
        paidViews === 0 ? null : Math.round((money.spent * 1_000) / paidViews),
      accounts: accounts.map(accountView),
      sources: sourcesIn(days, cycle.from, today.from),
      runs: runs.map(runView),
    };
  }
}

const instant = (at: number): string => new Date(at).toISOString();
/** Millionths of a US dollar in its minor units. */
const cents = (microUsd: number): number => Math.round(microUsd / 10_000);

/** In minor units, so that both parts add up to the budget. */
function split(limitMicroUsd: number | null, spentMicroUsd: number) {
  const spent = cents(spentMicroUsd);
  if (limitMicroUsd === null) return { budget: null, spent, remaining: null };
  const budget = cents(limitMicroUsd);
  return { budget, spent, remaining: Math.max(0, budget - spent) };
}

function accountView({ measured_at, data }: FoundAccount): ScrapeBudgetAnswer['accounts'][number] {
  const { account, state, cycleStartsAt, cycleEndsAt, usedMicroUsd, limitMicroUsd } = data;
  const { budget, spent, remaining } = split(limitMicroUsd, usedMicroUsd);
  const measuredAt = measured_at.toISOString();
  const amounts = { used: spent, limit: budget!, remaining: remaining! };
  return { account, state, ...amounts, cycleStartsAt, cycleEndsAt, measuredAt };
}

/** Largest cost first. */
function sourcesIn(
  days: readonly ScrapeDay[],
  cycleFrom: number,
  today: number,
): ScrapeBudgetAnswer['sources'] {
  const spending = (own: readonly ScrapeDay[], from: number) => {
    const of = own.filter(({ day }) => Date.parse(day) + 86_400_000 > from);
    const sum = (field: 'scrapes' | 'recorded' | 'microUsd') =>
      of.reduce((all, day) => all + day[field], 0);
    return { scrapes: sum('scrapes'), recorded: sum('recorded'), microUsd: sum('microUsd') };
  };
  return [...Map.groupBy(days, ({ platform, source }) => `${platform} ${source}`).values()]
    .map((own) => {
      const { microUsd, ...cycle } = spending(own, cycleFrom);
      const { microUsd: costToday, ...day } = spending(own, today);
      const { platform, source } = own[0]!;
      return {
        microUsd,
        shown: {
          source,
          platform,
          today: { ...day, spent: cents(costToday) },
          cycle: { ...cycle, spent: cents(microUsd) },
          perScrapeMicroUsd: cycle.recorded === 0 ? null : Math.round(microUsd / cycle.recorded),
        },
      };
    })
    .toSorted((a, b) => b.microUsd - a.microUsd)
    .map(({ shown }) => shown);
}

function runView({ started_at, data }: FoundRun): ScrapeBudgetAnswer['runs'][number] {
  const { runId, slot, policy, candidates, due, requested, budget, heldBackBy } = data;
  return {
    runId,
    slot,
    startedAt: started_at.toISOString(),
    policy,
    candidates,
    due: due ?? null,
    requested,
    estimatedMicroUsd: data.estimatedCostMicroUsd,
    shareMicroUsd: budget?.shareMicroUsd ?? null,
    heldBackBy: heldBackBy ?? null,
    leftOut: leftOutOf(data),
  };
}
