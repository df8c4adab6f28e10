import { withSums } from '../domain/statement.js';
import { lineIdOf, lineOfRow } from '../projection/table-rows.js';
import type { LedgerScope } from '../queries/found-rows.js';
import type { Tables } from '../queries/tables.js';
import { isPositionAndLine, pageOf, placeIn } from './paging.js';
import type { StatementQuery } from './schemas.js';
import { lineView } from './views.js';

/**
 * A page of the ledger in the order of the log; `sum` of its last line is what the scope has
 * outstanding up to there.
 */
export function statementPage(
  tables: Tables,
  scope: LedgerScope,
  { limit, cursor, currency }: StatementQuery,
): Promise<object> {
  const after = placeIn(cursor, isPositionAndLine, 'statement');
  return tables.snapshot(async (snapshot) => {
    const { rows, opening } = await snapshot.ledger(scope, { currency, after, limit: limit + 1 });
    const placeOf = ({ position, line }: (typeof rows)[number]) => [position, line];
    const { rows: shown, next } = pageOf(rows, limit, placeOf, 'statement');
    const campaignIds = new Set(shown.flatMap(({ campaign_id }) => campaign_id ?? []));
    const terms = await snapshot.termsOf([...campaignIds]);
    return {
      lines: withSums(shown.map(lineOfRow), opening).map((line, nth) => ({
        lineId: lineIdOf(shown[nth]!),
        ...lineView(line, terms),
      })),
      next,
    };
  });
}
