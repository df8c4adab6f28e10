/** Columns are named as the fields of DueClip, and of EntryTerms inside `entries`. */
export const DUE_CLIPS = `
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
