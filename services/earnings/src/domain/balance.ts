import { ms } from './fact.js';

/** Sums over all lines of a creator's statement in one currency, in minor units. */
export interface Totals {
  accrued: number;
  reversed: number;
  /** Asked for and neither paid, rejected nor failed. */
  reserved: number;
  paid: number;
  /** Ids of the campaigns that the creator has earned in, in the order of the first accrual. */
  earnedIn: readonly string[];
}

/** What a creator has in one currency, in minor units. */
export interface Balance extends Totals {
  /**
   * The part of `accrued` that may still be validated, by the instant its campaign's validation
   * period is over.
   */
  validating: readonly { until: string; amount: number }[];
}

export const NO_TOTALS: Totals = { accrued: 0, reversed: 0, reserved: 0, paid: 0, earnedIn: [] };
export const EMPTY_BALANCE: Balance = { ...NO_TOTALS, validating: [] };

/**
 * Accrued less reversed, reserved and paid: what the creator has not been given yet, validated or
 * not.
 */
export const outstandingOf = ({ accrued, reversed, reserved, paid }: Totals): number =>
  accrued - reversed - reserved - paid;

/**
 * What may be asked for now. A reversal counts at once, also against earnings that are still being
 * validated: it may therefore be below 0, and nothing is paid until it is not.
 */
export function availableAt(balance: Balance, now: Date): number {
  const validating = balance.validating
    .filter(({ until }) => ms(until) > now.getTime())
    .reduce((sum, { amount }) => sum + amount, 0);
  return outstandingOf(balance) - validating;
}
