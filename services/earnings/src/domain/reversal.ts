import { formatMoney } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import { BY_SETTLEMENT } from './clip-reversal.js';
import { netOf, type ClipEntry } from './clip.js';
import type { Decided } from './fact.js';
import { feeReturned, feesOfLines } from './fee.js';
import { malformed, requireAmount, requireText, rule } from './rule-broken.js';

export interface Reversal {
  amount: number | 'all';
  reason: string;
  by: string;
}

/**
 * Takes earnings of a clip back, at most what it has, and returns them to the campaign's budget.
 * The entitlement falls by as much for good (`voided`), or the next settlement would pay the same
 * money again. What the clip is due but has not been given is not touched: to stop that too,
 * put the clip on hold first. Allowed in every state of campaign and clip.
 */
export function decideReversal(
  entry: ClipEntry,
  campaign: Campaign,
  { amount, reason, by }: Reversal,
): Decided<'EarningsReversed'>[] {
  requireText(reason, 'reason');
  if (by === BY_SETTLEMENT)
    throw malformed(
      'by',
      `"${BY_SETTLEMENT}" is the settlement's own name: give the name of who takes the money back.`,
    );
  if (amount !== 'all') requireAmount(amount, 'amount');
  const { campaignId, clipId, creatorId } = entry;
  const { currency } = campaign.terms;
  const has = netOf(entry.tally);
  if (has === 0)
    throw rule(
      'nothing_to_reverse',
      'amount',
      `The clip "${clipId}" has no earnings in the campaign "${campaignId}" that could be reversed.`,
    );
  const taken = amount === 'all' ? has : amount;
  if (taken > has) {
    throw rule(
      'over_accrued',
      'amount',
      `The clip "${clipId}" has ${formatMoney(has, currency)} there: ${formatMoney(taken, currency)} cannot be reversed.`,
    );
  }
  const { tally } = entry;
  const fee = feeReturned({ terms: campaign.terms, tally }, taken);
  const lines = [{ clipId, creatorId, amount: taken, reason, ...fee }];
  const fees = feesOfLines(campaign.terms, lines);
  return [
    { type: 'EarningsReversed', data: { campaignId, currency, total: taken, lines, ...fees, by } },
  ];
}
