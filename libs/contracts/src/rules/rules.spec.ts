import { describe, expect, it } from '@jest/globals';
import { billingCycleAt } from './billing-cycle.js';
import {
  budgetRemaining,
  campaignEnd,
  isBudgetExhausted,
  NO_SUMS,
  sumsAfter,
  type CampaignMoneyEvent,
} from './campaign-sums.js';
import {
  ENTRY_EVENTS,
  entryAfter,
  isPayable,
  type EntryEventType,
  type EntryState,
} from './entry-status.js';
import { PAYOUT_STATUSES, payoutHold, payoutStep } from './payout-step.js';
import { scrapeIntervalMs } from './scrape-interval.js';
import { failuresAfter, type SettlementFailureEvent } from './settlement-failures.js';

const after = (...types: EntryEventType[]) => types.reduce<EntryState | null>(entryAfter, null);

describe('an entry of a clip', () => {
  it.each([
    ['ClipSubmitted', 'PENDING', false],
    ['ClipSubmitted ClipApproved', 'APPROVED', false],
    ['ClipSubmitted ClipHeld', 'PENDING', true],
    ['ClipSubmitted ClipHeld ClipReleased', 'PENDING', false],
    ['ClipSubmitted ClipApproved ClipHeld', 'APPROVED', true],
    ['ClipSubmitted ClipApproved ClipHeld ClipReleased', 'APPROVED', false],
    ['ClipSubmitted ClipHeld ClipRejected', 'REJECTED', false],
    ['ClipSubmitted ClipRejected ClipSubmitted', 'PENDING', false],
  ])('after %s is %s, held: %s', (types, status, held) => {
    const state = after(...(types.split(' ') as EntryEventType[]));
    expect(state).toEqual({ status, held });
    expect(isPayable(state!)).toBe(status === 'APPROVED' && !held);
  });

  it('begins with its submission', () => {
    for (const type of ENTRY_EVENTS.slice(1))
      expect(() => after(type)).toThrow(`${type} came before the clip's submission.`);
  });
});

describe('a step of a payout', () => {
  it.each([
    [null, 'REQUESTED', 7, 0],
    ['REQUESTED', 'APPROVED', 0, 0],
    ['REQUESTED', 'REJECTED', -7, 0],
    ['APPROVED', 'PAID', -7, 7],
    ['APPROVED', 'FAILED', -7, 0],
    ['PAID', 'FAILED', 0, -7],
    ['PAID', 'PAID', 0, 0],
    ['FAILED', 'FAILED', 0, 0],
  ] as const)(
    'from %s to %s reserves %i more and pays %i more',
    (before, status, reserved, paid) => {
      expect(payoutStep(before, status, 7)).toEqual({ reserved, paid });
    },
  );

  it('adds up to what the payout holds, whatever the order of the steps', () => {
    for (const first of PAYOUT_STATUSES)
      for (const second of PAYOUT_STATUSES) {
        const steps = [payoutStep(null, first, 7), payoutStep(first, second, 7)];
        const sum = (of: 'reserved' | 'paid') => steps.reduce((total, step) => total + step[of], 0);
        expect({ reserved: sum('reserved'), paid: sum('paid') }).toEqual(payoutHold(second, 7));
      }
  });
});

describe('the sums of a campaign', () => {
  const ofCampaign = { campaignId: 'c', currency: 'USD' as const, decidedAt: null };
  const accrued = (total: number): CampaignMoneyEvent => ({
    type: 'EarningsAccrued',
    data: { ...ofCampaign, total, lines: [], leftOut: [] },
  });
  const reversed = (total: number): CampaignMoneyEvent => ({
    type: 'EarningsReversed',
    data: { ...ofCampaign, total, lines: [], by: 'x' },
  });
  const toppedUp = (amount: number): CampaignMoneyEvent => ({
    type: 'CampaignToppedUp',
    data: { campaignId: 'c', amount, by: 'x' },
  });

  it('say what remains of the budget, and whether it is used up', () => {
    let sums = { ...NO_SUMS, budget: 100 };
    const seen = [accrued(60), accrued(40), reversed(1), accrued(1), toppedUp(5)].map((event) => {
      sums = sumsAfter(sums, event);
      return [budgetRemaining(sums), isBudgetExhausted(sums)];
    });
    expect(seen).toEqual([
      [40, false],
      [0, true],
      [1, false],
      [0, true],
      [5, false],
    ]);
    expect(sums).toEqual({ ...NO_SUMS, budget: 105, accrued: 101, reversed: 1 });
  });

  it('end with the planned end, or an earlier actual one', () => {
    const [early, late] = ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00.001Z'];
    expect([campaignEnd(null, null), campaignEnd(late, null), campaignEnd(null, late)]).toEqual([
      null,
      late,
      late,
    ]);
    expect([campaignEnd(late, early), campaignEnd(early, late)]).toEqual([early, early]);
  });
});

