import type { Platform, PostChecks } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import type { Pool, PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import {
  expectedFirstScrape,
  HOUR_MS,
  learnedFloor,
  type DueClip,
  type TrackingRun,
} from '../domain/index.js';
import type { FirstScrapesRow, StandingClipsRow } from '../projection/rows.js';
import { inDollars, type SchedulerSettings } from '../settings.js';
import { DUE_CLIPS } from './due-clips.sql.js';
import { all, scrapeBudgetAt, type PricedBudget } from './scrape-budget.js';
import { setTerms, type CampaignTerms, type EntryTerms } from './terms.js';

/** A scrape request without an outcome for so long counts as lost: the scheduler may ask again. */
const LOST_AFTER_MS = 6 * HOUR_MS;
/** Rows in memory at once, so that a million clips need little of it. */
const ROWS_AT_ONCE = 10_000;

/** What a tracking run decides on, as of one instant. */
export interface DueClips
  extends
    PricedBudget,
    Pick<TrackingRun, 'campaigns' | 'firstScrapeVelocity' | 'floor' | 'ageCap'> {
  /** Read from the database while they are weighed; once only. */
  clips: AsyncIterable<DueClip>;
  /** By campaign: what it wants to know of posts; those that want nothing are left out. */
  checks: ReadonlyMap<string, PostChecks>;
  /** Scrapes requested in the last 24 hours. */
  scrapesToday: number;
}

/** Calls `work` in a transaction that reads the due clips as of one instant. */
export function withDueClips<T>(
  pool: Pool,
  now: Date,
  nextRunAt: Date,
  settings: SchedulerSettings,
  work: (due: DueClips) => Promise<T>,
): Promise<T> {
  return inTransaction(pool, 'scheduler', async (db) => {
    await db.query('set transaction isolation level repeatable read');
    const { weights } = settings;
    const campaigns = await all<CampaignTerms>(
      db,
      `select campaign_id, currency, rates, budget::float8, spent::float8, min_views::float8,
              most_per_clip::float8, most_per_creator::float8 from campaigns`,
    );
    const byId = new Map(campaigns.map((row) => [row.campaign_id, row]));
    const checks = await all<{ campaign_id: string; checks: PostChecks }>(
      db,
      'select campaign_id, checks from campaigns where checks is not null',
    );
    const first = await all<FirstScrapesRow>(
      db,
      'select platform, scrapes::float8, velocity from first_scrapes',
    );
    const standing = await all<StandingClipsRow>(db, 'select * from standing_clips');
    const open = await all<{ platform: Platform; scrapes: number }>(
      db,
      'select platform, count(*)::float8 as scrapes from open_requests join clips using (clip_id) where requested_at > $1 group by platform',
      lostBefore(now),
    );
    const [today] = await all<{ scrapes: number }>(
      db,
      `select coalesce(sum(requested), 0)::float8 as scrapes from tracking_runs where started_at > $1::timestamptz - interval '24 hours'`,
      now,
    );
    const [last] = await all<{ started_at: Date; age_cap_hours: number }>(
      db,
      'select started_at, age_cap_hours from tracking_runs where age_cap_hours is not null order by started_at desc limit 1',
    );
    return work({
      clips: dueClips(db, now, nextRunAt, (clip, entries) =>
        setTerms(clip, entries, (id) => byId.get(id)!, weights),
      ),
      campaigns: new Map(
        campaigns.map(({ campaign_id, currency, budget, spent }) => [
          campaign_id,
          {
            budget: inDollars(budget, currency, weights),
            spent: inDollars(spent, currency, weights),
          },
        ]),
      ),
      checks: new Map(checks.map((row) => [row.campaign_id, row.checks])),
      firstScrapeVelocity: expectedFirstScrape(new Map(first.map((row) => [row.platform, row]))),
      floor: learnedFloor(new Map(standing.map((row) => [row.platform, row]))),
      scrapesToday: today!.scrapes,
      ageCap: last && { ms: last.age_cap_hours * HOUR_MS, at: last.started_at.getTime() },
      ...(await scrapeBudgetAt(
        db,
        now,
        settings,
        new Map(open.map(({ platform, scrapes }) => [platform, scrapes])),
      )),
    });
  });
}

const lostBefore = (now: Date): Date => new Date(now.getTime() - LOST_AFTER_MS);

async function* dueClips(
  db: PoolClient,
  now: Date,
  nextRunAt: Date,
  setTermsOf: (clip: DueClip, entries: EntryTerms[] | null) => void,
): AsyncGenerator<DueClip> {
  const cursor = db.query(
    new Cursor<DueClip & { entries: EntryTerms[] | null }>(DUE_CLIPS, [
      now,
      lostBefore(now),
      nextRunAt.getTime(),
    ]),
  );
  try {
    for (
      let clips = await cursor.read(ROWS_AT_ONCE);
      clips.length > 0;
      clips = await cursor.read(ROWS_AT_ONCE)
    )
      for (const clip of clips) {
        setTermsOf(clip, clip.entries);
        yield clip;
      }
  } finally {
    await cursor.close();
  }
}
