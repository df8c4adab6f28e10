import type { BillingCycle } from '@cliptally/contracts';
import { HOUR_MS, hoursBetween } from './due-clip.js';

/** `soft_limit`: most of the cycle's money is spent; `hard_stop`: all, only free scrapes remain. */
export type AccountState = 'open' | 'soft_limit' | 'hard_stop';

/** Money for scraping in a billing cycle, in millionths of a US dollar. */
export interface ScrapeBudget {
  budgetMicroUsd: number;
  /** Billed, plus the estimate for scrape requests that no bill covers yet. */
  spentMicroUsd: number;
  cycle: BillingCycle;
  /** What the paying account reports; `open` without a report. */
  account?: AccountState;
  /** Mean `demand` of recent plans; without it all hours count the same. */
  usualDemand?: number;
  /** Newest tracking run with scrapes that cost money; the cycle's begin by default. */
  lastPaidAt?: number;
}

/** A tracking run gets at most this many times its even share, and at least this part of it. */
const SWING = 4;

const left = ({ budgetMicroUsd, spentMicroUsd }: ScrapeBudget): number =>
  Math.max(0, budgetMicroUsd - spentMicroUsd);

/**
 * What scrapes that cannot wait may cost, in millionths of a US dollar: the budget's share of the
 * time passed and one day, less what is spent. 0 after a hard stop.
 */
export function allowance(
  { budgetMicroUsd, spentMicroUsd, cycle, account }: ScrapeBudget,
  now: number,
): number {
  if (account === 'hard_stop') return 0;
  const passed = Math.min(
    1,
    (hoursBetween(cycle.from, now) + 24) / hoursBetween(cycle.from, cycle.to),
  );
  return Math.max(0, Math.floor(budgetMicroUsd * passed) - spentMicroUsd);
}

/**
 * A clip's part of the demand. The best number of scrapes of a clip grows with the square root of
 * the dollars that it earns an hour: twice the scrapes halve the unrecorded amount.
 */
export const demandOf = (dollarsAnHour: number): number => Math.sqrt(Math.max(0, dollarsAnHour));

/** Scrapes a day at `price` that the rest of the budget pays until the cycle ends. */
export const affordablePerDay = (budget: ScrapeBudget, now: number, price: number): number =>
  price > 0
    ? (24 * left(budget)) / price / Math.max(1, hoursBetween(now, budget.cycle.to))
    : Infinity;

/**
 * What a tracking run may cost, in millionths of a US dollar: its share of the rest, scaled by
 * demand; even at most after a soft limit. A share of the rest cannot end the money early, and the
 * last run may spend it all. Shares below the `price` of a scrape add up until they pay one.
 */
export function runBudget(
  budget: ScrapeBudget,
  now: number,
  nextRunAt: number,
  demand: number,
  price = 0,
): number {
  const { cycle, usualDemand = 0, account } = budget;
  const rest = left(budget);
  const hours = hoursBetween(now, cycle.to);
  const slot = hoursBetween(now, nextRunAt);
  if (now >= cycle.to || account === 'hard_stop') return 0;
  if (hours <= slot + 1 / HOUR_MS) return rest;
  const swing =
    usualDemand > 0
      ? Math.min(account === 'soft_limit' ? 1 : SWING, Math.max(1 / SWING, demand / usualDemand))
      : 1;
  const share = Math.floor(Math.min(rest, (rest * slot * swing) / hours));
  if (share >= price) return share;
  const since = Math.max(cycle.from, budget.lastPaidAt ?? 0);
  const saved = (rest * hoursBetween(since, nextRunAt)) / hoursBetween(since, cycle.to);
  return saved >= price ? Math.min(rest, Math.ceil(price)) : share;
}
