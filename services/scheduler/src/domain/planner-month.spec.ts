import { describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, type DueClip } from './due-clip.js';
import { POLICIES } from './policies.js';
import { clip, learned, NOW, planOf } from '../testing/clips.js';

const PRICE = 4_000;
const HOURS = 30 * 24;
const BUDGET = 2 * HOURS * PRICE;
/**
 * Creators post by day, and five times as much in the three days after a campaign's launch.
 */
const isDay = (hour: number) => hour % 24 >= 8 && hour % 24 < 20;
const isLaunch = (hour: number) => hour >= 10 * 24 && hour < 13 * 24;
const posts = (hour: number) => (isDay(hour) ? (isLaunch(hour) ? 15 : 3) : 0);

const sum = (some: number[]) => some.reduce((total, one) => total + one, 0);
const mean = (some: number[]) => sum(some) / Math.max(1, some.length);

/**
 * A month of hourly runs by the money alone, with clips that gain views which fade. Answers what
 * each run cost. `billed` is what an estimate of a dollar turns out to cost.
 */
function costs(billed: (hour: number) => number): number[] {
  let clips: DueClip[] = [];
  const demands: number[] = [];
  let spentMicroUsd = 0;
  return Array.from({ length: HOURS }, (_, hour) => {
    const now = NOW + hour * HOUR_MS;
    clips = clips.filter(({ submittedAt }) => now - submittedAt < 2 * DAY_MS);
    const unobserved = {
      lastObservedAt: null,
      lastViews: null,
      previousObservedAt: null,
      previousViews: null,
      lastOutcomeAt: null,
    };
    const posted = { submittedAt: now, postedAt: now, ...unobserved };
    for (let i = 0; i < posts(hour); i++)
      clips.push(clip(`c${hour}-${i}`, { ...posted, dollarsPerThousand: 1 + (i % 5) }));
    const plan = planOf({
      policy: POLICIES['decaying-dollar-hours'],
      clips,
      campaigns: new Map([['c', { budget: 1e9, spent: 0 }]]),
      limits: {
        scrapes: 100,
        byPlatform: {},
        price: () => PRICE,
        scrapesPerDay: 2_400,
      },
      learned: learned(),
      now,
      nextRunAt: now + HOUR_MS,
      budget: {
        budgetMicroUsd: BUDGET,
        spentMicroUsd,
        cycle: { from: NOW, to: NOW + HOURS * HOUR_MS },
        usualDemand: mean(demands.slice(-48)),
      },
    });
    demands.push(plan.demand);
    for (const { clip: due } of plan.chosen) {
      const views = Math.floor(4_000 * (1 - (1 + (now - due.postedAt!) / (10 * HOUR_MS)) ** -1.3));
      const seen = {
        lastObservedAt: now,
        lastViews: views,
        previousObservedAt: due.lastObservedAt,
        previousViews: due.lastViews,
      };
      Object.assign(due, seen, { lastOutcomeAt: now });
    }
    const cost = plan.microUsd * billed(hour);
    spentMicroUsd += cost;
    return cost;
  });
}

describe("a month's money", () => {
  const asExpected = costs(() => 1);

  it('is neither spent early nor left over', () => {
    const spent = sum(asExpected);
    expect(spent).toBeLessThanOrEqual(BUDGET);
    expect(spent).toBeGreaterThan(0.99 * BUDGET);
    for (let day = 0; day < 30; day++) {
      const ofDay = sum(asExpected.slice(24 * day, 24 * day + 24)) / (BUDGET / 30);
      expect([day, ofDay > 0.2, ofDay < 2.5]).toEqual([day, true, true]);
    }
  });
  it('goes to the hours with a larger unrecorded amount', () => {
    expect(mean(asExpected.filter((_, hour) => isLaunch(hour)))).toBeGreaterThan(
      1.5 * mean(asExpected.slice(0, 240)),
    );
  });
  it('also lasts if scrapes turn out dearer by half, or half as dear, from the middle on', () => {
    for (const change of [1.5, 0.5]) {
      const changed = costs((hour) => (hour < HOURS / 2 ? 1 : change));
      expect(sum(changed)).toBeLessThanOrEqual(BUDGET + 50 * PRICE);
      expect(sum(changed)).toBeGreaterThan(0.95 * BUDGET);
      expect(sum(changed.slice(-48))).toBeGreaterThan(0);
    }
  });
});
