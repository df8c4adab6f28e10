import { describe, expect, it } from '@jest/globals';
import { availableAt } from './balance.js';
import { decidePayoutAccount } from './payout-account.js';
import { decideOutsidePayment } from './outside-payment.js';
import {
  BY_STRIPE,
  decidePayoutApproval,
  decidePayoutFailure,
  decidePayoutPaid,
  decidePayoutRejection,
  decidePayoutReturn,
  decidePayoutRequest,
  evolvePayout,
  type Payout,
} from './payout.js';
import { type MoneyFact } from './testing/ledger.js';
import { fact, on, recorded, refusal, terms } from './testing/facts.js';
import {
  ofPayout,
  by,
  accrued,
  reversed,
  requested,
  STRIPE,
  approved,
  sentToStripe,
  rejected,
  paid,
  failed,
  given,
  at,
} from './testing/payouts.js';

describe('a payment outside is recorded', () => {
  const before = given(accrued(5000, on(2)));
  const known = given(accrued(5000, on(2)), requested(2500, on(6)), approved(on(6)), paid(on(6)));
  const record = ({ balance }: typeof before, amount: number, of: Payout | null = null) =>
    decideOutsidePayment(
      null,
      of,
      balance,
      { ...ofPayout, currency: 'USD', amount, externalReference: 'cash', by },
      at(6),
    );

  it('D3: a payment made outside is recorded in one step, and cannot be paid again', () => {
    const events = record(before, 2500);
    expect(events.map(({ type }) => type)).toEqual([
      'PayoutRequested',
      'PayoutApproved',
      'PayoutPaid',
    ]);
    const after = given(accrued(5000, on(2)), ...(recorded(events, on(6)) as MoneyFact[]));
    expect(after.payout).toMatchObject({ status: 'PAID', amount: 2500, externalReference: 'cash' });
    expect(availableAt(after.balance, at(6))).toBe(2500);
    const { payout, balance } = after;
    expect(refusal(() => decidePayoutApproval(payout, balance, { by }, at(6))).code).toBe(
      'payout_state',
    );
    const again = { externalReference: 'other', by };
    expect(refusal(() => decidePayoutPaid(payout, balance, again, at(6))).code).toBe('payout_paid');
  });

  it('for at most what is available, and once by its reference', () => {
    expect(refusal(() => record(before, 5001)).code).toBe('over_balance');
    expect(record(known, 2500, known.payout)).toEqual([]);
    expect(refusal(() => record(known, 2501, known.payout))).toMatchObject({
      kind: 'conflict',
      code: 'reference_taken',
    });
  });
});

describe('a payout goes REQUESTED -> APPROVED -> PAID or FAILED, or REQUESTED -> REJECTED', () => {
  const asked = given(accrued(5000, on(2)), requested(3000, on(6)));
  const granted = given(accrued(5000, on(2)), requested(3000, on(6)), approved(on(7)));
  const refused = given(accrued(5000, on(2)), requested(3000, on(6)), rejected(on(7)));
  const done = given(accrued(5000, on(2)), requested(3000, on(6)), approved(on(7)), paid(on(8)));
  const bounced = given(
    accrued(5000, on(2)),
    requested(3000, on(6)),
    approved(on(7)),
    failed(on(8)),
  );
  const all = {
    REQUESTED: asked,
    APPROVED: granted,
    REJECTED: refused,
    PAID: done,
    FAILED: bounced,
  };

  const approve = ({ payout, balance }: typeof asked) =>
    decidePayoutApproval(payout, balance, { by }, at(8));
  const reject = ({ payout }: typeof asked) =>
    decidePayoutRejection(payout, { reason: 'no tax form', by });
  const pay = ({ payout, balance }: typeof asked, externalReference = 'tr_2') =>
    decidePayoutPaid(payout, balance, { externalReference, by }, at(8));
  const fail = ({ payout }: typeof asked) =>
    decidePayoutFailure(payout, { reason: 'account closed', by });

  it.each([
    ['approved', 'PayoutApproved', 'REQUESTED', approve],
    ['rejected', 'PayoutRejected', 'REQUESTED', reject],
    ['paid', 'PayoutPaid', 'APPROVED', pay],
    ['recorded as failed', 'PayoutFailed', 'APPROVED', fail],
  ] as const)('is %s (%s) only from %s', (_, type, from, command) => {
    for (const [status, state] of Object.entries(all)) {
      if (status === from) expect(command(state)).toMatchObject([{ type, data: ofPayout }]);
      else
        expect(refusal(() => command(state))).toMatchObject({
          kind: 'conflict',
          message: expect.stringMatching(/is [A-Z]+:|was paid by/),
        });
    }
  });

  it('paid twice with the same reference is no event, with another a conflict', () => {
    expect(pay(done, 'tr_1')).toEqual([]);
    expect(refusal(() => pay(done, 'tr_2'))).toMatchObject({
      kind: 'conflict',
      code: 'payout_paid',
    });
    expect(refusal(() => pay(granted, ''))).toMatchObject({
      kind: 'malformed',
      field: 'externalReference',
    });
  });

  it('a reversal in between blocks approval and payment, until new earnings have made up for it', () => {
    const shortAsked = given(accrued(5000, on(2)), requested(3000, on(6)), reversed(2001, on(7)));
    const shortGranted = given(
      accrued(5000, on(2)),
      requested(3000, on(6)),
      approved(on(6)),
      reversed(2001, on(7)),
    );
    for (const command of [() => approve(shortAsked), () => pay(shortGranted)]) {
      expect(refusal(command)).toMatchObject({
        kind: 'conflict',
        code: 'balance_below_zero',
        message: expect.stringContaining('-0.01 USD'),
      });
    }
    const recovered = given(
      accrued(5000, on(2)),
      accrued(1, on(4)),
      requested(3000, on(6)),
      approved(on(6)),
      reversed(2001, on(7)),
    );
    expect(pay(recovered)).toHaveLength(1);
  });

  it('a reversal that leaves enough blocks nothing', () => {
    expect(
      approve(given(accrued(5000, on(2)), requested(3000, on(6)), reversed(2000, on(7)))),
    ).toHaveLength(1);
  });

  it('a history must begin with the request', () => {
    expect(() => evolvePayout(null, approved(on(2)))).toThrow('before its request');
  });
});

