import { describe, expect, it } from '@jest/globals';
import { decideRefund, decideRefundUndone } from './funding-refund.js';
import { decideCommitment } from './funding.js';
import { RuleBroken } from './rule-broken.js';

const of = { brandId: 'ada', reference: 'pi_1', currency: 'USD' };
const payment = { ...of, amount: 1_000 };
const refund = { ...of, refundId: 're_1', amount: 300, by: 'root' };
const known = { ...of, refundId: 're_1', amount: 300, undone: false };
const codeOf = (decide: () => unknown): [string, string] => {
  try {
    decide();
  } catch (error) {
    if (error instanceof RuleBroken) return [error.code, error.message];
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('what goes back of a payment by a brand', () => {
  it('is recorded once, also if it comes late or again', () => {
    expect(decideRefund(payment, null, refund)).toEqual([{ type: 'BudgetRefunded', data: refund }]);
    expect(decideRefund(payment, known, refund)).toEqual([]);
    expect(decideRefund(payment, { ...known, undone: true }, refund)).toEqual([]);
  });

  it('is refused with the way out', () => {
    expect(codeOf(() => decideRefund(null, null, refund))).toEqual([
      'payment_unknown',
      '"ada" has no payment "pi_1": record the payment first, or give the reference of the one that was refunded.',
    ]);
    expect(codeOf(() => decideRefund(payment, null, { ...refund, amount: 1_001 }))[0]).toBe(
      'refund_too_large',
    );
    expect(codeOf(() => decideRefund(payment, null, { ...refund, currency: 'EUR' }))[1]).toBe(
      'currency must be USD, as of the payment.',
    );
    for (const other of [{ amount: 301 }, { reference: 'pi_2' }])
      expect(codeOf(() => decideRefund(payment, known, { ...refund, ...other }))).toEqual([
        'reference_taken',
        '"re_1" is a refund of 3.00 USD of the payment "pi_1" already: give the id of the other refund.',
      ]);
  });

  it('comes back whole and once, by the one who says it', () => {
    expect(decideRefundUndone(known, 'eve')).toEqual([
      { type: 'BudgetRefundUndone', data: { ...refund, by: 'eve' } },
    ]);
    expect(decideRefundUndone({ ...known, undone: true }, 'eve')).toEqual([]);
  });

  it('is in what a launch is refused with', () => {
    const asked = { brandId: 'ada', campaignId: 'c', currency: 'USD', amount: 100 };
    const funding = { funded: 700, refunded: 300, committed: 800, returned: 0 };
    expect(codeOf(() => decideCommitment(funding, asked))[1]).toBe(
      '"ada" has -1.00 USD left of the 7.00 USD that it has paid in (3.00 USD more went back to it), and 1.00 USD would be committed: pay in 2.00 USD first, or ask for less.',
    );
    expect(decideCommitment({ ...funding, committed: 600 }, asked)).toHaveLength(1);
  });
});
