import { describe, expect, it } from '@jest/globals';
import { billOf, rowsCharged, unpricedIn, type BilledRun, type PricingInfo } from './bill.js';

const prices = { startMicroUsd: 1_000, resultMicroUsd: 3_700 };
const priced = (actorChargeEvents: object) => ({
  pricingInfo: { pricingPerEvent: { actorChargeEvents } } as PricingInfo,
});

describe('A14: an event that costs by the tier of the account', () => {
  const tiers = { FREE: 0.0037, BRONZE: 0.002, GOLD: 0.0017 };
  const run = (table: object): BilledRun => ({
    usageTotalUsd: null,
    chargedEventCounts: { 'apify-actor-start': 1, 'apify-default-dataset-item': 1 },
    ...priced({
      'apify-actor-start': { eventPriceUsd: 0.00005 },
      'apify-default-dataset-item': { eventTieredPricingUsd: table },
    }),
  });

  it.each([
    ['BRONZE', 2_050],
    ['GOLD', 1_750],
    ['FREE', 3_750],
    ['PLATINUM', 3_750],
    [null, 3_750],
  ])('%s: %i millionths', (tier, bill) => {
    expect(billOf(run(tiers), 1, prices, { tier })).toBe(bill);
    const asSent = Object.fromEntries(
      Object.entries(tiers).map(([name, usd]) => [name, { tieredEventPriceUsd: usd }]),
    );
    expect(billOf(run(asSent), 1, prices, { tier })).toBe(bill);
  });
});

describe('A15: an add-on is billed at its own price', () => {
  const counts = { 'actor-start': 1, result: 1, 'filter-applied': 3 };
  const list = {
    'actor-start': { eventPriceUsd: 0.001 },
    result: { eventPriceUsd: 0.0037 },
    'filter-applied': { eventTieredPricingUsd: { FREE: 0.0001, BRONZE: 0.0001 } },
  };

  it('as the run tells it', () => {
    expect(billOf({ chargedEventCounts: counts, ...priced(list) }, 1, prices)).toBe(5_000);
  });

  it('as the actor tells it, if the run does not', () => {
    const run = { chargedEventCounts: counts };
    const listed = priced(list).pricingInfo;
    expect(billOf(run, 1, prices, { listed })).toBe(5_000);
    expect(unpricedIn(run, prices, { listed })).toEqual([]);
  });

  it('is left out and named if nobody tells, and is never a result', () => {
    const run = { chargedEventCounts: counts };
    expect(billOf(run, 1, prices)).toBe(4_700);
    expect(unpricedIn(run, prices)).toEqual(['filter-applied']);
    expect(unpricedIn({ ...run, usageTotalUsd: 0.005 }, prices)).toEqual([]);
  });

  it('is summed before it is rounded', () => {
    const run = {
      chargedEventCounts: { result: 3 },
      ...priced({ result: { eventPriceUsd: 0.0000125 } }),
    };
    expect(billOf(run, 3, prices)).toBe(38);
  });
});

it('the rows of the default dataset are counted if the run charges for them', () => {
  expect(rowsCharged({ chargedEventCounts: { 'apify-default-dataset-item': 3 } })).toBe(3);
  expect(rowsCharged({ chargedEventCounts: { result: 3 } })).toBe(0);
  expect(rowsCharged({})).toBe(0);
});
