import {
  HOUR_MS,
  velocityOf,
  type Choice,
  type DueClip,
  type ScrapeBudget,
} from './domain/index.js';
import type { BudgetedPlan } from './scheduler.js';

const HEADER = [
  'clip', 'last observed', 'views an hour', 'unrecorded', 'score', 'cost', 'why',
  'per 1,000', 'hours', 'factor', 'can still earn',
]; // prettier-ignore
/** Columns of text. */
const LEFT = new Set([0, 6]);
const usd = (microUsd: number, digits: number): string => `$${(microUsd / 1e6).toFixed(digits)}`;

/** A plan as text: a line a clip in the order of choice, the cost, and what holds the run back. */
export function dryRunReport(
  { chosen, candidates, microUsd, budget }: BudgetedPlan,
  now: Date,
): string {
  const rows = [HEADER, ...chosen.map((choice) => cellsOf(choice, now))];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (LEFT.has(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
  const total = `${chosen.length} of ${candidates} clips, about ${usd(microUsd, 2)}`;
  return `${[...lines.map((text) => text.trimEnd()), total, ...heldBack(budget)].join('\n')}\n`;
}

function cellsOf(choice: Choice, now: Date): string[] {
  const { clip, unrecordedAmount, score, factor, microUsd, why } = choice;
  const observed =
    clip.lastObservedAt === null
      ? 'never'
      : `${((now.getTime() - clip.lastObservedAt) / HOUR_MS).toFixed(1)} h ago`;
  const velocity = velocityOf(clip)?.toFixed(0) ?? 'unknown';
  return [
    clip.clipId,
    observed,
    velocity,
    `$${unrecordedAmount.toFixed(2)}`,
    score.toFixed(2),
    usd(microUsd, 4),
    why,
    `$${clip.dollarsPerThousand.toFixed(2)}`,
    // score = unrecorded amount x hours x factor
    unrecordedAmount > 0 ? (score / factor / unrecordedAmount).toFixed(1) : '0',
    factor.toFixed(2),
    stillEarns(clip),
  ];
}

/** US dollars, as they will probably be paid; `any` if no cap of a campaign is near. */
function stillEarns({ terms }: DueClip): string {
  const most = terms?.reduce((sum, one) => sum + one.chance * one.most, 0) ?? Infinity;
  return most === Infinity ? 'any' : `$${most.toFixed(2)}`;
}

function heldBack({ account, spentMicroUsd, budgetMicroUsd, cycle }: ScrapeBudget): string[] {
  const used = `The account has used ${usd(spentMicroUsd, 2)} of ${usd(budgetMicroUsd, 2)}`;
  const until = new Date(cycle.to).toISOString().slice(0, 16);
  if (account === 'hard_stop')
    return [
      `${used}: until ${until}Z, or until somebody raises its limit, the scheduler requests only free scrapes.`,
    ];
  if (account === 'soft_limit')
    return [`${used}: until ${until}Z no tracking run takes more than its even share of the rest.`];
  return [];
}
