-- Every clip that may be looked at at $1: approved in a campaign that is active and has begun, inside its counting window, not retired,
-- and not being looked at already (a look that has had no outcome since $2 is taken for lost).
-- Leans on entries_approved and open_looks_by_clip.
select c.clip_id, c.platform, c.url,
       (extract(epoch from c.submitted_at) * 1000)::float8 as submitted_at,
       (extract(epoch from c.posted_at) * 1000)::float8 as posted_at,
       (extract(epoch from c.last_look_at) * 1000)::float8 as last_look_at, c.last_views::float8,
       (extract(epoch from c.previous_look_at) * 1000)::float8 as previous_look_at, c.previous_views::float8,
       (extract(epoch from c.last_tried_at) * 1000)::float8 as last_tried_at, c.failures,
       array_agg(e.campaign_id order by e.campaign_id) as campaign_ids,
       (extract(epoch from max(p.launched_at)) * 1000)::float8 as campaign_launched_at,
       (extract(epoch from min(least(e.approved_at + make_interval(days => p.tracking_days), p.ends_at))) * 1000)::float8 as window_ends_at,
       -- A creator's payout waits for a decision, and the clip was not looked at since it was asked for.
       bool_or(exists (select from open_payouts o where o.creator_id = e.creator_id
                       and (c.last_tried_at is null or c.last_tried_at < o.requested_at))) as payout_waits
from entries e
join campaigns p using (campaign_id)
join clips c using (clip_id)
where e.status = 'APPROVED' and p.status = 'ACTIVE' and p.starts_at <= $1
  and (p.ends_at is null or p.ends_at > $1) and e.approved_at + make_interval(days => p.tracking_days) > $1
  and not c.retired
  and not exists (select from open_looks o where o.clip_id = c.clip_id and o.requested_at > $2)
group by c.clip_id
