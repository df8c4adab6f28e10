import { formatMoney, type CampaignTerms, type Platform } from '@cliptally/contracts';
import type { Balance } from './balance.js';
import { NOTHING_YET, netOf, withAccrual, withReversal, type Tally } from './clip.js';
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
  /** What the clip was owed; more than `amount` where the end of the budget allowed a share only. */
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
}

/** `amount` is below 0. */
export interface ReversedLine extends Line {
  kind: 'reversed';
  campaignId: string;
  clipId: string;
  reason: string;
  by: string;
}

/** `amount` takes from what is outstanding when the payout is requested, and gives it back when it is rejected, fails or comes back. */
export interface PayoutLine extends Line {
  kind: 'payout';
  payoutId: string;
  status: PayoutStatus;
  reserved: number;
  paid: number;
  /** The reason, or the reference of the transfer. */
  note: string | null;
}

export type StatementLine = AccruedLine | ReversedLine | PayoutLine;
export type MoneyFact = Fact<'EarningsAccrued' | 'EarningsReversed'> | PayoutFact;

/** What lines need besides their event, as it was before the event. */
export interface StatementContext {
  termsOf: (campaignId: string) => CampaignTerms;
  tallyOf: (campaignId: string, clipId: string) => Tally;
  payoutOf: (payoutId: string) => Payout | null;
}

/** The lines an event makes, one a clip. */
export function linesOf(fact: MoneyFact, context: StatementContext): StatementLine[] {
  switch (fact.type) {
    case 'EarningsAccrued':
      return accruedLines(fact, context);
    case 'EarningsReversed': {
      const { campaignId, currency, by, lines } = fact.data;
      return lines.map(({ amount, ...line }) => ({
        kind: 'reversed',
        ...ofEvent(fact),
        campaignId,
        currency,
        by,
        ...line,
        amount: -amount,
      }));
    }
    default:
      return [payoutLine(fact, context.payoutOf(fact.data.payoutId))];
  }
}

function accruedLines(fact: Fact<'EarningsAccrued'>, { termsOf, tallyOf }: StatementContext): AccruedLine[] {
  const { campaignId, currency, lines } = fact.data;
  const terms = termsOf(campaignId);
  const availableAt = new Date(ms(fact.time) + terms.validationDays * DAY_MS).toISOString();
  return lines.map((line) => {
    const before = tallyOf(campaignId, line.clipId);
    const capReached = terms.maxPayoutPerClip !== null && before.voided + netOf(before) + line.due >= terms.maxPayoutPerClip;
    return {
      kind: 'accrued',
      ...ofEvent(fact),
      campaignId,
      currency,
      ...line,
      rate: rateOf(terms, platformOf(line.clipId)),
      capReached,
      availableAt,
    };
  });
}

const platformOf = (clipId: string): Platform => clipId.slice(0, clipId.indexOf('-')) as Platform;
const ofEvent = ({ id, time }: MoneyFact) => ({ eventId: id, time });

/** `before` is the payout as it was before the event; null for a request. */
export function payoutLine(fact: PayoutFact, before: Payout | null): PayoutLine {
  const { payoutId, creatorId, currency, amount, status } = evolvePayout(before, fact);
  const given = { reserved: 0, paid: 0 };
  if (status === 'REQUESTED') given.reserved = amount;
  else if (before?.status === 'PAID') given.paid = -amount;
  else if (status !== 'APPROVED') given.reserved = -amount;
  if (status === 'PAID') given.paid = amount;
  const note = 'reason' in fact.data ? fact.data.reason : 'externalReference' in fact.data ? fact.data.externalReference : null;
  // `0 -` keeps an untouched balance from reading -0.
  return {
    kind: 'payout',
    ...ofEvent(fact),
    creatorId,
    currency,
    amount: 0 - given.reserved - given.paid,
    payoutId,
    status,
    ...given,
    note,
  };
}

export type StatementScope = { clipId: string } | { creatorId: string } | { campaignId: string };

