import { formatMoney } from '@cliptally/contracts';
import { availableAt, type Balance } from './balance.js';
import type { Decided } from './fact.js';
import { isRecorded } from './known-payment.js';
import { decidePayoutPaid, requireNew, type Payout, type PayoutRequest } from './payout.js';
import { rule } from './rule-broken.js';

interface OutsidePayment extends PayoutRequest {
  externalReference: string;
  by: string;
}

/**
 * A payment that a person has made outside, recorded in one step: it takes from what is available,
 * whatever the minimums are. `known` is the creator's payout with this reference: no event if it is
 * this very payment, a conflict if it is another.
 */
export function decideOutsidePayment(
  payout: Payout | null,
  known: Payout | null,
  balance: Balance,
  { externalReference, by, ...request }: OutsidePayment,
  now: Date,
): Decided<'PayoutRequested' | 'PayoutApproved' | 'PayoutPaid'>[] {
  const { payoutId, creatorId, currency, amount } = request;
  if (isRecorded(known, request, externalReference)) return [];
  requireNew(payout, request);
  const available = availableAt(balance, now);
  if (amount > available) {
    throw rule(
      'over_balance',
      'amount',
      `${formatMoney(amount, currency)} is more than the ${formatMoney(available, currency)} that is available now: record the payment when its earnings have been validated.`,
    );
  }
  const named = { payoutId, creatorId };
  const asked = { ...named, currency, amount, status: 'APPROVED' } as const;
  return [
    { type: 'PayoutRequested', data: { ...named, currency, amount, outside: true } },
    { type: 'PayoutApproved', data: { ...named, by } },
    ...decidePayoutPaid(
      {
        ...asked,
        destination: null,
        requestedAt: now.toISOString(),
        approvedAt: null,
        externalReference: null,
        reason: null,
      },
      { ...balance, reserved: balance.reserved + amount },
      { externalReference, by },
      now,
    ),
  ];
}
