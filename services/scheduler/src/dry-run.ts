import { velocityOf, type Choice, type Plan, type Quota } from './domain/index.js';

const HEADER = ['clip', 'last look', 'views an hour', 'waiting', 'score', 'cost', 'why'];
const usd = (microUsd: number, digits: number): string => `$${(microUsd / 1e6).toFixed(digits)}`;

/** A plan as a table for people: a row a clip, in the order in which they were chosen, then what the run costs, and what held it back. */
export function tableOf({ chosen, candidates, microUsd, quota }: Plan & { quota: Quota }, now: Date): string {
  const rows = [HEADER, ...chosen.map((choice) => cellsOf(choice, now))];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, i) => (i % 6 === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '));
  const total = `${chosen.length} of ${candidates} clips, about ${usd(microUsd, 2)}`;
  return `${[...lines.map((text) => text.trimEnd()), total, ...heldBack(quota)].join('\n')}\n`;
}

function cellsOf({ clip, dollarsWaiting, score, microUsd, why }: Choice, now: Date): string[] {
  const seen = clip.lastLookAt === null ? 'never' : `${((now.getTime() - clip.lastLookAt) / 3_600_000).toFixed(1)} h ago`;
  const velocity = velocityOf(clip)?.toFixed(0) ?? 'unknown';
  return [clip.clipId, seen, velocity, `$${dollarsWaiting.toFixed(2)}`, score.toFixed(2), usd(microUsd, 4), why];
}

function heldBack({ account, spentMicroUsd, budgetMicroUsd, cycle }: Quota): string[] {
  const used = `The account has used ${usd(spentMicroUsd, 2)} of ${usd(budgetMicroUsd, 2)}`;
  const until = new Date(cycle.to).toISOString().slice(0, 16);
  if (account === 'hard_stop')
    return [`${used}: only looks that cost nothing are asked for before ${until}Z, or until its limit is raised.`];
  if (account === 'soft_limit') return [`${used}: until ${until}Z no run takes more than its even share of the rest.`];
  return [];
}
