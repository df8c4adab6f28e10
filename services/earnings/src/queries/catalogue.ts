import type { Spending } from '../domain/pace.js';
import type { FoundCampaign, Reader } from './found-rows.js';

const WEEK_MS = 7 * 86_400_000;

/** Campaigns that creators may read of and submit to, newest first. */
export const publicCampaigns = (
  reader: Reader,
  { after, limit }: { after: [string, string] | null; limit: number },
): Promise<FoundCampaign[]> =>
  reader.rows(
    `select campaign_id, launched_at, revision, state from campaigns
     where status = 'ACTIVE' and state -> 'terms' ->> 'publicCatalogue' = 'true'
       and ($1::timestamptz is null or (launched_at, campaign_id) < ($1, $2))
     order by launched_at desc, campaign_id desc limit $3`,
    after?.[0] ?? null,
    after?.[1] ?? null,
    limit,
  );

export interface CampaignFigures {
  clips: number;
  clipsPaid: number;
  creatorsPaid: number;
  medianReviewHours: number | null;
  medianPayoutHours: number | null;
  /** Of the last seven days. */
  spending: Spending[];
}

/** Of several campaigns in one question. */
export async function figuresOf(
  reader: Reader,
  campaignIds: readonly string[],
  now: Date,
): Promise<Map<string, CampaignFigures>> {
  const rows = await reader.rows<CampaignFigures & { campaign_id: string }>(
    `with entry as (
       select campaign_id, creator_id, status, (state -> 'tally' ->> 'accrued')::numeric > 0 as paid,
              extract(epoch from coalesce((state ->> 'approvedAt')::timestamptz, (state -> 'rejection' ->> 'at')::timestamptz) - submitted_at) / 3600 as review
       from entries where campaign_id = any($1)
     ), counted as (
       select campaign_id, count(*) filter (where status = 'APPROVED')::int as clips,
              count(*) filter (where paid)::int as clips_paid,
              count(distinct creator_id) filter (where paid)::int as creators_paid,
              percentile_cont(0.5) within group (order by greatest(review, 0)) filter (where review is not null) as review
       from entry group by campaign_id
     ), payout as (
       select creator_id, max(time) filter (where detail ->> 'status' = 'PAID') - min(time) filter (where detail ->> 'status' = 'REQUESTED') as took
       from ledger where kind = 'payout' and creator_id in (select creator_id from entry where paid)
       group by creator_id, detail ->> 'payoutId'
     ), payouts as (
       -- A payment that was made outside is recorded at once: nobody has waited for it.
       select e.campaign_id, percentile_cont(0.5) within group (order by extract(epoch from p.took) / 3600) as hours
       from (select distinct campaign_id, creator_id from entry where paid) e
       join payout p using (creator_id) where p.took > interval '0' group by e.campaign_id
     ), spent as (
       select campaign_id, jsonb_agg(jsonb_build_object('time', time, 'amount', amount) order by time) as spending from (
         select campaign_id, time, sum(amount) as amount from ledger
         where campaign_id = any($1) and time > $2 group by campaign_id, time
       ) days group by campaign_id
     )
     select id as campaign_id, coalesce(c.clips, 0) as clips, coalesce(c.clips_paid, 0) as "clipsPaid",
            coalesce(c.creators_paid, 0) as "creatorsPaid", c.review as "medianReviewHours",
            p.hours as "medianPayoutHours", coalesce(s.spending, '[]') as spending
     from unnest($1::text[]) id
     left join counted c on c.campaign_id = id left join payouts p on p.campaign_id = id left join spent s on s.campaign_id = id`,
    campaignIds,
    new Date(now.getTime() - WEEK_MS),
  );
  const instant = ({ time, amount }: Spending) => ({ time: new Date(time).toISOString(), amount });
  return new Map(
    rows.map(({ campaign_id, ...row }) => [
      campaign_id,
      { ...row, spending: row.spending.map(instant) },
    ]),
  );
}

export interface Rank {
  rank: number;
  creator_id: string;
  clips: number;
  views: number;
  earned: number;
  creators: number;
}

/** Creators with an approved clip, by earnings or by views; equal ones have one rank. */
export const leaderboard = (
  reader: Reader,
  campaignId: string,
  { by, from, limit }: { by: 'earned' | 'views'; from: number; limit: number },
): Promise<Rank[]> =>
  reader.rows(
    `select rank() over (order by ${by} desc)::int as rank, creator_id, clips, views::float8, earned::float8,
            count(*) over ()::int as creators
     from (
       select creator_id, count(*)::int as clips,
              sum(coalesce((state -> 'views' -> 'highWater' ->> 'views')::numeric, 0)) as views,
              sum((state -> 'tally' ->> 'accrued')::numeric - (state -> 'tally' ->> 'reversed')::numeric) as earned
       from entries where campaign_id = $1 and status = 'APPROVED' group by creator_id
     ) sums
     order by ${by} desc, creator_id offset $2 limit $3`,
    campaignId,
    from,
    limit,
  );

/** Whether a creator has a clip in the campaign, whatever became of it. */
export async function takesPart(
  reader: Reader,
  campaignId: string,
  creatorId: string,
): Promise<boolean> {
  const sql = 'select from entries where campaign_id = $1 and creator_id = $2 limit 1';
  return (await reader.rows(sql, campaignId, creatorId)).length > 0;
}
