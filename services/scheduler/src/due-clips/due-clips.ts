import type { Platform, PostChecks } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import type { Pool, PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import { HOUR_MS, learnedFrom, type DueClip, type TrackingRun } from '../domain/index.js';
import type { FirstScrapesRow, StandingClipsRow } from '../projection/rows.js';
import { inDollars, type SchedulerSettings } from '../settings.js';
import { all, scrapeBudgetAt, type PricedBudget } from './scrape-budget.js';
import { setTerms, type CampaignTerms, type EntryTerms } from './terms.js';

/** A scrape request without an outcome for so long counts as lost: the scheduler may ask again. */
const LOST_AFTER_MS = 6 * HOUR_MS;
/** Rows in memory at once, so that a million clips need little of it. */
const ROWS_AT_ONCE = 10_000;

/** What a tracking run decides on, as of one instant. */
export interface DueClips
  extends PricedBudget, Pick<TrackingRun, 'campaigns' | 'learned' | 'ageCap'> {
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
    const campaigns = await all<CampaignTerms & { checks: PostChecks | null }>(
      db,
      `select campaign_id, currency, rates, budget::float8, spent::float8, fee_on_top, min_views::float8,
              most_per_clip::float8, most_per_creator::float8, checks from campaigns`,
    );
    const byId = new Map(campaigns.map((row) => [row.campaign_id, row]));
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
    const unbilled = new Map(open.map(({ platform, scrapes }) => [platform, scrapes]));
    return work({
      clips: dueClips(db, now, nextRunAt, (clip, entries) =>
        setTerms(clip, entries, (id) => byId.get(id)!, weights),
      ),
      campaigns: new Map(
        campaigns.map(({ campaign_id, currency, budget, spent, fee_on_top }) => {
          // Earnings that it pays for: a fee on top takes its part of the budget.
          const earnings = (amount: number) =>
            inDollars(amount / (1 + fee_on_top / 10_000), currency, weights);
          return [campaign_id, { budget: earnings(budget), spent: earnings(spent) }];
        }),
      ),
      checks: new Map(
        campaigns.flatMap(({ campaign_id, checks }) => (checks ? [[campaign_id, checks]] : [])),
      ),
      learned: learnedFrom(
        new Map(first.map((row) => [row.platform, row])),
        new Map(standing.map((row) => [row.platform, row])),
      ),
      scrapesToday: today!.scrapes,
      ageCap: last && { ms: last.age_cap_hours * HOUR_MS, at: last.started_at.getTime() },
      ...(await scrapeBudgetAt(db, now, settings, unbilled)),
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

/** Columns are named as the fields of DueClip, and of EntryTerms inside `entries`. */
const DUE_CLIPS = `
-- Clips that may be scraped at $1: approved or to be reviewed in a campaign that is active and has
-- begun, inside their tracking window, not gone or due for a check, and without an open scrape
-- request (one from before $2 counts as lost). Needs the indexes entries_open and open_requests_by_clip.
with paid_to_creators as materialized (
  select campaign_id, creator_id, sum(paid) as paid from entries join campaigns using (campaign_id)
  where most_per_creator is not null group by campaign_id, creator_id
)
select c.clip_id as "clipId", c.platform, c.url,
       array_agg(e.campaign_id order by e.campaign_id) as "campaignIds",
       -- The reader fills it in: it knows the weights of currencies.
       0::float8 as "dollarsPerThousand",
       -- Only if more than the rate decides on what the clip can still earn: a million take long.
       case when bool_or(e.held or e.status = 'PENDING' or p.min_views > coalesce(c.last_views, 0)
                         or p.most_per_clip is not null or p.most_per_creator is not null
                         or (c.last_observed_at < e.approved_at and not p.counts_from_approval))
            then jsonb_agg(jsonb_build_object(
              'campaignId', e.campaign_id, 'held', e.held, 'pending', e.status = 'PENDING', 'paid', e.paid,
              'paidToCreator', coalesce(t.paid, 0),
              'counted', case when c.last_observed_at >= e.approved_at and not p.counts_from_approval
                               and c.last_views >= p.min_views then c.last_views else 0 end,
              'uncounted', case when c.last_observed_at < e.approved_at and not p.counts_from_approval then c.last_views else 0 end))
            end as entries,
       (extract(epoch from c.submitted_at) * 1000)::float8 as "submittedAt",
       (extract(epoch from c.posted_at) * 1000)::float8 as "postedAt",
       (extract(epoch from c.last_observed_at) * 1000)::float8 as "lastObservedAt", c.last_views::float8 as "lastViews",
       (extract(epoch from c.previous_observed_at) * 1000)::float8 as "previousObservedAt", c.previous_views::float8 as "previousViews",
       (extract(epoch from c.last_outcome_at) * 1000)::float8 as "lastOutcomeAt", c.failures,
       (extract(epoch from max(p.launched_at)) * 1000)::float8 as "campaignLaunchedAt",
       coalesce((extract(epoch from min(least(e.approved_at + make_interval(days => p.tracking_days), p.ends_at))) * 1000)::float8,
                'Infinity') as "windowEndsAt",
       -- A creator asked for a payout that nobody has decided on, and no outcome came since.
       case when bool_or(e.status = 'APPROVED' and exists (select from open_payouts o where o.creator_id = e.creator_id
                                 and (c.last_outcome_at is null or c.last_outcome_at < o.requested_at)))
            then $3::float8 end as "payoutAt"
from entries e
join campaigns p using (campaign_id)
join clips c using (clip_id)
left join paid_to_creators t on t.campaign_id = e.campaign_id and t.creator_id = e.creator_id
where e.status <> 'REJECTED' and p.status = 'ACTIVE' and p.starts_at <= $1
  and (p.ends_at is null or p.ends_at > $1)
  and (e.status = 'PENDING' or e.approved_at + make_interval(days => p.tracking_days) > $1)
  and (c.check_at is null or c.check_at <= $1)
  and not exists (select from open_requests o where o.clip_id = c.clip_id and o.requested_at > $2)
group by c.clip_id
`;
