import { formatMoney, type EventData } from '@cliptally/contracts';
import type { Decided } from './fact.js';
import type { Payment } from './funding.js';
import { conflict, malformed, requireAmount, rule } from './rule-broken.js';

/** Money that has gone back of a payment, by the id of a refund or a dispute. */
export type Refund = EventData<'BudgetRefunded'>;
export type KnownRefund = Omit<Refund, 'by'> & { undone: boolean };

/**
 * `known` is the brand's refund of this id: no event if it is this very one, also if it is undone
 * already, since what tells of it may come late and twice.
 */
export function decideRefund(
  payment: Payment | null,
  known: KnownRefund | null,
  refund: Refund,
): Decided<'BudgetRefunded'>[] {
  const { brandId, reference, refundId, amount, currency } = refund;
  requireAmount(amount, 'amount');
  if (known) {
    if (known.reference === reference && known.amount === amount && known.currency === currency)
      return [];
    throw conflict(
      'reference_taken',
      `"${refundId}" is a refund of ${formatMoney(known.amount, known.currency)} of the payment "${known.reference}" already: give the id of the other refund.`,
    );
  }
  if (!payment)
    throw rule(
      'payment_unknown',
      'reference',
      `"${brandId}" has no payment "${reference}": record the payment first, or give the reference of the one that was refunded.`,
    );
  if (payment.currency !== currency)
    throw malformed('currency', `currency must be ${payment.currency}, as of the payment.`);
  if (amount > payment.amount)
    throw rule(
      'refund_too_large',
      'amount',
      `The payment "${reference}" was ${formatMoney(payment.amount, currency)}: no more than that can be refunded of it.`,
    );
  return [{ type: 'BudgetRefunded', data: refund }];
}

/** The money is the brand's again, for good. */
export function decideRefundUndone(
  { undone, ...refund }: KnownRefund,
  by: string,
): Decided<'BudgetRefundUndone'>[] {
  return undone ? [] : [{ type: 'BudgetRefundUndone', data: { ...refund, by } }];
}

export const refundUnknown = (brandId: string, refundId: string) =>
  rule(
    'refund_unknown',
    'refundId',
    `"${brandId}" has no refund "${refundId}": give the id of one that is recorded.`,
  );
