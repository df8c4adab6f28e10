import { HOUR_MS, velocityOf, type Choice, type ScrapeBudget } from './domain/index.js';
import type { BudgetedPlan } from './scheduler.js';

const HEADER = ['clip', 'last observed', 'views an hour', 'unrecorded', 'score', 'cost', 'why'];
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
      .map((cell, i) => (i % 6 === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
  const total = `${chosen.length} of ${candidates} clips, about ${usd(microUsd, 2)}`;
  return `${[...lines.map((text) => text.trimEnd()), total, ...heldBack(budget)].join('\n')}\n`;
}

function cellsOf({ clip, unrecordedAmount, score, microUsd, why }: Choice, now: Date): string[] {
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
  ];
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
