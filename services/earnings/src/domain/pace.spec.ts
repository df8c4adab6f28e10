import { describe, expect, it } from '@jest/globals';
import { paceOf, type Spending } from './pace.js';
import { accepted, ended, eventId, fact, given, launched, on } from './testing/facts.js';

const accrued = (amount: number) => {
  const line = {
    clipId: 'tiktok-a',
    creatorId: 'ann',
    fromViews: 0,
    toViews: 1,
    due: amount,
    amount,
    observation: eventId(1),
  };
  return fact(
    'EarningsAccrued',
    { campaignId: 'spring', currency: 'USD', total: amount, lines: [line] },
    on(2),
  );
};
const after = (spent: number, ...rest: Parameters<typeof given>) =>
  given(launched({ endsAt: on(60) }), accepted('tiktok-a'), accrued(spent), ...rest).campaign;
const daily = (...amounts: number[]): Spending[] =>
  amounts.map((amount, i) => ({ time: on(i + 1, 12), amount }));
const now = new Date(on(8));

describe('the pace of a campaign', () => {
  it('is what it spent a day over the last 7 days, and how long the rest lasts', () => {
    expect(
      paceOf(after(70_000), daily(10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000), now),
    ).toEqual({
      budget: 100_000,
      spent: 70_000,
      remaining: 30_000,
      perDay: 10_000,
      daysLeft: { expected: 3, soonest: 3, latest: 3 },
      expectedEnd: on(11),
    });
  });

  it('has a range, from the fastest to the slowest of the last 1, 3 and 7 days', () => {
    // 7 days: 44,000 / 7 a day; 3 days: 12,000 a day; the last day: 6,000
    const pace = paceOf(after(44_000), daily(2000, 2000, 2000, 2000, 15_000, 15_000, 6000), now);
    expect(pace.perDay).toBe(6286);
    expect(pace.daysLeft.soonest).toBeCloseTo(56_000 / 12_000);
    expect(pace.daysLeft.expected).toBeCloseTo(56_000 / (44_000 / 7));
    expect(pace.daysLeft.latest).toBeCloseTo(56_000 / 6000);
  });

  it('is taken since the start of a younger campaign', () => {
    expect(
      paceOf(after(5000), [{ time: on(1, 6), amount: 5000 }], new Date(on(1, 12))),
    ).toMatchObject({
      perDay: 10_000,
      daysLeft: { expected: 9.5 },
    });
  });

  it('counts reversals, and is never below 0', () => {
    expect(paceOf(after(70_000), [{ time: on(2), amount: 9000 }, { time: on(3), amount: -2000 }], now).perDay).toBe(1000); // prettier-ignore
    expect(paceOf(after(70_000), [{ time: on(9), amount: 7000 }], now).perDay).toBe(0);
    expect(paceOf(after(70_000), [{ time: on(3), amount: -2000 }], now)).toMatchObject({
      perDay: 0,
      daysLeft: { expected: null },
    });
  });

  it('knows no end of the money if nothing is spent, only that of the campaign', () => {
    expect(paceOf(after(70_000), [], now)).toMatchObject({
      daysLeft: { expected: null, soonest: null, latest: null },
      expectedEnd: on(60),
    });
    expect(paceOf(given(launched()).campaign, [], now).expectedEnd).toBeNull();
    expect(paceOf(after(70_000, ended(on(7))), [], now).expectedEnd).toBe(on(7));
    expect(
      paceOf(given(launched({ budget: 10 ** 15 })).campaign, [{ time: on(7), amount: 1 }], now)
        .expectedEnd,
    ).toBeNull();
  });

  it('has no days left when nothing remains', () => {
    expect(paceOf(after(100_000), [], now)).toMatchObject({
      remaining: 0,
      daysLeft: { expected: 0, soonest: 0, latest: 0 },
      expectedEnd: on(8),
    });
  });
});
