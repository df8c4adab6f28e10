import { minorDigits, type Currency, type Platform } from '@cliptally/contracts';
import { DEFAULT_POLICY, type PolicyName } from './domain/index.js';

export interface SchedulerSettings {
  policy: PolicyName;
  /** Between two runs. */
  intervalMs: number;
  looksPerRun: number;
  looksPerDay: number;
  byPlatform: Partial<Record<Platform, number>>;
  /** US dollars that a billing cycle may cost. */
  monthlyBudgetUsd: number;
  /** Day of the month (1 to 28, UTC) on which a billing cycle begins, until the account itself has said so. */
  cycleDay: number;
  /**
   * Millionths of a US dollar a look, until batches have shown what it really costs: by source, as batches name it, and by platform where the
   * source that answers has no price, or none has answered yet.
   */
  price: Record<Platform, number> & Partial<Record<string, number>>;
  /** What one unit of a currency is worth in US dollars, to weigh clips only; money is never converted. */
  weights: Record<Currency, number>;
}

/** Prices of the cheapest actors and of the platforms' own interfaces as published in November 2026; weights as of then. */
export const DEFAULT_SETTINGS: SchedulerSettings = {
  policy: DEFAULT_POLICY,
  intervalMs: 15 * 60_000,
  looksPerRun: 1_000,
  looksPerDay: 20_000,
  byPlatform: {},
  monthlyBudgetUsd: 199,
  cycleDay: 1,
  price: { tiktok: 3_700, youtube: 4_000, instagram: 2_700, x: 400, facebook: 2_000, 'youtube-data-api': 0, 'x-api': 5_000 },
  weights: {
    USD: 1,
    EUR: 1.08,
    GBP: 1.27,
    JPY: 0.0066,
    KWD: 3.25,
    BHD: 2.65,
    OMR: 2.6,
    JOD: 1.41,
    TND: 0.32,
    CHF: 1.12,
    AUD: 0.66,
    CAD: 0.73,
  },
};

/** US dollars for an amount in minor units; a currency without a weight counts as a dollar, so that its clips are not forgotten. */
export const inDollars = (minor: number, currency: Currency, weights: SchedulerSettings['weights']): number =>
  (minor / 10 ** minorDigits(currency)) * (weights[currency] ?? 1);

/** The billing cycle that `now` lies in. */
export function cycleOf(now: Date, cycleDay: number): { from: number; to: number } {
  const month = now.getUTCDate() >= cycleDay ? now.getUTCMonth() : now.getUTCMonth() - 1;
  return { from: Date.UTC(now.getUTCFullYear(), month, cycleDay), to: Date.UTC(now.getUTCFullYear(), month + 1, cycleDay) };
}
