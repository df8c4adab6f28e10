import type { Platform } from '@cliptally/contracts';
import type { ClientBase, Pool } from 'pg';
import { MIN_SAMPLE, type ClipBackground, type ClipObservation } from '../domain/anomaly-rules.js';
import { learned, type Bands } from '../domain/usual-engagement.js';
import { newestOf } from '../projection/observation-rows.js';

/** What the anomaly rules judge a clip by. */
export interface Evidence {
  observations: ClipObservation[];
  background: ClipBackground;
}

type Submission = { id: string; at: number };

interface Row {
  clip_id: string;
  creator_id: string;
  platform: Platform;
  /** Rows of `observations`, from the oldest on. */
  observations: string;
  followers: number | null;
}

/**
 * The newest observations, by the key of their table. Clips below the minimum sample are left out:
 * there is nothing to judge. Of one that was never approved no views count, however many it has.
 */
const EVIDENCE = `
  select e.clip_id, e.creator_id, c.platform, c.followers::float8 as followers, o.observations
  from (
    select distinct clip_id, creator_id from entries
    where clip_id = any($1) and (state ->> 'approvedAt' is null
      or (state -> 'views' -> 'highWater' ->> 'views')::numeric >= ${MIN_SAMPLE.views})
  ) e
  join clips c using (clip_id)
  cross join lateral (
    select string_agg(observations, ',' order by first) as observations from observations
    where clip_id = e.clip_id
  ) o
  where o.observations is not null`;

/** Submissions that a burst is shown by at most: it has 21, and an import has thousands. */
const SHOWN = 100;

/**
 * The newest of each creator's last hour in which there were 21 submissions, by
 * `entries_by_creator`. Asked once a creator: the clips of a burst have it in common.
 */
const BURSTS = `
  select creator_id, s.submissions from (
    select creator_id, max(submitted_at) as until from (
      select creator_id, submitted_at, lag(submitted_at, 20) over (partition by creator_id order by submitted_at, submission) as earlier
      from entries where creator_id = any($1)
    ) submitted where submitted_at - earlier <= interval '1 hour' group by 1
  ) bursts
  cross join lateral (
    select jsonb_agg(jsonb_build_object('id', submission, 'at', extract(epoch from submitted_at) * 1000)) as submissions from (
      select submission, submitted_at from entries e
      where e.creator_id = bursts.creator_id and e.submitted_at between until - interval '1 hour' and until
      order by e.submitted_at desc, e.clip_id limit ${SHOWN}
    ) newest
  ) s`;

/**
 * By clip, of those that are large enough to be judged: a function, so that one clip whose rows
 * cannot be read fails alone. `db` has the earnings tables on its search path.
 */
export async function evidenceOf(
  clipIds: readonly string[],
  db: Pool | ClientBase,
): Promise<Map<string, () => Evidence>> {
  if (clipIds.length === 0) return new Map();
  const { rows } = await db.query<Row>(EVIDENCE, [clipIds]);
  if (rows.length === 0) return new Map();
  const creators = [...new Set(rows.map(({ creator_id: creator }) => creator))];
  const found = await db.query<{ creator_id: string; submissions: Submission[] }>(BURSTS, [
    creators,
  ]);
  const bursts = new Map(
    found.rows.map(({ creator_id: creator, submissions }) => [creator, submissions.map(shown)]),
  );
  const medians = await mediansOf(db);
  return new Map(
    rows.map((row) => [
      row.clip_id,
      () => evidence(row, bursts.get(row.creator_id) ?? [], medians.get(row.platform) ?? null),
    ]),
  );
}

/** The newest observations of a clip, newest first. */
export async function observationsOf(
  clipId: string,
  db: Pool | ClientBase,
): Promise<ClipObservation[]> {
  const { rows } = await db.query<{ observations: string | null }>(
    `select string_agg(observations, ',' order by first) as observations from observations where clip_id = $1`,
    [clipId],
  );
  const joined = rows[0]?.observations;
  return joined ? newestOf(joined) : [];
}

/** What is usual on each platform, as the log has learned it. */
async function mediansOf(db: Pool | ClientBase): Promise<Map<Platform, number | null>> {
  const { rows } = await db.query<{ platform: Platform; band: number; clips: number }>(
    'select platform, band, clips::float8 from engagement',
  );
  const bandsOf = (own: typeof rows): Bands => new Map(own.map(({ band, clips }) => [band, clips]));
  const platforms = Map.groupBy(rows, ({ platform }) => platform);
  return new Map([...platforms].map(([platform, own]) => [platform, learned(bandsOf(own))]));
}

const shown = ({ id, at }: Submission) => ({ id, at: new Date(at).toISOString() });

function evidence(
  { observations, followers }: Row,
  submissions: ReturnType<typeof shown>[],
  medianLikes: number | null,
): Evidence {
  return {
    observations: newestOf(observations),
    background: {
      followers: followers ?? undefined,
      submissions,
      medianLikes,
    },
  };
}
