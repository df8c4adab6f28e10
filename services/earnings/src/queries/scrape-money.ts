import { billingCycleAt, type EventData } from '@cliptally/contracts';
import { cycleAt, type Cycle, type ScrapeDay } from '../domain/scrape-money.js';
import type { Reader } from './found-rows.js';

export interface FoundRun {
  started_at: Date;
  data: EventData<'TrackingRunStarted'>;
}
export interface FoundAccount {
  measured_at: Date;
  data: EventData<'SourceUsageMeasured'>;
}
export interface ScrapeMoney {
  cycle: Cycle;
  days: ScrapeDay[];
  accounts: FoundAccount[];
  /** Newest first. */
  runs: FoundRun[];
  paidViews: number;
}

const WEEK_MS = 7 * 86_400_000;

/** What scraping has cost since the cycle began, or in the last week, if that is longer. */
export async function scrapeMoney(reader: Reader, now: Date, runs: number): Promise<ScrapeMoney> {
  const planned = await reader.rows<FoundRun>(
    'select started_at, data from tracking_runs order by position desc limit $1',
    runs,
  );
  const accounts = await reader.rows<FoundAccount>(
    'select measured_at, data from scrape_accounts order by account',
  );
  const usages = accounts.map(({ data }) => data);
  const cycle = cycleAt(now, planned[0]?.data, usages, billingCycleAt(now, 1));
  const from = new Date(Math.min(cycle.from, now.getTime() - WEEK_MS));
  const days = await reader.rows<ScrapeDay>(
    `select to_char(day, 'YYYY-MM-DD') as day, platform, source, scrapes::float8, recorded::float8, cost_micro_usd::float8 as "microUsd"
     from scrape_days where day >= ($1::timestamptz at time zone 'UTC')::date order by day, platform, source`,
    from,
  );
  const [paid] = await reader.rows<{ views: number }>(
    `select coalesce(sum(views), 0)::float8 as views from paid_view_days
     where day >= ($1::timestamptz at time zone 'UTC')::date`,
    new Date(cycle.from),
  );
  return { cycle, days, accounts, runs: planned, paidViews: paid!.views };
}
