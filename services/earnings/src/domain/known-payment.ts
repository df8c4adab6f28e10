import { formatMoney } from '@cliptally/contracts';
import { conflict } from './rule-broken.js';

interface Money {
  amount: number;
  currency: string;
}

/**
 * Whether the payment with this reference is recorded already (`known`, by its id if it has one).
 * Throws if what is recorded is another payment.
 */
export function isRecorded(
  known: (Money & { payoutId?: string }) | null,
  { amount, currency }: Money,
  reference: string,
): boolean {
  if (!known) return false;
  if (known.amount === amount && known.currency === currency) return true;
  const where =
    known.payoutId === undefined ? 'already' : `that is recorded as "${known.payoutId}"`;
  throw conflict(
    'reference_taken',
    `"${reference}" is the payment of ${formatMoney(known.amount, known.currency)} ${where}: give the reference of the other payment.`,
  );
}
