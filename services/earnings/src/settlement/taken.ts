import type { ClientBase } from 'pg';
import type { Campaign } from '../domain/campaign.js';

/** What of an entry counts towards the limit for its creator: `takenBy` of the rules, in SQL. */
export const TAKEN = `(e.state -> 'tally' ->> 'accrued')::numeric - (e.state -> 'tally' ->> 'reversed')::numeric
  + case when e.status = 'REJECTED' then 0 else (e.state -> 'tally' ->> 'voided')::numeric end`;

/** By creator with something due, if the campaign has a limit for a creator. */
export async function takenIn(
  { campaign_id: campaignId, campaign }: { campaign_id: string; campaign: Campaign },
  db: ClientBase,
): Promise<Map<string, number>> {
  if ((campaign.terms.maxPayoutPerCreator ?? null) === null) return new Map();
  const { rows } = await db.query<{ creator_id: string; taken: number }>(
    `select creator_id, sum(${TAKEN})::float8 as taken from entries e
     where campaign_id = $1 and creator_id in (select creator_id from entries where campaign_id = $1 and due <> 0)
     group by creator_id`,
    [campaignId],
  );
  return new Map(rows.map(({ creator_id: creator, taken }) => [creator, taken]));
}
