import type { Platform } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import { readFileSync } from 'node:fs';
import type { Pool, PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import { expectedFirstLook, HOUR_MS, type AgeCap, type CampaignMoney, type DueClip, type FirstLooks } from './domain/index.js';
import { moneyOf, type Money } from './money.js';
import { inDollars, type SchedulerSettings } from './settings.js';

const DUE_CLIPS = readFileSync(new URL('../src/due-clips.sql', import.meta.url), 'utf8');
/** A look without an outcome for this long is taken for lost: its clip may be asked for again. */
const LOST_AFTER_MS = 6 * HOUR_MS;

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
export interface Table extends Money {
  clips: AsyncIterable<DueClip>;
  campaigns: Map<string, CampaignMoney>;
  firstLookVelocity: (platform: Platform) => number;
  looksToday: number;
  ageCap: AgeCap | undefined;
}

/** Rows that are in memory at once: a million clips are weighed without being held. */
const ROWS_AT_ONCE = 10_000;

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
    const first = await all<FirstLooks & { platform: Platform }>(db, 'select platform, looks::float8, velocity from first_looks');
    const open = await all<{ platform: Platform; looks: number }>(
      db,
      'select platform, count(*)::float8 as looks from open_looks join clips using (clip_id) where requested_at > $1 group by platform',
      new Date(now.getTime() - LOST_AFTER_MS),
    );
    const [today] = await all<{ looks: number }>(
      db,
      `select coalesce(sum(requested), 0)::float8 as looks from runs where started_at > $1::timestamptz - interval '24 hours'`,
      now,
    );
    const [last] = await all<{ started_at: Date; age_cap_hours: number }>(
      db,
      'select started_at, age_cap_hours from runs where age_cap_hours is not null order by started_at desc limit 1',
    );
    const money = await moneyOf(db, now, settings, new Map(open.map(({ platform, looks }) => [platform, looks])));
    return work({
      clips: dueClips(db, now, (row) => dueClip(row, byId, settings, nextRunAt)),
      campaigns: new Map(campaignRows.map((row) => [row.campaign_id, budgetOf(row, settings)])),
      firstLookVelocity: expectedFirstLook(new Map(first.map((row) => [row.platform, row]))),
      looksToday: today!.looks,
      ageCap: last && { ms: last.age_cap_hours * HOUR_MS, at: last.started_at.getTime() },
      ...money,
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

function budgetOf({ currency, budget, spent }: CampaignRow, { weights }: SchedulerSettings): CampaignMoney {
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
