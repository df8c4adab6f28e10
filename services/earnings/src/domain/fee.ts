import { shareOf, type CampaignTerms, type LineFee } from '@cliptally/contracts';
import { netOf, type Tally } from './clip.js';

/** What an amount of a clip is counted from: the terms of its campaign, and what it was given. */
export interface FeeOf {
  terms: CampaignTerms;
  tally: Tally;
}

/** The fee of a clip that has `net`: rounded down once, over all that it has. */
const feeOn = ({ platformFee }: CampaignTerms, net: number): number =>
  platformFee ? shareOf(net, platformFee.basisPoints, 10_000).share : 0;

/** What the fee of a clip grows by if the clip gets `amount`. */
export const feeFor = ({ terms, tally }: FeeOf, amount: number): number =>
  feeOn(terms, netOf(tally) + amount) - tally.fees;

export const isOnTop = ({ platformFee }: CampaignTerms): boolean => platformFee?.bearer === 'brand';

/** What the budget pays if the clip gets `amount`: that, and a fee that comes on top. */
export const costOf = (of: FeeOf, amount: number): number =>
  amount + (amount > 0 && isOnTop(of.terms) ? feeFor(of, amount) : 0);

/** What the budget gets back if `amount` of the clip goes back. */
export const refundOf = (of: FeeOf, amount: number): number =>
  amount + (isOnTop(of.terms) ? feeBack(of, amount) : 0);

/** The least that costs `cost`: the last unit is the clip's own, and its fee is short by it. */
export function earnedOf(of: FeeOf, cost: number): number {
  if (!isOnTop(of.terms) || cost === 0) return cost;
  let [least, most] = [1, cost];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (costOf(of, middle) >= cost) most = middle;
    else least = middle + 1;
  }
  return least;
}

/** The fee of an accrual of `amount`; `cost` is what the budget pays for both. */
export function feeTaken(of: FeeOf, amount: number, cost: number): { fee?: LineFee } {
  if (!of.terms.platformFee) return {};
  const fee = isOnTop(of.terms) ? cost - amount : feeFor(of, amount);
  return { fee: { amount: fee, had: of.tally.fees, of: netOf(of.tally) + amount } };
}

/** What of the fee goes back with `amount`: what is more than the fee of what the clip keeps. */
export function feeReturned(of: FeeOf, amount: number): { fee?: LineFee } {
  if (!of.terms.platformFee) return {};
  const had = of.tally.fees;
  return { fee: { amount: feeBack(of, amount), had, of: netOf(of.tally) - amount } };
}

const feeBack = ({ terms, tally }: FeeOf, amount: number): number =>
  Math.max(0, tally.fees - feeOn(terms, netOf(tally) - amount));

/** The fees of all lines of an event. */
export function feesOfLines(
  { platformFee }: CampaignTerms,
  lines: readonly { fee?: LineFee | undefined }[],
) {
  if (!platformFee) return {};
  const total = lines.reduce((sum, { fee }) => sum + (fee?.amount ?? 0), 0);
  return { fee: { ...platformFee, total } };
}
