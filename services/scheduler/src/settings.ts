import { minorDigits, type Currency, type Platform } from '@cliptally/contracts';
import { DEFAULT_POLICY, type PolicyName } from './domain/index.js';

export interface SchedulerSettings {
  policy: PolicyName;
  /** Between two slots. */
  intervalMs: number;
  scrapesPerRun: number;
  scrapesPerDay: number;
  byPlatform: Partial<Record<Platform, number>>;
  /** US dollars of a billing cycle. */
  monthlyBudgetUsd: number;
  /** Day of the month (1 to 28, UTC) on which a cycle begins, until the account reports it. */
  cycleDay: number;
  /**
   * Expected millionths of a US dollar a scrape, until batches show the real cost: by source, as
   * batches name it, and by platform if the answering source has no price or none has answered.
   */
  price: Record<Platform, number> & Partial<Record<string, number>>;
  /** US dollars of one unit of a currency, for scores only; money is never converted. */
  weights: Record<Currency, number>;
}

/** Published prices of the cheapest actors and the platforms' APIs, and weights: November 2026. */
export const DEFAULT_SETTINGS: SchedulerSettings = {
  policy: DEFAULT_POLICY,
  intervalMs: 15 * 60_000,
  scrapesPerRun: 1_000,
  scrapesPerDay: 20_000,
  byPlatform: {},
  monthlyBudgetUsd: 199,
  cycleDay: 1,
  price: {
    tiktok: 3_700,
    youtube: 4_000,
    instagram: 2_700,
    x: 400,
    facebook: 2_000,
    'youtube-data-api': 0,
    'x-api': 5_000,
  },
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

/** US dollars of an amount in minor units. A currency without a weight counts as a dollar. */
export const inDollars = (
  minor: number,
  currency: Currency,
  weights: SchedulerSettings['weights'],
): number => (minor / 10 ** minorDigits(currency)) * (weights[currency] ?? 1);
