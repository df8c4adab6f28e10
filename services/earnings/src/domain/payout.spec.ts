import { describe, expect, it } from '@jest/globals';
import { availableAt, outstandingOf } from './balance.js';
import { decidePayoutRequest } from './payout.js';
import { on, refusal, terms } from './testing/facts.js';
import {
  ofPayout,
  accrued,
  reversed,
  requested,
  approved,
  rejected,
  paid,
  failed,
  given,
  at,
  request,
} from './testing/payouts.js';

describe('what is available', () => {
  it('are earnings whose validation period is over', () => {
    const { balance } = given(accrued(5000, on(2)), accrued(700, on(4)));
    expect(availableAt(balance, at(4, 23))).toBe(0);
    expect(availableAt(balance, at(5))).toBe(5000);
    expect(availableAt(balance, at(7))).toBe(5700);
    expect(outstandingOf(balance)).toBe(5700);
  });

  it('each by the period of its own campaign', () => {
    const { balance } = given(accrued(5000, on(2)), accrued(700, on(2), 'slow'));
    expect(availableAt(balance, at(5))).toBe(5000);
    expect(availableAt(balance, at(9))).toBe(5700);
  });

  it('less what was reversed, at once, be it below 0', () => {
    const { balance } = given(accrued(5000, on(2)), reversed(2000, on(3)));
    expect(availableAt(balance, at(3))).toBe(-2000);
    expect(availableAt(balance, at(5))).toBe(3000);
  });

  it('less what is reserved and paid', () => {
    expect(availableAt(given(accrued(5000, on(2)), requested(3000, on(6))).balance, at(6))).toBe(
      2000,
    );
    const after = given(
      accrued(5000, on(2)),
      requested(3000, on(6)),
      approved(on(7)),
      paid(on(8)),
    ).balance;
    expect(after).toMatchObject({ reserved: 0, paid: 3000 });
    expect(availableAt(after, at(8))).toBe(2000);
  });

  it('and again what was reserved, when the payout is rejected or fails', () => {
    expect(
      availableAt(
        given(accrued(5000, on(2)), requested(3000, on(6)), rejected(on(7))).balance,
        at(7),
      ),
    ).toBe(5000);
    expect(
      availableAt(
        given(accrued(5000, on(2)), requested(3000, on(6)), approved(on(7)), failed(on(8))).balance,
        at(8),
      ),
    ).toBe(5000);
  });
});

describe('a payout is requested', () => {
  const { balance } = given(accrued(5000, on(2)));

  it('for at most what is available', () => {
    expect(request(balance, 5000, at(5))).toEqual([
      {
        type: 'PayoutRequested',
        data: {
          ...ofPayout,
          currency: 'USD',
          amount: 5000,
          basis: { available: 5000, kept: 0, minimum: 0 },
        },
      },
    ]);
    const error = refusal(() => request(balance, 5001, at(5)));
    expect(error).toMatchObject({ kind: 'rule', code: 'over_balance', field: 'amount' });
    expect(error.message).toContain('50.01 USD is more than the 50.00 USD that is available now');
    expect(refusal(() => request(balance, 1, at(4))).code).toBe('over_balance');
  });

  it('for at least the minimum', () => {
    const minPayout = { spring: 2000 };
    expect(request(balance, 2000, at(5), { minPayout })).toHaveLength(1);
    expect(refusal(() => request(balance, 1999, at(5), { minPayout }))).toMatchObject({
      kind: 'rule',
      code: 'below_minimum',
    });
  });

  it('once by an id, in a whole amount of a currency we know', () => {
    const { payout } = given(accrued(5000, on(2)), requested(100, on(5)));
    const again = () =>
      decidePayoutRequest(
        payout,
        balance,
        { ...ofPayout, currency: 'USD', amount: 100 },
        [],
        at(5),
      );
    expect(refusal(again)).toMatchObject({ kind: 'conflict', code: 'payout_exists' });
    expect(refusal(() => request(balance, 0.5, at(5)))).toMatchObject({
      kind: 'malformed',
      field: 'amount',
    });
    expect(refusal(() => request(balance, 100, at(5), { currency: 'XYZ' }))).toMatchObject({
      kind: 'malformed',
      field: 'currency',
    });
  });

  it('D2: each campaign keeps what is below its own minimum', () => {
    const { balance } = given(accrued(200, on(2), 'x'), accrued(3000, on(2), 'y'));
    const minPayout = { x: 5000, y: 1000 };
    expect(request(balance, 3000, at(5), { minPayout })).toMatchObject([
      { data: { amount: 3000, basis: { available: 3200, kept: 200, minimum: 1000 } } },
    ]);
    const error = refusal(() => request(balance, 3001, at(5), { minPayout }));
    expect(error).toMatchObject({ kind: 'rule', code: 'below_minimum', field: 'amount' });
    expect(error.message).toContain('not yet 2.00 USD of "x" (from 50.00 USD on)');
    expect(refusal(() => request(balance, 999, at(5), { minPayout })).code).toBe('below_minimum');
  });

  it('a minimum that was reached once stays reached, also after a payout or a reversal', () => {
    const minPayout = { spring: 2000 };
    const facts = [accrued(5000, on(2)), requested(3000, on(5)), approved(on(6)), paid(on(6))];
    const after = given(...facts, reversed(3500, on(6)), accrued(4000, on(6))).balance;
    expect(request(after, 2500, at(9), { minPayout })).toHaveLength(1);
  });

  it('earnings that are being validated do not reach a minimum', () => {
    const { balance } = given(accrued(1500, on(2)), accrued(600, on(4)));
    const minPayout = { spring: 2000 };
    expect(refusal(() => request(balance, 1500, at(5), { minPayout })).code).toBe('below_minimum');
    expect(request(balance, 2100, at(7), { minPayout })).toHaveLength(1);
  });

  it('D1: when all campaigns of the creator are over, the rest can be paid out whatever it is', () => {
    const { balance } = given(accrued(1500, on(2)));
    const minPayout = { spring: 2000 };
    const endsAt = on(8);
    const early = () => request(balance, 1500, at(7, 23), { minPayout, endsAt });
    expect(refusal(early)).toMatchObject({ code: 'below_minimum' });
    expect(request(balance, 1500, at(8), { minPayout, endsAt })).toMatchObject([
      { data: { amount: 1500, basis: { available: 1500, kept: 0, minimum: 0 } } },
    ]);
  });

  it('a campaign that is over keeps its rest while another one goes on, and no longer', () => {
    const { balance } = given(accrued(1500, on(2)), accrued(300, on(2), 'y'));
    const over = { campaignId: 'spring', terms: terms({ minPayout: 2000, endsAt: on(8) }) };
    const goesOn = { campaignId: 'y', terms: terms({ minPayout: 1000 }) };
    const ask = (endedAt: string | null) =>
      decidePayoutRequest(
        null,
        balance,
        { ...ofPayout, currency: 'USD', amount: 1800 },
        [
          { ...over, endedAt: null },
          { ...goesOn, endedAt },
        ],
        at(9),
      );
    expect(refusal(() => ask(null)).message).toContain('all of your campaigns are over');
    expect(ask(on(9))).toHaveLength(1);
  });
});
