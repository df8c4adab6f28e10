import type { CampaignTerms, Platform } from '@cliptally/contracts';
import type { EarnedIn, Totals } from './balance.js';
import { netOf, type Tally } from './clip.js';
import { rateOf } from './entitlement.js';
import { DAY_MS, ms, type Fact } from './fact.js';
import type { AccruedLine, StatementLine } from './statement-line.js';

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
  const { reserved, paid, accrued, reversed, withheld } = totals;
  if (line.kind === 'fee_on_top') return totals;
  if (line.kind === 'payout')
    return { ...totals, reserved: reserved + line.reserved, paid: paid + line.paid };
  const { kind, amount } = line;
  const isAccrual = kind === 'accrued' || (kind === 'fee_withheld' && amount < 0);
  const part = isAccrual ? { accrued: amount } : { reversed: -amount };
  const campaigns = earnedMore(totals.campaigns, line.campaignId, part);
  if (kind === 'accrued') return { ...totals, campaigns, accrued: accrued + amount };
  if (kind === 'reversed') return { ...totals, campaigns, reversed: reversed - amount };
  return { ...totals, campaigns, withheld: withheld - amount };
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
