import type { Platform } from '@cliptally/contracts';
import type { ClientBase, Pool } from 'pg';

export const CLIP_STATES = ['pending', 'approved', 'rejected', 'held', 'retired'] as const;
export type ClipState = (typeof CLIP_STATES)[number];

/** Which entries of clips: all, but for what is named. */
export interface ClipFilter {
  campaignId?: string | undefined;
  /** In whose campaigns. */
  brandId?: string | undefined;
  creatorId?: string | undefined;
  platform?: Platform | undefined;
  status?: ClipState | undefined;
  /** Submitted at least so long ago. */
  minAgeHours?: number | undefined;
  /** Held by the anomaly rules with at least this score. */
  minScore?: number | undefined;
  /** Whether its date of review has passed. */
  overdue?: boolean | undefined;
  appealed?: boolean | undefined;
}

/** A hold and a retirement are facts beside the status: they come first. */
const STATE = `case when e.held then 'held' when e.retired then 'retired' else lower(e.status) end`;

const WHERE = `
  ($1::text is null or e.campaign_id = $1) and ($2::text is null or e.creator_id = $2)
  and ($3::text is null or e.platform = $3) and ($4::text is null or ${STATE} = $4)
  and ($5::float8 is null or e.submitted_at <= $9::timestamptz - make_interval(secs => $5 * 3600))
  and ($6::float8 is null or (e.state -> 'hold' -> 'anomaly' ->> 'score')::float8 >= $6)
  and ($7::boolean is null or coalesce(e.review_at <= $9, false) = $7)
  and ($8::boolean is null or (e.appealed_at is not null) = $8)
  and ($10::text is null or e.campaign_id in (select campaign_id from campaigns where brand_id = $10))`;

const valuesOf = (filter: ClipFilter, now: Date): unknown[] =>
  [
    filter.campaignId,
    filter.creatorId,
    filter.platform,
    filter.status,
    filter.minAgeHours,
    filter.minScore,
    filter.overdue,
    filter.appealed,
    now,
    filter.brandId,
  ].map((value) => value ?? null);

/** `score`: of the hold, the highest first, and those without one at the end. */
export const CLIP_ORDERS = ['id', 'oldest', 'newest', 'score'] as const;
export type ClipOrder = (typeof CLIP_ORDERS)[number];

/**
 * Clips that have an entry as asked for: by id, by the date of their submission or by score.
 * `after` is the last one of the page before.
 */
export async function clipIdsOf(
  db: Pool | ClientBase,
  filter: ClipFilter,
  { sort, after, limit }: { sort: ClipOrder; after: [string, string] | null; limit: number },
  now: Date,
): Promise<{ clip_id: string; at: Date; score: number }[]> {
  const order = {
    id: ['clip_id > $12', 'clip_id'],
    oldest: ['(at, clip_id) > ($11::text::timestamptz, $12)', 'at, clip_id'],
    newest: ['(at, clip_id) < ($11::text::timestamptz, $12)', 'at desc, clip_id desc'],
    score: ['(score, clip_id) < ($11::text::float8, $12)', 'score desc, clip_id desc'],
  }[sort];
  const { rows } = await db.query<{ clip_id: string; at: Date; score: number }>(
    `select clip_id, at, score from (
       select e.clip_id, min(e.submitted_at) as at,
              coalesce(max((e.state -> 'hold' -> 'anomaly' ->> 'score')::float8), -1) as score
       from entries e where ${WHERE} group by e.clip_id
     ) found where ($11::text is null or ${order[0]}) order by ${order[1]} limit $13`,
    [...valuesOf(filter, now), after?.[0] ?? null, after?.[1] ?? null, limit],
  );
  return rows;
}

/** How many entries there are in each state, and how many are overdue. */
export async function clipCountsOf(
  db: Pool | ClientBase,
  filter: ClipFilter,
  now: Date,
): Promise<Record<ClipState | 'overdue' | 'appealed', number>> {
  const { rows } = await db.query<{
    state: ClipState;
    n: number;
    overdue: number;
    appealed: number;
  }>(
    `select ${STATE} as state, count(*)::int as n, count(*) filter (where e.review_at <= $9)::int as overdue,
            count(e.appealed_at)::int as appealed
     from entries e where ${WHERE} group by 1`,
    valuesOf(filter, now),
  );
  const sum = (of: 'overdue' | 'appealed') => rows.reduce((all, row) => all + row[of], 0);
  const none = { pending: 0, approved: 0, rejected: 0, held: 0, retired: 0 };
  const counts = Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  return { ...none, ...counts, overdue: sum('overdue'), appealed: sum('appealed') };
}

/** Entries whose date has come and that may be decided on without a person, oldest first. */
export async function reviewsDueOf(
  db: Pool | ClientBase,
  now: Date,
): Promise<{ clip_id: string; campaign_id: string; revision: number }[]> {
  const { rows } = await db.query<{ clip_id: string; campaign_id: string; revision: number }>(
    `select e.clip_id, e.campaign_id, c.revision from entries e join clips c using (clip_id)
     where e.review_at <= $1 and (not e.held or e.state -> 'hold' ? 'anomaly')
     order by e.review_at, e.clip_id, e.campaign_id limit 10000`,
    [now],
  );
  return rows;
}

export async function nextReviewOf(db: Pool | ClientBase, now: Date): Promise<Date | null> {
  const sql = 'select min(review_at) as at from entries where review_at > $1';
  return (await db.query<{ at: Date | null }>(sql, [now])).rows[0]!.at;
}