describe('failures of a settlement', () => {
  const time = '2026-03-01T00:00:00Z';
  const later = '2026-03-02T00:00:00Z';
  const inCampaign = { campaignId: 'c', clipId: 'x-1' };
  const failed = (reason: string, at = time): SettlementFailureEvent => ({
    type: 'ClipSettlementFailed',
    time: at,
    data: { ...inCampaign, reason },
  });
  const sums = { campaignId: 'c', currency: 'USD' as const, total: 1, decidedAt: null };
  const basis = { views: 0, baseline: 0, earned: 0, voided: 0, had: 1 };
  const accrued = (clipId: string): SettlementFailureEvent => {
    const line = {
      clipId,
      creatorId: 'ann',
      fromViews: 0,
      toViews: 1,
      due: 1,
      amount: 1,
      observation: 'o',
      basis,
    };
    return { type: 'EarningsAccrued', time, data: { ...sums, lines: [line], leftOut: [] } };
  };
  const reversed = (by: string): SettlementFailureEvent => {
    const line = {
      clipId: 'x-1',
      creatorId: 'ann',
      amount: 1,
      reason: 'r',
      basis: by === 'a person' ? null : basis,
    };
    return { type: 'EarningsReversed', time, data: { ...sums, lines: [line], by } };
  };
  const held: SettlementFailureEvent = { type: 'CampaignClipHeld', time, data: inCampaign };
  const open = failuresAfter({}, failed('odd'));

  it('stay open with their first time and newest reason', () => {
    expect(open).toEqual({ 'x-1': { reason: 'odd', since: time } });
    expect(failuresAfter(open, failed('odder', later))).toEqual({
      'x-1': { reason: 'odder', since: time },
    });
    for (const event of [accrued('x-2'), reversed('a person')])
      expect(failuresAfter(open, event)).toBe(open);
  });

  it('end with the hold of the clip, or a line of a settlement for it', () => {
    for (const event of [accrued('x-1'), reversed('cliptally:settlement'), held])
      expect(failuresAfter(open, event)).toEqual({});
    expect(failuresAfter({}, failed('again', later))).toEqual({
      'x-1': { reason: 'again', since: later },
    });
  });
});

describe('a billing cycle', () => {
  it.each([
    ['2026-03-15T12:00:00Z', 1, '2026-03-01', '2026-04-01'],
    ['2026-03-01T00:00:00Z', 1, '2026-03-01', '2026-04-01'],
    ['2026-02-28T23:59:59Z', 1, '2026-02-01', '2026-03-01'],
    ['2026-01-09T00:00:00Z', 10, '2025-12-10', '2026-01-10'],
    ['2026-12-28T00:00:00Z', 28, '2026-12-28', '2027-01-28'],
  ])('at %s, beginning on day %i, goes from %s to %s', (instant, day, start, end) => {
    expect(billingCycleAt(new Date(instant), day)).toEqual({
      from: Date.parse(start),
      to: Date.parse(end),
    });
  });
});

describe('the time between an outcome and the next scrape request', () => {
  it('is the TTL of the cache after an observation', () => {
    expect(scrapeIntervalMs(0)).toBe(3_600_000);
  });
  it('doubles with each failure in a row, up to a day', () => {
    expect([1, 2, 4, 5, 6, 40].map((failures) => scrapeIntervalMs(failures) / 3_600_000)).toEqual([
      1, 2, 8, 16, 24, 24,
    ]);
  });
});
