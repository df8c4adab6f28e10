import type { Payout } from '../domain/payout.js';
import type { Reader } from './found-rows.js';

export async function erasedAmong(
  reader: Reader,
  creatorIds: readonly string[],
): Promise<Set<string>> {
  if (creatorIds.length === 0) return new Set();
  const sql = 'select creator_id from erased_creators where creator_id = any($1)';
  const rows = await reader.rows<{ creator_id: string }>(sql, creatorIds);
  return new Set(rows.map((row) => row.creator_id));
}

/** When the creator was erased; null if it was not. */
export async function erasedAt(reader: Reader, creatorId: string): Promise<string | null> {
  const sql = 'select erased_at from erased_creators where creator_id = $1';
  const [row] = await reader.rows<{ erased_at: Date }>(sql, creatorId);
  return row?.erased_at.toISOString() ?? null;
}

export async function openPayoutsOf(
  reader: Reader,
  creatorId: string,
): Promise<Pick<Payout, 'payoutId' | 'status'>[]> {
  return reader.rows(
    `select payout_id as "payoutId", status from payouts where creator_id = $1 and status in ('REQUESTED', 'APPROVED') order by position`,
    creatorId,
  );
}

/** What clips of the creator are due and no settlement has given them yet, by currency. */
export const unsettledOf = (
  reader: Reader,
  creatorId: string,
): Promise<{ currency: string; amount: number }[]> =>
  reader.rows(
    `select c.state -> 'terms' ->> 'currency' as currency, sum(e.due)::float8 as amount
     from entries e join campaigns c using (campaign_id) where e.creator_id = $1 and e.due <> 0 group by 1 order by 1`,
    creatorId,
  );

/** Clips and short links of the creator: their texts have keys of their own. */
export async function thingsOf(
  reader: Reader,
  creatorId: string,
): Promise<{ clips: string[]; links: string[] }> {
  const clips = await reader.rows<{ id: string }>(
    'select distinct clip_id as id from entries where creator_id = $1 order by 1',
    creatorId,
  );
  const links = await reader.rows<{ id: string }>(
    'select link_id as id from short_links where creator_id = $1 order by 1',
    creatorId,
  );
  return { clips: clips.map(({ id }) => id), links: links.map(({ id }) => id) };
}

/** Positions of the settlements and reversals that have lines of the creator, after one. */
export async function moneyPositionsOf(
  reader: Reader,
  creatorId: string,
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await reader.rows<{ position: number }>(
    `select distinct position::float8 from ledger where creator_id = $1 and campaign_id is not null and position > $2 order by 1 limit $3`,
    creatorId,
    after,
    limit,
  );
  return rows.map(({ position }) => position);
}
