import type { Balance } from '../balance.js';
import type { Fact } from '../fact.js';
import { record } from '../ledger.js';
import type { PayoutFact } from '../payout.js';
import { addLine, NOT_OF_CAMPAIGN, NOT_OF_CREATOR, withSums, type StatementLine } from '../statement.js'; // prettier-ignore
import { submitted } from './facts.js';
import { MemoryLedger } from '../memory-ledger.js';

export type MoneyFact = Fact<'EarningsAccrued' | 'EarningsReversed'> | PayoutFact;
export type StatementScope = { clipId: string } | { creatorId: string } | { campaignId: string };

/**
 * A statement from the money alone: clips that the facts do not submit are submitted before their
 * first line.
 */
export function statementOf(
  scope: StatementScope,
  facts: Iterable<MoneyFact | Fact<'CampaignLaunched'>>,
): (StatementLine & { sum: number })[] {
  const ledger = new MemoryLedger();
  for (const fact of facts) {
    if ('lines' in fact.data && ledger.campaign(fact.data.campaignId)) {
      const { campaignId, lines } = fact.data;
      for (const { clipId, creatorId } of lines)
        if (!ledger.entry(clipId, campaignId))
          record(ledger, submitted(clipId, { creatorId, campaignId }));
    }
    record(ledger, fact);
  }
  return withSums(
    ledger.lines.filter(
      (line) =>
        line.kind !== ('campaignId' in scope ? NOT_OF_CAMPAIGN : NOT_OF_CREATOR) &&
        Object.entries(scope).every(
          ([field, value]) => (line as unknown as Record<string, unknown>)[field] === value,
        ),
    ),
  );
}

/** The balance after one more line. */
export const post = (balance: Balance, line: StatementLine): Balance => ({
  ...addLine(balance, line),
  validating:
    (line.kind === 'accrued' || line.kind === 'fee_withheld') && line.availableAt !== null
      ? [
          ...balance.validating,
          { until: line.availableAt, amount: line.amount, campaignId: line.campaignId },
        ]
      : balance.validating,
});
