import { Platform } from '@cliptally/contracts';
import type { PoolClient } from 'pg';
import type { Account, Quota } from './domain/index.js';
import { cycleOf, type SchedulerSettings } from './settings.js';

/** Looks after which the measured cost of a platform's looks is believed more than the configured prices of its sources. */
const MEASURED_FROM = 50;
/**
 * Hours whose mean demand is the usual one: whole days, or night would be measured by day; few, or what a campaign's launch asked for would keep
 * the money back for weeks, to be spent in the cycle's last hours.
 */
const DEMAND_HOURS = 48;

interface AccountRow {
  cycle_starts_at: Date;
  cycle_ends_at: Date;
  used: number;
  limited: number;
  state: Account;
}

/** The prices of looks, and the money of the billing cycle as the configuration, the bills and the account that pays tell it. */
export interface Money {
  price: (platform: Platform) => number;
  quota: Quota;
}

/** `open` has the looks by platform whose bills are not known yet. */
export async function moneyOf(db: PoolClient, now: Date, settings: SchedulerSettings, open: ReadonlyMap<Platform, number>): Promise<Money> {
  const accounts = await all<AccountRow>(
    db,
    `select cycle_starts_at, cycle_ends_at, (used_micro_usd + since_micro_usd)::float8 as used, limit_micro_usd::float8 as limited, state
     from accounts order by cycle_ends_at desc limit 1`,
  );
  const known = accounts[0];
  const current = known && now < known.cycle_ends_at && now >= known.cycle_starts_at ? known : undefined;
  const cycle = current
    ? { from: current.cycle_starts_at.getTime(), to: current.cycle_ends_at.getTime() }
    : cycleOf(now, known ? dayAfter(known.cycle_ends_at) : settings.cycleDay);
  const [billed] = await all<{ cost: number }>(
    db,
    `select coalesce(sum(cost_micro_usd), 0)::float8 as cost from usage where day >= ($1::timestamptz at time zone 'UTC')::date`,
    new Date(cycle.from),
  );
  const [usual] = await all<{ demand: number | null }>(
    db,
    'select avg(demand) as demand from runs where started_at > $1::timestamptz - make_interval(hours => $2)',
    now,
    DEMAND_HOURS,
  );
  const [paid] = await all<{ at: Date | null }>(db, 'select max(started_at) as at from runs where estimated_cost_micro_usd > 0');
  const account = current?.state ?? 'open';
  const price = await pricesOf(db, settings, account);
  const unbilled = [...open].reduce((sum, [platform, looks]) => sum + looks * price(platform), 0);
  return {
    price,
    quota: {
      budgetMicroUsd: Math.min(settings.monthlyBudgetUsd * 1e6, current?.limited ?? Infinity),
      // An account's own figure comes late or has costs that are not ours: the larger one is believed.
      spentMicroUsd: Math.max(billed!.cost, current?.used ?? 0) + unbilled,
      cycle,
      account,
      usualDemand: usual?.demand ?? 0,
      lastPaidAt: paid?.at?.getTime() ?? 0,
    },
  };
}

/**
 * What a look costs at the sources that have answered of late, in their shares: as configured, then as measured. After a hard stop only sources
 * that cost nothing are left to a platform.
 */
async function pricesOf(db: PoolClient, { price }: SchedulerSettings, account: Account): Promise<(platform: Platform) => number> {
  const rows = await all<{ platform: Platform; source: string; looks: number; cost: number }>(
    db,
    'select platform, source, looks, cost_micro_usd as cost from look_costs',
  );
  const priceOf = (platform: Platform): number => {
    const own = rows.filter((row) => row.platform === platform);
    if (account === 'hard_stop' && own.some(({ looks, cost }) => looks >= 1 && cost === 0)) return 0;
    const looks = own.reduce((sum, row) => sum + row.looks, 0);
    if (looks === 0) return price[platform];
    const costs = own.map((row) => (looks >= MEASURED_FROM ? row.cost : row.looks * (price[row.source] ?? price[platform])));
    return Math.ceil(costs.reduce((sum, cost) => sum + cost, 0) / looks);
  };
  const prices = new Map(Platform.options.map((platform) => [platform, priceOf(platform)]));
  return (platform) => prices.get(platform)!;
}

/** The day on which the cycle after the one that ends then begins; accounts end a cycle on the last millisecond of a day, or at its end. */
const dayAfter = (end: Date): number => Math.min(28, new Date(end.getTime() + 1).getUTCDate());

const all = async <T extends object>(db: PoolClient, sql: string, ...values: unknown[]): Promise<T[]> =>
  (await db.query<T>(sql, values)).rows;
