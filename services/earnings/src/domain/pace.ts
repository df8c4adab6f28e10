import { daysAtPace, hourlyPace } from '@cliptally/contracts';
import { budgetOf, endOf, remainingOf, spentOf, type Campaign } from './campaign.js';
import { DAY_MS, ms } from './fact.js';

/**
 * One movement of a campaign's money: an accrual (above 0) or a reversal (below 0), in minor units.
 */
export interface Spending {
  time: string;
  amount: number;
}

/**
 * How fast a campaign spends, and how long its budget lasts. A forecast: it decides nothing, so its
 * days are fractions.
 */
export interface Pace {
  budget: number;
  spent: number;
  remaining: number;
  /** Minor units a day over the last 7 days, or since the start of a younger campaign. */
  perDay: number;
  /**
   * Days until the budget is spent, at that pace; `soonest` and `latest` at the fastest and slowest
   * of the last 1, 3 and 7 days. Null: never at that pace.
   */
  daysLeft: { expected: number | null; soonest: number | null; latest: number | null };
  /**
   * When the money or the campaign is over, whichever comes first; null when neither is in sight.
   */
  expectedEnd: string | null;
}

/** `spending` must reach back 7 days; what is older is ignored. */
export function paceOf(campaign: Campaign, spending: readonly Spending[], now: Date): Pace {
  const amounts = spending.map(({ time, amount }) => ({ at: ms(time), amount }));
  const pace = hourlyPace(amounts, ms(campaign.terms.startsAt), now.getTime());
  const remaining = remainingOf(campaign);
  const { low: soonest, likely: expected, high: latest } = daysAtPace(remaining, pace);
  const spentBy = expected === null ? Infinity : now.getTime() + expected * DAY_MS;
  const end = endOf(campaign);
  const over = Math.min(spentBy, end === null ? Infinity : ms(end));
  return {
    budget: budgetOf(campaign),
    spent: spentOf(campaign),
    remaining,
    perDay: Math.round(pace.likely * 24),
    daysLeft: { expected, soonest, latest },
    expectedEnd: over < MAX_DATE_MS ? new Date(over).toISOString() : null,
  };
}

/** The last instant that a Date can hold; a trickle of a pace leads beyond it. */
const MAX_DATE_MS = 8.64e15;
