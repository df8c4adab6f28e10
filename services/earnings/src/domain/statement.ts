import {
  formatMoney,
  payoutStep,
  type CampaignTerms,
  type Platform,
  type SettlementBasis,
} from '@cliptally/contracts';
import type { Balance, EarnedIn, Totals } from './balance.js';
import { netOf, type Tally } from './clip.js';
import { rateOf } from './entitlement.js';
import { DAY_MS, ms, type Fact } from './fact.js';
import { evolvePayout, type Payout, type PayoutFact, type PayoutStatus } from './payout.js';

/** `amount` is what the line adds to the creator's outstanding money, in minor units. */
interface Line {
  eventId: string;
  time: string;
  creatorId: string;
  currency: string;
  amount: number;
}

export interface AccruedLine extends Line {
  kind: 'accrued';
  campaignId: string;
  clipId: string;
  /**
   * What the clip was owed; more than `amount` if the end of the budget allowed a share only.
   */
  due: number;
  fromViews: number;
  toViews: number;
  /** Minor units per thousand views. */
  rate: number;
  /** The clip has now earned as much as the campaign pays for one clip. */
  capReached: boolean;
  /** Id of the ViewsRecorded event that `toViews` rests on. */
  observation: string;
  availableAt: string;
  /** What `due` is computed from; null in lines of version 1. */
  basis: SettlementBasis | null;
}

/** `amount` is below 0. */
export interface ReversedLine extends Line {
  kind: 'reversed';
  campaignId: string;
  clipId: string;
  reason: string;
  by: string;
  /** If the settlement itself took it back: what the amount is computed from. */
  basis: SettlementBasis | null;
}

/**
 * `amount` takes from what is outstanding when the payout is requested, and gives it back when it
 * is rejected, fails or comes back.
 */
export interface PayoutLine extends Line {
  kind: 'payout';
  payoutId: string;
  status: PayoutStatus;
  reserved: number;
  paid: number;
  /** The reason, or the reference of the transfer. */
  note: string | null;
}

/**
 * The platform fee of a line, or what of it goes back. Withheld, it takes from the creator's
 * outstanding money (`amount` is below 0); on top, it is of the campaign alone, and `amount` is
 * what it adds to what the campaign has spent.
 */
export interface FeeLine extends Line {
  kind: 'fee_withheld' | 'fee_on_top';
  campaignId: string;
  clipId: string;
  basisPoints: number;
  /** Fees of the clip less what went back, before this line. */
  had: number;
  /** What the clip has: the fee is of that. */
  of: number;
  /** Of an accrual: when what it takes from would have become available. */
  availableAt: string | null;
}

export type StatementLine = AccruedLine | ReversedLine | FeeLine | PayoutLine;

/** Lines that a creator's and a clip's statement leaves out, and those that a campaign's does. */
export const NOT_OF_CREATOR: StatementLine['kind'] = 'fee_on_top';
export const NOT_OF_CAMPAIGN: StatementLine['kind'] = 'fee_withheld';

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
const ofEvent = ({ id, time }: Fact) => ({ eventId: id, time });

/** `before` is the payout as it was before the event; null for a request. */
export function payoutLine(fact: PayoutFact, before: Payout | null): PayoutLine {
  const { payoutId, creatorId, currency, amount, status } = evolvePayout(before, fact);
  const step = payoutStep(before?.status ?? null, status, amount);
  const note =
    'reason' in fact.data
      ? fact.data.reason
      : 'externalReference' in fact.data
        ? fact.data.externalReference
        : null;
  // `0 -` keeps an untouched balance from reading -0.
  return {
    kind: 'payout',
    ...ofEvent(fact),
    creatorId,
    currency,
    amount: 0 - step.reserved - step.paid,
    payoutId,
    status,
    ...step,
    note,
  };
}

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

/** `accrued` are the lines whose validation period may not be over; others may be left out. */
export const balanceOf = (
  totals: Totals,
  accrued: readonly (Pick<AccruedLine, 'amount' | 'campaignId'> & { availableAt: string })[],
): Balance => ({
  ...totals,
  validating: accrued.map(({ availableAt, amount, campaignId }) => ({
    until: availableAt,
    amount,
    campaignId,
  })),
});

/** The line as a sentence for people. */
export function explain(line: StatementLine): string {
  const money = (amount: number) => formatMoney(amount, line.currency);
  switch (line.kind) {
    case 'accrued': {
      const views = `${grouped(line.fromViews)} to ${grouped(line.toViews)} views at ${money(line.rate)} per thousand`;
      const cap = line.capReached ? ', up to the most that the campaign pays for a clip' : '';
      const share = line.amount < line.due ? `; the budget left ${money(line.amount)} of it` : '';
      return `${views}${cap}: ${money(line.due)} due${share}.${computed(line, money)} Seen in ${line.observation}.`;
    }
    case 'reversed':
      return `${money(-line.amount)} taken back by ${line.by}: ${line.reason}.${computed(line, money)}`;
    case 'fee_withheld':
    case 'fee_on_top': {
      const percent = `${line.basisPoints / 100} % of ${money(line.of)}`;
      const had = line.had > 0 ? `; ${money(line.had)} of it before` : '';
      const back = (line.kind === 'fee_on_top') === line.amount < 0;
      return `Platform fee, ${percent}${had}: ${money(Math.abs(line.amount))}${back ? ' goes back' : ''}.`;
    }
    default:
      return `Payout ${line.payoutId} ${line.status.toLowerCase()}${line.note === null ? '' : ` (${line.note})`}.`;
  }
}

/**
 * How a reader gets to the amount, if the views of the line alone do not say it: after a baseline
 * moved, a void or a rounded share.
 */
function computed(
  { basis }: AccruedLine | ReversedLine,
  money: (amount: number) => string,
): string {
  if (!basis) return '';
  const { views, baseline, earned, voided, had, flat = 0, bonus = 0, creatorRoom } = basis;
  const plain = creatorRoom === undefined && flat + bonus === 0;
  if (plain && baseline === 0 && voided === 0 && had === 0) return '';
  const counted =
    baseline > 0 ? `${grouped(views)} less the first ${grouped(baseline)}` : grouped(views);
  const less = [
    voided > 0 ? `${money(voided)} taken back for good` : '',
    had > 0 ? `${money(had)} accrued before` : '',
  ].filter((part) => part !== '');
  const extras = [
    flat > 0 ? `${money(flat)} for the approved clip` : '',
    bonus > 0 ? `${money(bonus)} for milestones` : '',
  ].filter((part) => part !== '');
  const beside = extras.length > 0 ? `, ${extras.join(' and ')} included` : '';
  const room =
    creatorRoom === undefined
      ? ''
      : ` The campaign had ${money(creatorRoom)} left for this creator.`;
  return ` In all ${money(earned)} for ${counted} views${beside}${less.length > 0 ? `, less ${less.join(' and ')}` : ''}.${room}`;
}

const grouped = (count: number): string => count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
