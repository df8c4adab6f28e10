import type { Payout } from '../domain/payout.js';
import type { Reader } from './found-rows.js';

/** Newest first; `before` is the position of the last one of the page before. */
export interface PayoutFilter {
  creatorId?: string | undefined;
  status?: string | undefined;
  before: number | null;
  limit: number;
}

export function payoutsOf(
  queries: Reader,
  { creatorId, status, before, limit }: PayoutFilter,
): Promise<{ position: number; state: Payout }[]> {
  return queries.rows(
    `select position::float8, state from payouts
     where ($1::text is null or creator_id = $1) and ($2::text is null or state ->> 'status' = $2) and ($3::bigint is null or position < $3)
     order by position desc limit $4`,
    creatorId ?? null, status ?? null, before, limit,
  ); // prettier-ignore
}

/** A creator's payout that was paid with this reference. */
export async function payoutPaidBy(
  queries: Reader,
  creatorId: string,
  externalReference: string,
): Promise<Payout | null> {
  // References are sealed in the table.
  const rows = await queries.rows<{ state: Payout }>(
    `select state from payouts where creator_id = $1 and status = 'PAID' order by position`,
    creatorId,
  );
  return rows.find(({ state }) => state.externalReference === externalReference)?.state ?? null;
}
