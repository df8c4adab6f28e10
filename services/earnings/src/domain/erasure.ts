import { formatMoney, type ErasureReason } from '@cliptally/contracts';
import type { Decided } from './fact.js';
import type { Payout } from './payout.js';
import { conflict } from './rule-broken.js';

/** What is known of a creator who is to be erased, as of one instant. */
export interface Leaving {
  creatorId: string;
  erased: boolean;
  /** Payouts that have no end yet. */
  open: readonly Pick<Payout, 'payoutId' | 'status'>[];
  /** What the creator has not been given yet, by currency, settled or not. */
  outstanding: readonly { currency: string; amount: number }[];
  /** Personal texts of before sealing began: no key opens them, and none can be destroyed. */
  inClear: number;
}

export interface Erasure {
  reason: ErasureReason;
  /** Whether the creator gives up what it has. */
  forfeit: boolean;
  keepTaxProfile: boolean;
  by: string;
}

/** Nothing for who is erased already: a second erasure is the same answer. */
export function decideErasure(
  { creatorId, erased, open, outstanding, inClear }: Leaving,
  { reason, forfeit, keepTaxProfile, by }: Erasure,
): Decided<'CreatorErased'>[] {
  if (erased) return [];
  const [first] = open;
  if (first)
    throw conflict(
      'payout_under_way',
      `The payout "${first.payoutId}" of "${creatorId}" is ${first.status}: reject it, or wait for its end, before the creator is erased.`,
    );
  const due = outstanding.filter(({ amount }) => amount !== 0);
  if (due.length > 0 && !forfeit) {
    const sums = due.map(({ currency, amount }) => formatMoney(amount, currency)).join(', ');
    throw conflict(
      'money_due',
      `"${creatorId}" has ${sums}: pay it out first, or say with forfeit that the creator gives it up.`,
    );
  }
  if (inClear > 0)
    throw conflict(
      'texts_in_clear',
      `${inClear} texts of "${creatorId}" were logged before texts were sealed, and no key can be destroyed for them: copy the log with npm run events -- seal first.`,
    );
  const data = { creatorId, reason, forfeited: due, taxProfileKept: keepTaxProfile, by };
  return [{ type: 'CreatorErased', data }];
}

export const creatorErased = (creatorId: string) =>
  conflict(
    'creator_erased',
    `The creator "${creatorId}" was erased: nothing can be submitted, claimed or paid in its name. A person who comes back gets a new id.`,
  );
