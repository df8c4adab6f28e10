import type { Waiting } from '../domain/close-out.js';
import type { Queries } from './queries.js';

/** What of a campaign still waits. */
export async function waitingIn(queries: Queries, campaignId: string): Promise<Waiting> {
  const [row] = await queries.rows<Waiting>(
    `select count(*) filter (where status = 'PENDING' and not held)::int as pending,
            count(*) filter (where held)::int as held,
            count(appealed_at)::int as appeals,
            count(*) filter (where due <> 0)::int as unsettled,
            (select count(*)::int from outstanding_scrapes where campaign_id = $1) as scrapes
     from entries where campaign_id = $1`,
    campaignId,
  );
  return row!;
}

/** Counted views of the campaign's approved clips, each by its largest count within its window. */
export async function viewsIn(queries: Queries, campaignId: string): Promise<number> {
  const [row] = await queries.rows<{ views: number }>(
    `select coalesce(sum((state -> 'views' -> 'highWater' ->> 'views')::numeric), 0)::float8 as views
     from entries where campaign_id = $1 and status = 'APPROVED'`,
    campaignId,
  );
  return row!.views;
}
