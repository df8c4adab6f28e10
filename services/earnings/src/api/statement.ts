import type { Queries, LedgerScope } from '../queries.js';
import { isPositionAndLine, pageOf, placeIn } from './paging.js';
import { lineView } from './views.js';

/** A page of the ledger in the order of the log; `sum` of its last line is what the scope has outstanding up to there. */
export async function statementPage(queries: Queries, scope: LedgerScope, query: Record<string, unknown>): Promise<object> {
  const { limit, cursor, currency } = query as { limit: number; cursor?: string; currency?: string };
  const rows = await queries.ledger(scope, { currency, after: placeIn(cursor, isPositionAndLine), limit: limit + 1 });
  const { rows: shown, next } = pageOf(rows, limit, (row) => [row.position, row.line]);
  const terms = await queries.termsOf([...new Set(shown.flatMap((row) => row.campaign_id ?? []))]);
  return { lines: shown.map((row) => lineView(row, terms)), next };
}
