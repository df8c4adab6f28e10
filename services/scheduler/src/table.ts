import type { Platform } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import { readFileSync } from 'node:fs';
import type { Pool, PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import type { CampaignMoney, DueClip } from './domain/index.js';
import { cycleOf, inDollars, type SchedulerSettings } from './settings.js';

const DUE_CLIPS = readFileSync(new URL('../src/due-clips.sql', import.meta.url), 'utf8');
/** A look without an outcome for this long is taken for lost: its clip may be asked for again. */
const LOST_AFTER_MS = 6 * 3_600_000;

interface DueRow {
  clip_id: string;
  platform: Platform;
  url: string;
  campaign_ids: string[];
  submitted_at: number;
  posted_at: number | null;
  last_look_at: number | null;
  last_views: number | null;
  previous_look_at: number | null;
  previous_views: number | null;
  last_tried_at: number | null;
  failures: number;
  campaign_launched_at: number;
  window_ends_at: number | null;
  payout_waits: boolean;
}

interface CampaignRow {
  campaign_id: string;
  currency: string;
  rates: { default: number } & Partial<Record<Platform, number>>;
  budget: number;
  spent: number;
}

/** Everything that a run decides on, as of one instant, but for the clips, which are read while they are weighed. */
export interface Table {
  clips: AsyncIterable<DueClip>;
  campaigns: Map<string, CampaignMoney>;
  firstLookVelocity: (platform: Platform) => number;
  price: (platform: Platform) => number;
  looksToday: number;
  /** Billed, and the expected price of looks that are outstanding. */
  spentMicroUsd: number;
  /** Mean of what clips asked for in earlier runs; 0 before the first. */
  usualDemand: number;
}

/** Views an hour to expect of a first look before any was seen. */
const UNKNOWN_VELOCITY = 50;
/** Looks after which the measured cost is believed more than the configured price. */
const MEASURED_FROM = 50;

/** Rows that are in memory at once: a million clips are weighed without being held. */
const ROWS_AT_ONCE = 10_000;
/** Runs whose demand is the usual one. */
const DEMAND_RUNS = 500;

/** Gives `work` the table as of one instant; the clips can be read once, within it. */
export function withTable<T>(
  pool: Pool,
  now: Date,
  nextRunAt: Date,
  settings: SchedulerSettings,
  work: (table: Table) => Promise<T>,
): Promise<T> {
  return inTransaction(pool, 'scheduler', async (db) => {
    await db.query('set transaction isolation level repeatable read');
    const campaignRows = await all<CampaignRow>(db, 'select campaign_id, currency, rates, budget::float8, spent::float8 from campaigns');
    const byId = new Map(campaignRows.map((row) => [row.campaign_id, row]));
    const first = new Map(
      (await all<{ platform: Platform; velocity: number }>(db, 'select platform, velocity from first_looks')).map((r) => [
        r.platform,
        r.velocity,
      ]),
    );
    const costs = await all<{ platform: Platform; looks: number; cost_micro_usd: number }>(
      db,
      'select platform, looks, cost_micro_usd from look_costs',
    );
    const measured = new Map(costs.filter((r) => r.looks >= MEASURED_FROM).map((r) => [r.platform, Math.ceil(r.cost_micro_usd / r.looks)]));
    const { from } = cycleOf(now, settings.cycleDay);
    const [spent] = await all<{ cost: number }>(
      db,
      `select coalesce(sum(cost_micro_usd), 0)::float8 as cost from usage where day >= ($1::timestamptz at time zone 'UTC')::date`,
      new Date(from),
    );
    const open = await all<{ platform: Platform; looks: number }>(
      db,
      'select platform, count(*)::float8 as looks from open_looks join clips using (clip_id) where requested_at > $1 group by platform',
      new Date(now.getTime() - LOST_AFTER_MS),
    );
    const price = (platform: Platform) => measured.get(platform) ?? settings.price[platform];
    const unbilled = open.reduce((sum, { platform, looks }) => sum + looks * price(platform), 0);
    const [today] = await all<{ looks: number }>(
      db,
      `select coalesce(sum(requested), 0)::float8 as looks from runs where started_at > $1::timestamptz - interval '24 hours'`,
      now,
    );
    const [usual] = await all<{ demand: number | null }>(
      db,
      'select avg(demand) as demand from (select demand from runs where demand is not null order by started_at desc limit $1) earlier',
      DEMAND_RUNS,
    );
    return work({
      clips: dueClips(db, now, (row) => dueClip(row, byId, settings, nextRunAt)),
      campaigns: new Map(campaignRows.map((row) => [row.campaign_id, moneyOf(row, settings)])),
      firstLookVelocity: (platform) => first.get(platform) ?? UNKNOWN_VELOCITY,
      price,
      looksToday: today!.looks,
      spentMicroUsd: spent!.cost + unbilled,
      usualDemand: usual?.demand ?? 0,
    });
  });
}

async function* dueClips(db: PoolClient, now: Date, made: (row: DueRow) => DueClip): AsyncGenerator<DueClip> {
  const cursor = db.query(new Cursor<DueRow>(DUE_CLIPS, [now, new Date(now.getTime() - LOST_AFTER_MS)]));
  try {
    for (let rows = await cursor.read(ROWS_AT_ONCE); rows.length > 0; rows = await cursor.read(ROWS_AT_ONCE))
      for (const row of rows) yield made(row);
  } finally {
    await cursor.close();
  }
}

const all = async <T extends object>(db: PoolClient, sql: string, ...values: unknown[]): Promise<T[]> =>
  (await db.query<T>(sql, values)).rows;

function moneyOf({ currency, budget, spent }: CampaignRow, { weights }: SchedulerSettings): CampaignMoney {
  return { budget: inDollars(budget, currency, weights), spent: inDollars(spent, currency, weights) };
}

function dueClip(row: DueRow, campaigns: ReadonlyMap<string, CampaignRow>, { weights }: SchedulerSettings, nextRunAt: Date): DueClip {
  const dollars = row.campaign_ids.reduce((sum, id) => {
    const { rates, currency, budget, spent } = campaigns.get(id)!;
    // A budget that is used up pays for no view, however many there are.
    return spent >= budget ? sum : sum + inDollars(rates[row.platform] ?? rates.default, currency, weights);
  }, 0);
  return {
    clipId: row.clip_id,
    platform: row.platform,
    url: row.url,
    campaignIds: row.campaign_ids,
    dollarsPerThousand: dollars,
    submittedAt: row.submitted_at,
    postedAt: row.posted_at,
    lastLookAt: row.last_look_at,
    lastViews: row.last_views,
    previousLookAt: row.previous_look_at,
    previousViews: row.previous_views,
    lastTriedAt: row.last_tried_at,
    failures: row.failures,
    campaignLaunchedAt: row.campaign_launched_at,
    windowEndsAt: row.window_ends_at ?? Infinity,
    payoutAt: row.payout_waits ? nextRunAt.getTime() : null,
  };
}
