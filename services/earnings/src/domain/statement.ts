import type { CampaignTerms, Platform } from '@cliptally/contracts';
import type { EarnedIn, Totals } from './balance.js';
import { netOf, type Tally } from './clip.js';
import { rateOf } from './entitlement.js';
import { DAY_MS, ms, type Fact } from './fact.js';
import type { AccruedLine, FeeLine, ReversedLine, StatementLine } from './statement-line.js';

export * from './statement-line.js';

/** The lines that a settlement makes, one a clip. `tallyOf` gives what the clip had before. */
export function accruedLines(
  fact: Fact<'EarningsAccrued'>,
  terms: CampaignTerms,
  tallyOf: (clipId: string) => Tally,
): AccruedLine[] {
  const { campaignId, currency, lines } = fact.data;
  const availableAt = new Date(ms(fact.time) + terms.validationDays * DAY_MS).toISOString();
  return lines.map((line) => {
    const { clipId, creatorId, fromViews, toViews, due, amount, observation, basis } = line;
    const before = tallyOf(clipId);
    const capReached =
      terms.maxPayoutPerClip !== null &&
      before.voided + netOf(before) + due >= terms.maxPayoutPerClip;
    const rate = rateOf(terms, platformOf(clipId));
    const what = { clipId, creatorId, fromViews, toViews, due, amount, observation, basis };
    return {
      kind: 'accrued',
      ...ofEvent(fact),
      campaignId,
      currency,
      ...what,
      rate,
      capReached,
      availableAt,
    };
  });
}

/** The line of each with its fee behind it, if it has one. */
export function withFees<L extends AccruedLine | ReversedLine>(
  { type, data }: Fact<'EarningsAccrued' | 'EarningsReversed'>,
  lines: readonly L[],
): (L | FeeLine)[] {
  const { fee: fees } = data;
  if (!fees) return [...lines];
  const sign = (type === 'EarningsAccrued') === (fees.bearer === 'brand') ? 1 : -1;
  return lines.flatMap((line, nth) => {
    const { amount = 0, had = 0, of = 0 } = data.lines[nth]?.fee ?? {};
    if (amount === 0) return [line];
    const { eventId, time, creatorId, currency, campaignId, clipId } = line;
    const fee: FeeLine = {
      kind: fees.bearer === 'brand' ? 'fee_on_top' : 'fee_withheld',
      eventId,
      time,
      creatorId,
      currency,
      campaignId,
      clipId,
      amount: sign * amount,
      basisPoints: fees.basisPoints,
      had,
      of,
      availableAt: line.kind === 'accrued' ? line.availableAt : null,
    };
    return [line, fee];
  });
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

const platformOf = (clipId: string): Platform => clipId.slice(0, clipId.indexOf('-')) as Platform;
export const ofEvent = ({ id, time }: Fact) => ({ eventId: id, time });

/**
 * Each line with the sum up to it, by currency. `opening` holds the sums before the first line, for
 * the later pages of a long statement.
 */
export function withSums<L extends StatementLine>(
  lines: readonly L[],
  opening: Readonly<Record<string, number>> = {},
): (L & { sum: number })[] {
  const sums = new Map(Object.entries(opening));
  return lines.map((line) => {
    const sum = (sums.get(line.currency) ?? 0) + line.amount;
    sums.set(line.currency, sum);
    return { ...line, sum };
  });
}

/** The totals after one more line: statement and balance cannot disagree. */
export function addLine(totals: Totals, line: StatementLine): Totals {
  switch (line.kind) {
    case 'accrued':
      return {
        ...totals,
        accrued: totals.accrued + line.amount,
        campaigns: earnedMore(totals.campaigns, line.campaignId, { accrued: line.amount }),
      };
    case 'reversed':
      return {
        ...totals,
        reversed: totals.reversed - line.amount,
        campaigns: earnedMore(totals.campaigns, line.campaignId, { reversed: -line.amount }),
      };
    case 'fee_on_top':
      return totals;
    case 'fee_withheld': {
      const { campaignId, amount } = line;
      const part = amount < 0 ? { accrued: amount } : { reversed: -amount };
      return {
        ...totals,
        withheld: totals.withheld - amount,
        campaigns: earnedMore(totals.campaigns, campaignId, part),
      };
    }
    default:
      return {
        ...totals,
        reserved: totals.reserved + line.reserved,
        paid: totals.paid + line.paid,
      };
  }
}

function earnedMore(
  campaigns: readonly EarnedIn[],
  campaignId: string,
  { accrued = 0, reversed = 0 }: Partial<EarnedIn>,
): EarnedIn[] {
  const before = campaigns.find((one) => one.campaignId === campaignId);
  const after = {
    campaignId,
    accrued: (before?.accrued ?? 0) + accrued,
    reversed: (before?.reversed ?? 0) + reversed,
  };
  return before ? campaigns.map((one) => (one === before ? after : one)) : [...campaigns, after];
}
