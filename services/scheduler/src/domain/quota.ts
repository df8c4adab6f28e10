import { HOUR_MS, hoursBetween } from './due-clip.js';

/** `soft_limit`: most of the cycle's money is used; `hard_stop`: all of it, nothing is bought until the cycle ends. */
export type Account = 'open' | 'soft_limit' | 'hard_stop';

export interface Cycle {
  from: number;
  to: number;
}

/** The money of a billing cycle for looks, in millionths of a US dollar. */
export interface Quota {
  budgetMicroUsd: number;
  /** Billed, plus the estimate for looks whose bill is not known yet. */
  spentMicroUsd: number;
  cycle: Cycle;
  /** What the account that pays has said of its cycle's money; `open` where it said nothing. */
  account?: Account;
  /** Mean `demand` of the plans of late; without it all hours are expected to be worth the same. */
  usualDemand?: number;
  /** When a run last asked for looks that cost money; the cycle's begin by default. */
  lastPaidAt?: number;
}

/** A run may cost at most this many times its even share, and is granted at least this part of it, however unusual the hour. */
const SWING = 4;

/**
 * What looks that cannot wait may cost, however little the run would take by {@link pace}: the share of the budget that belongs to the time
 * that has passed, and a day more, less what is spent. Nothing is spent beyond the budget, and nothing after a hard stop.
 */
export function allowance({ budgetMicroUsd, spentMicroUsd, cycle, account }: Quota, now: number): number {
  if (account === 'hard_stop') return 0;
  const passed = Math.min(1, (hoursBetween(cycle.from, now) + 24) / hoursBetween(cycle.from, cycle.to));
  return Math.max(0, Math.floor(budgetMicroUsd * passed) - spentMicroUsd);
}

/**
 * What a clip adds to the demand for looks. The best number of looks at a clip grows with the square root of the dollars that it earns an
 * hour (twice the looks halve what waits), and so does the money that they are worth.
 */
export const demandOf = (dollarsAnHour: number): number => Math.sqrt(Math.max(0, dollarsAnHour));

const leftOf = ({ budgetMicroUsd, spentMicroUsd }: Quota): number => Math.max(0, budgetMicroUsd - spentMicroUsd);

/** Looks a day at `price` that the rest of the money pays until the cycle ends. */
export const affordable = (quota: Quota, now: number, price: number): number =>
  price > 0 ? (24 * leftOf(quota)) / price / Math.max(1, hoursBetween(now, quota.cycle.to)) : Infinity;

/**
 * What a run should cost: the rest of the money spread over the rest of the cycle, more where there is more than the usual demand, and less where
 * there is less. It is a share of what is left, so the money cannot run out before the cycle ends; what a run leaves is spread over the
 * later ones, and the last run may spend all of it, so nothing has to be left over. Where a share is less than a look costs (`price`), shares
 * are saved up until they pay one. After the account's soft limit no run takes more than its even share, however much is asked for.
 */
export function pace(quota: Quota, now: number, nextRunAt: number, demand: number, price = 0): number {
  const { cycle, usualDemand = 0, account } = quota;
  const left = leftOf(quota);
  const hours = hoursBetween(now, cycle.to);
  const slot = hoursBetween(now, nextRunAt);
  if (now >= cycle.to || account === 'hard_stop') return 0;
  if (hours <= slot + 1 / HOUR_MS) return left;
  const swing = usualDemand > 0 ? Math.min(account === 'soft_limit' ? 1 : SWING, Math.max(1 / SWING, demand / usualDemand)) : 1;
  const share = Math.floor(Math.min(left, (left * slot * swing) / hours));
  if (share >= price) return share;
  const since = Math.max(cycle.from, quota.lastPaidAt ?? 0);
  const saved = (left * hoursBetween(since, nextRunAt)) / hoursBetween(since, cycle.to);
  return saved >= price ? Math.min(left, Math.ceil(price)) : share;
}
