import type { ClientBase, Pool } from 'pg';
import { MIN_SAMPLE, type ClipBackground, type Look } from './domain/anomaly.js';
import { newestOf } from './projection/looks.js';

/** What the anomaly rules judge a clip by. */
export interface Evidence {
  looks: Look[];
  background: ClipBackground;
}

interface Row {
  clip_id: string;
  /** Of `looks`, from the oldest. */
  looks: string;
  author: string | null;
  followers: number | null;
  submissions: { id: string; at: number }[] | null;
}

/**
 * The newest looks, by the key of `looks`; and the last 21 submissions that came within an hour, by `entries_by_creator`, which is as
 * many as a burst takes. Clips below the minimum sample are left out: there is nothing to judge.
 */
const EVIDENCE = `
  with judged as (
    select e.clip_id, e.creator_id from entries e
    where e.clip_id = any($1) and (e.state -> 'views' -> 'highWater' ->> 'views')::bigint >= ${MIN_SAMPLE.views}
    group by 1, 2
  ), submissions as (
    select creator_id, submitted_at, submission from entries where creator_id in (select creator_id from judged)
  ), bursts as (
    select s.creator_id, max(s.submitted_at) as until from (
      select creator_id, submitted_at, lag(submitted_at, 20) over (partition by creator_id order by submitted_at, submission) as earlier
      from submissions
    ) s where s.submitted_at - s.earlier <= interval '1 hour' group by 1
  )
  select j.clip_id, c.author, c.followers::float8 as followers, l.looks, b.submissions
  from judged j join clips c using (clip_id)
  cross join lateral (
    select string_agg(looks, ',' order by first) as looks from looks where clip_id = j.clip_id
  ) l
  left join lateral (
    select jsonb_agg(jsonb_build_object('id', submission, 'at', extract(epoch from submitted_at) * 1000)) as submissions
    from submissions s join bursts using (creator_id)
    where s.creator_id = j.creator_id and s.submitted_at between until - interval '1 hour' and until
  ) b on true
  where l.looks is not null`;

/** By clip, of those that are large enough to be judged. `db` has the earnings tables on its search path. */
export async function evidenceOf(clipIds: readonly string[], db: Pool | ClientBase): Promise<Map<string, Evidence>> {
  if (clipIds.length === 0) return new Map();
  const { rows } = await db.query<Row>(EVIDENCE, [clipIds]);
  return new Map(rows.map((row) => [row.clip_id, evidence(row)]));
}

const instant = (ms: number): string => new Date(ms).toISOString();

function evidence({ looks, author, followers, submissions }: Row): Evidence {
  return {
    looks: newestOf(looks),
    background: {
      author: author ?? undefined,
      followers: followers ?? undefined,
      submissions: (submissions ?? []).map(({ id, at }) => ({ id, at: instant(at) })),
    },
  };
}
