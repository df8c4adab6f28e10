import { billingCycleAt, Platform } from '@cliptally/contracts';
import type { PoolClient } from 'pg';
import type { AccountState, ScrapeBudget } from '../domain/index.js';
import type { AccountRow, CostRow } from '../projection/rows.js';
import type { SchedulerSettings } from '../settings.js';

/** Scrapes from which a platform's measured cost counts instead of the configured prices. */
const MEASURED_FROM = 50;
/**
 * Hours whose mean demand is the usual one. Whole days, or the day would measure the night; few, or
 * the demand of one launch would keep money back for weeks.
 */
const DEMAND_HOURS = 48;

/** The scrape budget, and what a scrape costs in millionths of a US dollar. */
export interface PricedBudget {
  price: (platform: Platform) => number;
  budget: ScrapeBudget;
}

/** Rows of a query. */
export const all = async <T extends object>(
  db: PoolClient,
  sql: string,
  ...values: unknown[]
): Promise<T[]> => (await db.query<T>(sql, values)).rows;

/** `open` has the scrape requests by platform that no bill covers yet. */
export async function scrapeBudgetAt(
  db: PoolClient,
  now: Date,
  settings: SchedulerSettings,
  open: ReadonlyMap<Platform, number>,
): Promise<PricedBudget> {
  const [account] = await all<{ row: AccountRow }>(
    db,
    'select to_jsonb(a) as row from accounts a order by cycle_ends_at desc limit 1',
  );
  const reported = account && {
    ...account.row,
    from: Date.parse(account.row.cycle_starts_at),
    to: Date.parse(account.row.cycle_ends_at),
  };
  const current =
    reported && now.getTime() < reported.to && now.getTime() >= reported.from
      ? reported
      : undefined;
  const { from, to } =
    current ?? billingCycleAt(now, reported ? dayAfter(reported.to) : settings.cycleDay);
  const [billed] = await all<{ cost: number }>(
    db,
    `select coalesce(sum(cost_micro_usd), 0)::float8 as cost from usage where day >= ($1::timestamptz at time zone 'UTC')::date`,
    new Date(from),
  );
  const [runs] = await all<{ demand: number | null; paid: Date | null }>(
    db,
    `select (select avg(demand) from tracking_runs where started_at > $1::timestamptz - make_interval(hours => $2)) as demand,
            (select max(started_at) from tracking_runs where estimated_cost_micro_usd > 0) as paid`,
    now,
    DEMAND_HOURS,
  );
  const state = current?.state ?? 'open';
  const price = await pricesOf(db, settings, state);
  const unbilled = [...open].reduce(
    (sum, [platform, scrapes]) => sum + scrapes * price(platform),
    0,
  );
  return {
    price,
    budget: {
      budgetMicroUsd: Math.min(
        settings.monthlyBudgetUsd * 1e6,
        current?.limit_micro_usd ?? Infinity,
      ),
      // The account's figure comes late or has foreign costs: the larger one counts.
      spentMicroUsd:
        Math.max(billed!.cost, current ? current.used_micro_usd + current.since_micro_usd : 0) +
        unbilled,
      cycle: { from, to },
      account: state,
      usualDemand: runs!.demand ?? 0,
      lastPaidAt: runs!.paid?.getTime() ?? 0,
    },
  };
}

/** Mean price at recent sources, as configured, then as measured; 0 if only a free one is left. */
async function pricesOf(
  db: PoolClient,
  { price }: SchedulerSettings,
  account: AccountState,
): Promise<(platform: Platform) => number> {
  const rows = await all<CostRow>(db, 'select * from scrape_costs');
  const priceOf = (platform: Platform): number => {
    const own = rows.filter((row) => row.platform === platform);
    if (
      account === 'hard_stop' &&
      own.some(({ scrapes, cost_micro_usd }) => scrapes >= 1 && cost_micro_usd === 0)
    )
      return 0;
    const scrapes = own.reduce((sum, row) => sum + row.scrapes, 0);
    if (scrapes === 0) return price[platform];
    const costs = own.map((row) =>
      scrapes >= MEASURED_FROM
        ? row.cost_micro_usd
        : row.scrapes * (price[row.source] ?? price[platform]),
    );
    return Math.ceil(costs.reduce((sum, cost) => sum + cost, 0) / scrapes);
  };
  const prices = new Map(Platform.options.map((platform) => [platform, priceOf(platform)]));
  return (platform) => prices.get(platform)!;
}

/** First day of the next cycle; accounts end a cycle at midnight or a millisecond before. */
const dayAfter = (end: number): number => Math.min(28, new Date(end + 1).getUTCDate());
