import type { ReversalLine } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import { marked, type ClipEntry } from './clip.js';
import type { Fact } from './fact.js';
import type { ReversedLine } from './statement-line.js';
import { ofEvent } from './statement.js';

/**
 * `by` of reversals that follow from the observations themselves. They differ from voids in that
 * nothing is lost for good: the entitlement has fallen by itself, and money earned later is paid in
 * full.
 */
export const BY_SETTLEMENT = 'cliptally:settlement';

/** The entry after its line of an EarningsReversed at `time`. */
export function reverse(
  entry: ClipEntry,
  { amount, fee }: ReversalLine,
  by: string,
  campaign: Campaign,
  time: string,
): ClipEntry {
  const { reversed, voided, fees } = entry.tally;
  const tally = {
    ...entry.tally,
    reversed: reversed + amount,
    voided: voided + (by === BY_SETTLEMENT ? 0 : amount),
    fees: fees - (fee?.amount ?? 0),
  };
  return marked({ ...entry, tally }, campaign, time);
}

/** The lines that a reversal makes, one a clip. */
export function reversedLines(fact: Fact<'EarningsReversed'>): ReversedLine[] {
  const { campaignId, currency, by, lines } = fact.data;
  return lines.map(({ clipId, creatorId, amount, reason, basis }) => ({
    kind: 'reversed',
    ...ofEvent(fact),
    campaignId,
    currency,
    by,
    clipId,
    creatorId,
    reason,
    basis,
    amount: -amount,
  }));
}