const inScope = (line: StatementLine, scope: StatementScope): boolean =>
  Object.entries(scope).every(([field, value]) => (line as unknown as Record<string, unknown>)[field] === value);

/** Each line with the sum up to it, by currency. `opening` holds the sums before the first line, for the later pages of a long statement. */
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

/** The balance after one more line of the creator's statement in this currency: statement and balance cannot disagree. */
export function post(balance: Balance, line: StatementLine): Balance {
  switch (line.kind) {
    case 'accrued': {
      const validating = balance.validating.filter(({ until }) => ms(until) > ms(line.time));
      return {
        ...balance,
        accrued: balance.accrued + line.amount,
        validating: [...validating, { until: line.availableAt, amount: line.amount }],
      };
    }
    case 'reversed':
      return { ...balance, reversed: balance.reversed - line.amount };
    default:
      return { ...balance, reserved: balance.reserved + line.reserved, paid: balance.paid + line.paid };
  }
}

/** A statement from the log alone: `facts` in log order, from the beginning. */
export function statementOf(
  scope: StatementScope,
  facts: Iterable<MoneyFact | Fact<'CampaignLaunched'>>,
): (StatementLine & { sum: number })[] {
  const terms = new Map<string, CampaignTerms>();
  const tallies = new Map<string, Tally>();
  const payouts = new Map<string, Payout>();
  const context: StatementContext = {
    termsOf: (campaignId) => terms.get(campaignId) ?? unknown(campaignId),
    tallyOf: (campaignId, clipId) => tallies.get(`${campaignId} ${clipId}`) ?? NOTHING_YET,
    payoutOf: (payoutId) => payouts.get(payoutId) ?? null,
  };
  const lines: StatementLine[] = [];
  for (const fact of facts) {
    if (fact.type === 'CampaignLaunched') {
      terms.set(fact.data.campaignId, fact.data.terms);
      continue;
    }
    lines.push(...linesOf(fact, context).filter((line) => inScope(line, scope)));
    if (fact.type === 'EarningsAccrued' || fact.type === 'EarningsReversed') keepTallies(tallies, fact);
    else payouts.set(fact.data.payoutId, evolvePayout(context.payoutOf(fact.data.payoutId), fact));
  }
  return withSums(lines);
}

function keepTallies(tallies: Map<string, Tally>, fact: Fact<'EarningsAccrued' | 'EarningsReversed'>): void {
  const change = (clipId: string, by: (tally: Tally) => Tally) => {
    const key = `${fact.data.campaignId} ${clipId}`;
    tallies.set(key, by(tallies.get(key) ?? NOTHING_YET));
  };
  if (fact.type === 'EarningsAccrued') for (const line of fact.data.lines) change(line.clipId, (tally) => withAccrual(tally, line));
  else for (const line of fact.data.lines) change(line.clipId, (tally) => withReversal(tally, line, fact.data.by));
}

function unknown(campaignId: string): never {
  throw new Error(`Earnings of the campaign "${campaignId}" came before its launch.`);
}

/** The line as a sentence for people. */
export function explain(line: StatementLine): string {
  const money = (amount: number) => formatMoney(amount, line.currency);
  switch (line.kind) {
    case 'accrued': {
      const views = `${grouped(line.fromViews)} to ${grouped(line.toViews)} views at ${money(line.rate)} per thousand`;
      const cap = line.capReached ? ', up to the most that the campaign pays for a clip' : '';
      const share = line.amount < line.due ? `; the budget left ${money(line.amount)} of it` : '';
      return `${views}${cap}: ${money(line.due)} due${share}. Seen in ${line.observation}.`;
    }
    case 'reversed':
      return `${money(-line.amount)} taken back by ${line.by}: ${line.reason}.`;
    default:
      return `Payout ${line.payoutId} ${line.status.toLowerCase()}${line.note === null ? '' : ` (${line.note})`}.`;
  }
}

const grouped = (count: number): string => count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
