import { Currency, formatMoney, MOST_MINOR, type EventData } from '@cliptally/contracts';
import type { Decided } from './fact.js';
import { isRecorded } from './known-payment.js';
import { malformed, requireAmount, rule } from './rule-broken.js';

/** A brand's money for campaigns in one currency, in minor units. */
export interface Funding {
  currency: string;
  /** Paid in, less what was refunded of it. */
  funded: number;
  refunded: number;
  /** Budgets of all its campaigns, top-ups included. */
  committed: number;
  /** What campaigns that are closed have left over. */
  returned: number;
}

export const NO_FUNDING: Omit<Funding, 'currency'> = {
  funded: 0,
  refunded: 0,
  committed: 0,
  returned: 0,
};

/** Below 0 if campaigns were launched without being paid in, or what was paid in went back. */
export const leftOf = ({
  funded,
  committed,
  returned,
}: Omit<Funding, 'currency' | 'refunded'>): number => funded - committed + returned;

export type Payment = Omit<EventData<'BudgetFunded'>, 'by'>;

/**
 * `known` is the brand's payment of this reference: no event if it is this very payment, a conflict
 * if it is another.
 */
export function decideFunding(
  known: Payment | null,
  funding: Omit<Funding, 'currency'>,
  payment: EventData<'BudgetFunded'>,
): Decided<'BudgetFunded'>[] {
  const { amount, currency, reference } = payment;
  requireAmount(amount, 'amount');
  if (!Currency.safeParse(currency).success)
    throw malformed('currency', `"${currency}" is not a currency we pay in.`);
  if (isRecorded(known, payment, reference)) return [];
  if (funding.funded + funding.refunded + amount > MOST_MINOR)
    throw rule(
      'budget_too_large',
      'amount',
      `The brand would have paid in more than ${formatMoney(MOST_MINOR, currency)}, the most that can be counted.`,
    );
  return [{ type: 'BudgetFunded', data: payment }];
}

/** Throws if the brand has not paid in what a launch or a top-up commits. */
export function decideCommitment(
  { funded, refunded, committed, returned }: Omit<Funding, 'currency'>,
  asked: { brandId: string; campaignId: string; currency: string; amount: number },
): Decided<'BudgetCommitted'>[] {
  const { brandId, currency, amount } = asked;
  const left = leftOf({ funded, committed, returned });
  const money = (minor: number) => formatMoney(minor, currency);
  const back = refunded > 0 ? ` (${money(refunded)} more went back to it)` : '';
  if (amount > left)
    throw rule(
      'not_funded',
      'budget',
      `"${brandId}" has ${money(left)} left of the ${money(funded)} that it has paid in${back}, and ${money(amount)} would be committed: pay in ${money(amount - left)} first, or ask for less.`,
    );
  return [{ type: 'BudgetCommitted', data: { ...asked, basis: { funded, committed, returned } } }];
}
