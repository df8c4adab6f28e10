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

/**
 * A clip's part of the demand. The best number of scrapes of a clip grows with the square root of
 * the dollars that it earns an hour: twice the scrapes halve the unrecorded amount.
 */
export const demandOf = (dollarsAnHour: number): number => Math.sqrt(Math.max(0, dollarsAnHour));

/**
 * What a tracking run may spend, in millionths of a US dollar: its `share`; `ahead`, for scrapes
 * that cannot wait, what the time passed and one day more have released; and the scrapes, at
 * `price`, that the rest of the budget pays each day. Without a budget there is no limit.
 */
export function purseOf(
  budget: ScrapeBudget | undefined,
  { now, nextRunAt }: { now: number; nextRunAt: number },
  demand: number,
  price: number,
): { share: number; ahead: number; scrapesPerDay: number } {
  if (!budget) return { share: Infinity, ahead: Infinity, scrapesPerDay: Infinity };
  const { budgetMicroUsd, spentMicroUsd, cycle, account, usualDemand = 0, lastPaidAt = 0 } = budget;
  const rest = Math.max(0, budgetMicroUsd - spentMicroUsd);
  const hours = hoursBetween(now, cycle.to);
  const scrapesPerDay = price > 0 ? (24 * rest) / price / Math.max(1, hours) : Infinity;
  if (account === 'hard_stop') return { share: 0, ahead: 0, scrapesPerDay };
  const passed = (hoursBetween(cycle.from, now) + 24) / hoursBetween(cycle.from, cycle.to);
  const released = Math.floor(budgetMicroUsd * Math.min(1, passed)) - spentMicroUsd;
  const purse = (share: number) => ({ share, ahead: Math.max(share, released), scrapesPerDay });

  // A share of the rest, scaled by demand, cannot end the money early; the last run may spend all.
  const slot = hoursBetween(now, nextRunAt);
  if (hours <= slot + 1 / HOUR_MS) return purse(hours > 0 ? rest : 0);
  const most = account === 'soft_limit' ? 1 : SWING;
  const swing = usualDemand > 0 ? Math.min(most, Math.max(1 / SWING, demand / usualDemand)) : 1;
  const share = Math.floor(Math.min(rest, (rest * slot * swing) / hours));
  // Shares below the price of a scrape add up until they pay one.
  const since = Math.max(cycle.from, lastPaidAt);
  const saved = (rest * hoursBetween(since, nextRunAt)) / hoursBetween(since, cycle.to);
  return purse(share < price && saved >= price ? Math.min(rest, Math.ceil(price)) : share);
}
