import { payoutStep } from '@cliptally/contracts';
import { evolvePayout, type Payout, type PayoutFact } from './payout.js';
import type { PayoutLine } from './statement-line.js';
import { ofEvent } from './statement.js';

/** `before` is the payout as it was before the event; null for a request. */
export function payoutLine(fact: PayoutFact, before: Payout | null): PayoutLine {
  const { payoutId, creatorId, currency, amount, status } = evolvePayout(before, fact);
  const step = payoutStep(before?.status ?? null, status, amount);
  const note =
    'reason' in fact.data
      ? fact.data.reason
      : 'externalReference' in fact.data
        ? fact.data.externalReference
        : null;
  // `0 -` keeps an untouched balance from reading -0.
  return {
    kind: 'payout',
    ...ofEvent(fact),
    creatorId,
    currency,
    amount: 0 - step.reserved - step.paid,
    payoutId,
    status,
    ...step,
    note,
  };
}
