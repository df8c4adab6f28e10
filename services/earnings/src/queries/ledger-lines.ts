import { NOT_OF_CAMPAIGN, NOT_OF_CREATOR } from '../domain/statement.js';
import type { LedgerRow } from '../projection/table-rows.js';
import type { LedgerScope, Reader } from './found-rows.js';

export interface LedgerPage {
  currency?: string | undefined;
  after: [number, number] | null;
  limit: number;
}

/**
 * Lines of a statement in the order of the log, without fees that others bear, and the sums by
 * currency of those before the first one.
 */
export async function ledgerOf(
  queries: Reader,
  scope: LedgerScope,
  { currency, after, limit }: LedgerPage,
): Promise<{ rows: LedgerRow<Date>[]; opening: Record<string, number> }> {
  const named = Object.entries(scope);
  const left = 'campaign_id' in scope ? NOT_OF_CAMPAIGN : NOT_OF_CREATOR;
  const where = (from: number) =>
    `${named.map(([column], i) => `${column} = $${from + i}`).join(' and ')} and kind <> '${left}'`;
  const values = named.map(([, value]) => value);
  const rows = await queries.rows<LedgerRow<Date>>(
    `select position::float8, line, event_id, time, kind, campaign_id, clip_id, creator_id, currency, amount::float8, available_at, detail
     from ledger where ${where(5)} and ($1::text is null or currency = $1) and ($2::bigint is null or (position, line) > ($2, $3))
     order by position, line limit $4`,
    currency ?? null, after?.[0] ?? null, after?.[1] ?? null, limit, ...values,
  ); // prettier-ignore
  const before = after === null ? [] : await queries.rows<{ currency: string; sum: number }>(
    `select currency, sum(amount)::float8 as sum from ledger where ${where(3)} and (position, line) <= ($1, $2) group by currency`,
    after[0], after[1], ...values,
  ); // prettier-ignore
  return { rows, opening: Object.fromEntries(before.map((row) => [row.currency, row.sum])) };
}
