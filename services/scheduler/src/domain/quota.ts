import { hoursBetween } from './due-clip.js';

/**
 * What a run may cost so that a billing cycle's money lasts: the share of the budget that belongs to the time that has passed, and a day
 * more for bursts, less what is spent. Money that was not needed stays available; nothing is spent beyond the budget.
 */
export function allowance(budgetMicroUsd: number, spentMicroUsd: number, cycle: { from: number; to: number }, now: number): number {
  const passed = Math.min(1, (hoursBetween(cycle.from, now) + 24) / hoursBetween(cycle.from, cycle.to));
  return Math.max(0, Math.floor(budgetMicroUsd * passed) - spentMicroUsd);
}
