import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DAY_MS, HOUR_MS } from './due-clip.js';
import { affordable, allowance, demandOf, pace } from './quota.js';

const cycle = { from: 0, to: 30 * DAY_MS };

describe('the money that may be spent by now', () => {
  it('is released with time, and a day ahead', () => {
    expect(allowance(30_000, 0, cycle, 0)).toBe(1_000);
    expect(allowance(30_000, 500, cycle, 9 * DAY_MS)).toBe(9_500);
  });
  it('is never more than the budget', () => {
    expect(allowance(30_000, 29_999, cycle, 29.9 * DAY_MS)).toBe(1);
    expect(allowance(30_000, 40_000, cycle, 15 * DAY_MS)).toBe(0);
  });
});

describe('the pace of a run', () => {
  const quota = { budgetMicroUsd: 720_000, spentMicroUsd: 0, cycle };
  it('is an even share where nothing else is known', () => {
    expect(pace(quota, 0, HOUR_MS, 7)).toBe(1_000);
    expect(pace({ ...quota, spentMicroUsd: 360_000 }, 0, HOUR_MS, 7)).toBe(500);
  });
  it('follows the demand, within four times and a quarter', () => {
    const usual = { ...quota, usualDemand: 10 };
    expect(pace(usual, 0, HOUR_MS, 20)).toBe(2_000);
    expect(pace(usual, 0, HOUR_MS, 1e9)).toBe(4_000);
    expect(pace(usual, 0, HOUR_MS, 0)).toBe(250);
  });
  it('gives the last run all that is left, and nothing after the cycle', () => {
    expect(pace({ ...quota, spentMicroUsd: 1, usualDemand: 10 }, cycle.to - HOUR_MS, cycle.to, 0)).toBe(719_999);
    expect(pace(quota, cycle.to, cycle.to + HOUR_MS, 7)).toBe(0);
    expect(pace({ ...quota, spentMicroUsd: 720_001 }, 0, HOUR_MS, 7)).toBe(0);
  });
  it('neither runs out early nor leaves anything over, whatever the demand', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 720, maxLength: 720 }), (demand) => {
        let spent = 0;
        for (let hour = 0; hour < 720; hour++) {
          const now = hour * HOUR_MS;
          const cost = pace({ budgetMicroUsd: 1e9, spentMicroUsd: spent, cycle, usualDemand: 50 }, now, now + HOUR_MS, demand[hour]!);
          // What a run takes leaves something for every later hour.
          if (hour < 715) expect(cost).toBeLessThan(1e9 - spent);
          spent += cost;
        }
        expect(spent).toBe(1e9);
      }),
      { numRuns: 20 },
    );
  });
  it('saves up shares that are less than a look costs', () => {
    const small = { budgetMicroUsd: 72_000, spentMicroUsd: 0, cycle };
    // A hundred an hour: after 40 hours a look of 4,000 is paid.
    expect(pace(small, 20 * HOUR_MS, 21 * HOUR_MS, 7, 4_000)).toBeLessThan(4_000);
    expect(pace(small, 39 * HOUR_MS, 40 * HOUR_MS, 7, 4_000)).toBe(4_000);
    expect(pace({ ...small, spentMicroUsd: 4_000 }, 40 * HOUR_MS, 41 * HOUR_MS, 7, 4_000)).toBeLessThan(4_000);
  });
  it('tells how many looks a day the rest of the money pays', () => {
    expect(affordable(quota, 0, 1_000)).toBe(24);
    expect(affordable(quota, 0, 0)).toBe(Infinity);
    expect(affordable({ ...quota, spentMicroUsd: 720_001 }, 0, 1_000)).toBe(0);
  });
  it('takes demand by the square root of the dollars an hour', () => {
    expect(demandOf(9)).toBe(3);
    expect(demandOf(-1)).toBe(0);
  });
});
