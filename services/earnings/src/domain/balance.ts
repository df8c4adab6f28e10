import { ms } from './fact.js';

/** Sums over all lines of a creator's statement in one currency, in minor units. */
export interface Totals {
  accrued: number;
  reversed: number;
  /** Platform fees that the creator bears, less what went back. */
  withheld: number;
  /** Asked for and neither paid, rejected nor failed. */
  reserved: number;
  paid: number;
  /** By campaign that the creator has earned in, in the order of the first accrual. */
  campaigns: readonly EarnedIn[];
}

/** What a creator has earned in one campaign, in minor units, less the fees that it bears. */
export interface EarnedIn {
  campaignId: string;
  accrued: number;
  reversed: number;
}

/** What a creator has in one currency, in minor units. */
export interface Balance extends Totals {
  /**
   * The part of `accrued`, less its fees, that may still be validated, by the instant its
   * campaign's validation period is over.
   */
  validating: readonly { until: string; amount: number; campaignId: string }[];
}

export const NO_TOTALS: Totals = {
  accrued: 0,
  reversed: 0,
  withheld: 0,
  reserved: 0,
  paid: 0,
  campaigns: [],
};
export const EMPTY_BALANCE: Balance = { ...NO_TOTALS, validating: [] };

/**
 * Accrued less reversed, fees, reserved and paid: what the creator has not been given yet,
 * validated or not.
 */
export const outstandingOf = ({ accrued, reversed, withheld, reserved, paid }: Totals): number =>
  accrued - reversed - withheld - reserved - paid;

/**
 * What may be asked for now. A reversal counts at once, also against earnings that are still being
 * validated: it may therefore be below 0, and nothing is paid until it is not.
 */
export function availableAt(balance: Balance, now: Date): number {
  return outstandingOf(balance) - validatingAt(balance, now);
}

/** What is still being validated, in all or of one campaign. */
export const validatingAt = (
  { validating }: Pick<Balance, 'validating'>,
  now: Date,
  of?: string,
): number =>
  validating
    .filter(
      ({ until, campaignId }) => ms(until) > now.getTime() && (of ?? campaignId) === campaignId,
    )
    .reduce((sum, { amount }) => sum + amount, 0);

/** `accrued` are the lines whose validation period may not be over; others may be left out. */
export const balanceOf = (
  totals: Totals,
  accrued: readonly { availableAt: string; amount: number; campaignId: string }[],
): Balance => ({
  ...totals,
  validating: accrued.map(({ availableAt, amount, campaignId }) => ({
    until: availableAt,
    amount,
    campaignId,
  })),
});
