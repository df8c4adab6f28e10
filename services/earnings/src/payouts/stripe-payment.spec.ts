import { describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { takenBackIn } from './stripe-payment.js';

const webhook = (type: string, object: object) =>
  takenBackIn({ type, data: { object } } as unknown as Stripe.Event);
const refund = (more: object) =>
  webhook('refund.updated', {
    object: 'refund',
    id: 're_1',
    payment_intent: 'pi_1',
    currency: 'usd',
    amount: 300,
    status: 'succeeded',
    ...more,
  });
const dispute = (status: string, type = 'charge.dispute.updated') =>
  webhook(type, { object: 'dispute', id: 'du_1', payment_intent: { id: 'pi_1' }, currency: 'usd', amount: 300, status }); // prettier-ignore

describe('what a webhook of Stripe says that goes back of a payment', () => {
  it.each(['pending', 'requires_action', 'succeeded', null])('a refund that is %s', (status) => {
    expect(refund({ status })).toEqual({
      reference: 'pi_1',
      refundId: 're_1',
      currency: 'USD',
      amount: 300,
      by: 'cliptally:stripe',
      stands: true,
    });
  });

  it.each(['failed', 'canceled'])('nothing any more of a refund that is %s', (status) => {
    expect(refund({ status })).toMatchObject({ refundId: 're_1', stands: false });
  });

  it.each(['needs_response', 'under_review', 'lost', 'appeal_needs_response'])(
    'a dispute that is %s',
    (status) => {
      const taken = { reference: 'pi_1', refundId: 'du_1', amount: 300, stands: true };
      expect(dispute(status)).toMatchObject(taken);
      // Of a payment that was refunded in part, some comes back though the dispute is lost.
      expect(dispute(status, 'charge.dispute.funds_reinstated')).toMatchObject(taken);
    },
  );

  it('nothing any more of a dispute that was won, whichever event says so', () => {
    for (const type of ['charge.dispute.closed', 'charge.dispute.funds_reinstated'])
      expect(dispute('won', type)).toMatchObject({ refundId: 'du_1', stands: false });
  });

  it.each(['warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented'])(
    'nothing of an inquiry, which withdraws nothing: %s',
    (status) => expect(dispute(status, 'charge.dispute.created')).toBeNull(),
  );

  it('nothing of what has no payment intent, and of other events', () => {
    expect(refund({ payment_intent: null })).toBeNull();
    expect(webhook('transfer.reversed', { object: 'transfer', id: 'tr_1' })).toBeNull();
  });

  it('an amount in minor units, of currencies that Stripe counts otherwise', () => {
    expect(refund({ currency: 'isk', amount: 30_000 })).toMatchObject({ amount: 300 });
  });
});
