import { CURRENCIES, minorDigits, type Currency, type Platform } from '@cliptally/contracts';
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
  /** US dollars of one unit of each currency, for scores only; money is never converted. */
  weights: Record<Currency, number>;
  /** Whether clips that can earn nothing more get one scrape as their windows end. */
  finalFigures: boolean;
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
    AED: 0.272, AUD: 0.66, BHD: 2.65, BRL: 0.18, CAD: 0.73, CHF: 1.12, CLP: 0.00105, CZK: 0.043,
    DKK: 0.145, EUR: 1.08, GBP: 1.27, HKD: 0.128, HUF: 0.0027, IDR: 0.00006, ILS: 0.27, INR: 0.0115,
    ISK: 0.0073, JOD: 1.41, JPY: 0.0066, KRW: 0.00071, KWD: 3.25, MXN: 0.054, MYR: 0.23, NOK: 0.095,
    NZD: 0.59, OMR: 2.6, PHP: 0.017, PLN: 0.25, RON: 0.215, SAR: 0.267, SEK: 0.097, SGD: 0.75,
    THB: 0.029, TND: 0.32, TRY: 0.027, TWD: 0.031, UAH: 0.024, UGX: 0.00027, USD: 1, VND: 0.00004,
    ZAR: 0.055,
  }, // prettier-ignore
  finalFigures: true,
};

/** Currencies that a campaign may be in and that have no weight. */
export const withoutWeight = (weights: SchedulerSettings['weights']): Currency[] =>
  CURRENCIES.filter((currency) => !(weights[currency]! > 0));

/** Throws a RangeError that names the currencies without a weight. */
export function requireWeights(weights: SchedulerSettings['weights']): void {
  const missing = withoutWeight(weights);
  if (missing.length > 0)
    throw new RangeError(
      `CURRENCY_WEIGHTS has no weight above 0 for ${missing.join(', ')}: say how many US dollars one unit is worth, as in ${missing[0]}=0.5.`,
    );
}

/** US dollars of an amount in minor units, for scores. {@link requireWeights} was called. */
export const inDollars = (
  minor: number,
  currency: Currency,
  weights: SchedulerSettings['weights'],
): number => (minor / 10 ** minorDigits(currency)) * weights[currency]!;
