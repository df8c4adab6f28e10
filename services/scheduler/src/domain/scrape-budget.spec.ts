import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DAY_MS, HOUR_MS } from './due-clip.js';
import { demandOf, purseOf, type ScrapeBudget } from './scrape-budget.js';

const cycle = { from: 0, to: 30 * DAY_MS };
const runBudget = (
  budget: ScrapeBudget,
  now: number,
  nextRunAt: number,
  demand: number,
  price = 0,
) => purseOf(budget, { now, nextRunAt }, demand, price).share;
/** For a run that comes too soon to have a share. */
const allowance = (budget: ScrapeBudget, now: number) =>
  purseOf(budget, { now, nextRunAt: now }, 0, 0).ahead;
const affordablePerDay = (budget: ScrapeBudget, now: number, price: number) =>
  purseOf(budget, { now, nextRunAt: now }, 0, price).scrapesPerDay;

describe('the allowance for scrapes that cannot wait', () => {
  const spent = (spentMicroUsd: number) => ({ budgetMicroUsd: 30_000, spentMicroUsd, cycle });
  it('is released with time, and a day ahead', () => {
    expect(allowance(spent(0), 0)).toBe(1_000);
    expect(allowance(spent(500), 9 * DAY_MS)).toBe(9_500);
  });
  it('is never more than the budget', () => {
    expect(allowance(spent(29_999), 29.9 * DAY_MS)).toBe(1);
    expect(allowance(spent(40_000), 15 * DAY_MS)).toBe(0);
  });
  it('is nothing after a hard stop of the account, whatever the bills say', () => {
    expect(allowance({ ...spent(0), account: 'hard_stop' }, DAY_MS)).toBe(0);
  });
});

describe('the budget of a tracking run', () => {
  const budget = { budgetMicroUsd: 720_000, spentMicroUsd: 0, cycle };
  it('is an even share if nothing else is known', () => {
    expect(runBudget(budget, 0, HOUR_MS, 7)).toBe(1_000);
    expect(runBudget({ ...budget, spentMicroUsd: 360_000 }, 0, HOUR_MS, 7)).toBe(500);
  });
  it('follows the demand, within four times and a quarter', () => {
    const usual = { ...budget, usualDemand: 10 };
    expect(runBudget(usual, 0, HOUR_MS, 20)).toBe(2_000);
    expect(runBudget(usual, 0, HOUR_MS, 1e9)).toBe(4_000);
    expect(runBudget(usual, 0, HOUR_MS, 0)).toBe(250);
  });
  it('is at most the even share after the soft limit of the account, and nothing after its hard stop', () => {
    const soft = { ...budget, usualDemand: 10, account: 'soft_limit' as const };
    expect(runBudget(soft, 0, HOUR_MS, 20)).toBe(1_000);
    expect(runBudget(soft, 0, HOUR_MS, 5)).toBe(500);
    for (const now of [0, cycle.to - HOUR_MS])
      expect(runBudget({ ...budget, account: 'hard_stop' }, now, now + HOUR_MS, 10)).toBe(0);
  });
  it('is all the rest for the last tracking run, and 0 after the cycle', () => {
    expect(
      runBudget({ ...budget, spentMicroUsd: 1, usualDemand: 10 }, cycle.to - HOUR_MS, cycle.to, 0),
    ).toBe(719_999);
    expect(runBudget(budget, cycle.to, cycle.to + HOUR_MS, 7)).toBe(0);
    expect(runBudget({ ...budget, spentMicroUsd: 720_001 }, 0, HOUR_MS, 7)).toBe(0);
  });
  it('neither runs out early nor leaves anything over, whatever the demand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 720, maxLength: 720 }),
        (demand) => {
          let spent = 0;
          for (let hour = 0; hour < 720; hour++) {
            const now = hour * HOUR_MS;
            const cost = runBudget(
              { budgetMicroUsd: 1e9, spentMicroUsd: spent, cycle, usualDemand: 50 },
              now,
              now + HOUR_MS,
              demand[hour]!,
            );
            // What a run takes leaves something for every later hour.
            if (hour < 715) expect(cost).toBeLessThan(1e9 - spent);
            spent += cost;
          }
          expect(spent).toBe(1e9);
        },
      ),
      { numRuns: 20 },
    );
  });
  it('adds up shares that are less than a scrape costs', () => {
    const small = { budgetMicroUsd: 72_000, spentMicroUsd: 0, cycle };
    // A hundred an hour: after 40 hours a scrape of 4,000 is paid.
    expect(runBudget(small, 20 * HOUR_MS, 21 * HOUR_MS, 7, 4_000)).toBeLessThan(4_000);
    expect(runBudget(small, 39 * HOUR_MS, 40 * HOUR_MS, 7, 4_000)).toBe(4_000);
    const paid = { ...small, spentMicroUsd: 4_000, lastPaidAt: 40 * HOUR_MS };
    expect(runBudget(paid, 40 * HOUR_MS, 41 * HOUR_MS, 7, 4_000)).toBeLessThan(4_000);
    expect(runBudget(paid, 79 * HOUR_MS, 80 * HOUR_MS, 7, 4_000)).toBe(4_000);
    // Also if more is spent than the time that has passed would have paid.
    const ahead = { ...small, spentMicroUsd: 40_000, lastPaidAt: 40 * HOUR_MS };
    expect(runBudget(ahead, 124 * HOUR_MS, 125 * HOUR_MS, 7, 4_000)).toBe(4_000);
  });
  it('tells how many scrapes a day the rest of the money pays', () => {
    expect(affordablePerDay(budget, 0, 1_000)).toBe(24);
    expect(affordablePerDay(budget, 0, 0)).toBe(Infinity);
    expect(affordablePerDay({ ...budget, spentMicroUsd: 720_001 }, 0, 1_000)).toBe(0);
  });
  it('takes demand by the square root of the dollars an hour', () => {
    expect(demandOf(9)).toBe(3);
    expect(demandOf(-1)).toBe(0);
  });
});