describe('a payout goes where its approval says', () => {
  const asked = given(accrued(5000, on(2)), requested(3000, on(6)));
  const atStripe = given(accrued(5000, on(2)), requested(3000, on(6)), sentToStripe(on(7)));
  const paidByStripe = given(
    accrued(5000, on(2)),
    requested(3000, on(6)),
    sentToStripe(on(7)),
    paid(on(8)),
  );

  it('which a later change of the account does not change', () => {
    const [event] = decidePayoutApproval(
      asked.payout,
      asked.balance,
      { by, destination: STRIPE },
      at(7),
    );
    expect(event).toEqual({
      type: 'PayoutApproved',
      data: { ...ofPayout, destination: STRIPE, by },
    });
    expect(atStripe.payout.destination).toEqual(STRIPE);
    expect(asked.payout.destination).toBeNull();
  });

  it('and which is that of its request', () => {
    const campaigns = [{ campaignId: 'spring', terms: terms(), endedAt: null }];
    const asking = { ...ofPayout, currency: 'USD', amount: 100, destination: STRIPE };
    const [event] = decidePayoutRequest(null, asked.balance, asking, campaigns, at(7));
    expect(event!.data.destination).toEqual(STRIPE);
    expect(evolvePayout(null, fact('PayoutRequested', event!.data, on(7))).destination).toEqual(STRIPE);
  }); // prettier-ignore

  it('and which waits if the account was changed after the request', () => {
    const approve = (now: Date, setAt: string | null) =>
      decidePayoutApproval(asked.payout, asked.balance, { by, account: { setAt, coolingMs: 72 * 3_600_000 } }, now);
    for (const setAt of [null, on(5), on(6)]) expect(approve(at(6), setAt)).toHaveLength(1);
    const error = refusal(() => approve(at(9, 11), on(6, 12)));
    expect(error).toMatchObject({ kind: 'conflict', code: 'payout_account_changed' });
    expect(error.message).toContain(`it can be approved from ${on(9, 12)} on`);
    expect(approve(at(9, 12), on(6, 12))).toHaveLength(1);
  }); // prettier-ignore

  it('a person cannot say how a payout ended that Stripe carries out', () => {
    const commands = [
      () =>
        decidePayoutPaid(
          atStripe.payout,
          atStripe.balance,
          { externalReference: 'bank', by },
          at(8),
        ),
      () => decidePayoutFailure(atStripe.payout, { reason: 'slow', by }),
    ];
    for (const command of commands)
      expect(refusal(command)).toMatchObject({ kind: 'conflict', code: 'payout_at_stripe' });
    expect(
      decidePayoutPaid(
        atStripe.payout,
        atStripe.balance,
        { externalReference: 'tr_1', by: BY_STRIPE },
        at(8),
      ),
    ).toHaveLength(1);
    expect(
      decidePayoutFailure(atStripe.payout, { reason: 'no such account', by: BY_STRIPE }),
    ).toHaveLength(1);
  });

  it('a transfer that Stripe takes back has failed, and its amount is available again', () => {
    const back = { externalReference: 'tr_1', reason: 'reversed' };
    const failure = [
      { type: 'PayoutFailed', data: { ...ofPayout, reason: 'reversed', by: BY_STRIPE } },
    ];
    expect(decidePayoutReturn(paidByStripe.payout, back)).toEqual(failure);
    expect(decidePayoutReturn(atStripe.payout, back)).toEqual(failure);
    expect(
      refusal(() => decidePayoutReturn(paidByStripe.payout, { ...back, externalReference: 'tr_2' }))
        .code,
    ).toBe('payout_paid');
    const after = given(
      accrued(5000, on(2)),
      requested(3000, on(6)),
      sentToStripe(on(7)),
      paid(on(8)),
      failed(on(9)),
    );
    expect(decidePayoutReturn(after.payout, back)).toEqual([]);
    expect([after.balance.reserved, after.balance.paid, availableAt(after.balance, at(9))]).toEqual(
      [0, 0, 5000],
    );
  });

  it('an account is said once, and must look like one', () => {
    const set = (
      provider: 'manual' | 'stripe',
      account: string,
      current: Parameters<typeof decidePayoutAccount>[0] = null,
    ) => decidePayoutAccount(current, { creatorId: 'ann', provider, account, by: 'ann' });
    expect(set('stripe', 'acct_1')).toEqual([
      { type: 'PayoutAccountSet', data: { creatorId: 'ann', ...STRIPE, by: 'ann' } },
    ]);
    expect(set('stripe', 'acct_1', STRIPE)).toEqual([]);
    expect(set('manual', 'ann@example.com', STRIPE)).toHaveLength(1);
    for (const [provider, account] of [
      ['stripe', 'ann'],
      ['manual', ''],
      ['manual', ' ann'],
      ['manual', 'a\tb'],
    ] as const)
      expect(refusal(() => set(provider, account))).toMatchObject({
        kind: 'malformed',
        field: 'account',
      });
  });
});
