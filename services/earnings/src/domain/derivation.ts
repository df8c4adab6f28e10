import { formatMoney, type CampaignTerms, type SettlementBasis } from '@cliptally/contracts';
import type { AccruedLine, FeeLine, ReversedLine } from './statement.js';
import type { StatementLine } from './statement.js';
import { explain } from './explain.js';

/** One step from what was seen to the amount of a line; `amount` is what there is after it. */
export interface Step {
  code:
    | 'seen'
    | 'counted'
    | 'below_minimum'
    | 'rate'
    | 'extras'
    | 'cap'
    | 'voided'
    | 'had'
    | 'creator_limit'
    | 'share'
    | 'taken_back'
    | 'fee'
    | 'payout';
  sentence: string;
  amount: number | null;
}

/** The steps that lead to the amount of a line, each by figures that its event itself names. */
export function derivationOf(line: StatementLine, terms: CampaignTerms | null): Step[] {
  if (line.kind === 'payout') return [{ code: 'payout', sentence: explain(line), amount: line.amount }]; // prettier-ignore
  if ('basisPoints' in line) return feeSteps(line);
  if (!line.basis || !terms) return [{ code: line.kind === 'accrued' ? 'rate' : 'taken_back', sentence: explain(line), amount: line.amount }]; // prettier-ignore
  const entitled = entitledSteps(line, line.basis, terms);
  return line.kind === 'accrued'
    ? [...entitled, ...dueSteps(line, line.basis)]
    : [...entitled, ...returnedSteps(line, line.basis)];
}

function entitledSteps(
  { currency, ...line }: AccruedLine | ReversedLine,
  basis: SettlementBasis,
  terms: CampaignTerms,
): Step[] {
  const money = (amount: number) => formatMoney(amount, currency);
  const { views, baseline, earned, flat = 0, bonus = 0, field } = basis;
  const platform = line.clipId.slice(0, line.clipId.indexOf('-'));
  const rate = (terms.ratePerThousand as Record<string, number | undefined>)[platform] ?? terms.ratePerThousand.default; // prettier-ignore
  const steps: Step[] = [{ code: 'seen', sentence: `${grouped(views)} views${field ? ` in ${field}` : ''} were seen, the most so far.`, amount: null }]; // prettier-ignore
  const below = views < terms.minViews;
  const counted = below ? 0 : views - baseline;
  if (baseline > 0)
    steps.push({ code: 'counted', sentence: `The first ${grouped(baseline)} do not count: ${grouped(views - baseline)} do.`, amount: null }); // prettier-ignore
  const byViews = Number((BigInt(counted) * BigInt(rate)) / 1_000n);
  if (below)
    steps.push({ code: 'below_minimum', sentence: `The campaign pays from ${grouped(terms.minViews)} views on.`, amount: 0 }); // prettier-ignore
  else
    steps.push({ code: 'rate', sentence: `${grouped(counted)} views at ${money(rate)} per thousand are ${money(byViews)}, rounded down.`, amount: byViews }); // prettier-ignore
  const plain = byViews + flat + bonus;
  if (flat + bonus > 0)
    steps.push({ code: 'extras', sentence: `With ${money(flat)} for the approved clip and ${money(bonus)} for milestones: ${money(plain)}.`, amount: plain }); // prettier-ignore
  if (earned < plain)
    steps.push({ code: 'cap', sentence: `A clip earns at most ${money(earned)} in this campaign.`, amount: earned }); // prettier-ignore
  return steps;
}

function dueSteps(
  line: AccruedLine,
  { earned, voided, had, creatorRoom }: SettlementBasis,
): Step[] {
  const money = (amount: number) => formatMoney(amount, line.currency);
  const owed = Math.max(0, earned - voided);
  const steps: Step[] = [];
  if (voided > 0)
    steps.push({ code: 'voided', sentence: `${money(voided)} were taken back for good: ${money(owed)}.`, amount: owed }); // prettier-ignore
  if (had > 0)
    steps.push({ code: 'had', sentence: `The clip had ${money(had)} already: ${money(owed - had)} more.`, amount: owed - had }); // prettier-ignore
  if (creatorRoom !== undefined && line.due < owed - had)
    steps.push({ code: 'creator_limit', sentence: `The campaign had ${money(creatorRoom)} left for this creator: ${money(line.due)}.`, amount: line.due }); // prettier-ignore
  if (line.amount < line.due)
    steps.push({ code: 'share', sentence: `The budget left ${money(line.amount)} of ${money(line.due)}: all clips got the same part of what they were due.`, amount: line.amount }); // prettier-ignore
  return steps;
}

function returnedSteps(line: ReversedLine, { earned, voided, had }: SettlementBasis): Step[] {
  const money = (amount: number) => formatMoney(amount, line.currency);
  const owed = Math.max(0, earned - voided);
  return [
    { code: 'had', sentence: `The clip had ${money(had)}, and ${money(owed)} is right.`, amount: owed },
    { code: 'taken_back', sentence: `${money(-line.amount)} goes back: ${line.reason}.`, amount: line.amount },
  ]; // prettier-ignore
}

const feeSteps = (line: FeeLine): Step[] => [
  { code: 'fee', sentence: explain(line), amount: line.amount },
];

const grouped = (count: number): string => count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
