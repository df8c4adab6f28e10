import { describe, expect, it } from '@jest/globals';
import { availableAt, EMPTY_BALANCE, outstandingOf, type Balance } from './balance.js';
import { decidePayoutAccount } from './payout-account.js';
import {
  BY_STRIPE, decideOutsidePayment, decidePayoutApproval, decidePayoutFailure, decidePayoutPaid, decidePayoutRejection, decidePayoutReturn, decidePayoutRequest, evolvePayout,
  type Payout, type PayoutFact,
} from './payout.js'; // prettier-ignore
import { post, statementOf, type MoneyFact } from './testing/ledger.js';
import { ADMIN, eventId, fact, launched, on, recorded, refusal, terms } from './testing/facts.js';

const ofPayout = { payoutId: 'p1', creatorId: 'ann' };
const by = ADMIN;
const accrued = (amount: number, time: string, campaignId = 'spring') => {
  const line = {
    clipId: 'tiktok-a',
    creatorId: 'ann',
    fromViews: 0,
    toViews: 10_000,
    due: amount,
    amount,
    observation: eventId(1),
  };
  return fact(
    'EarningsAccrued',
    { campaignId, currency: 'USD', total: amount, lines: [line] },
    time,
  );
};
const reversed = (amount: number, time: string) => {
  const lines = [{ clipId: 'tiktok-a', creatorId: 'ann', amount, reason: 'bots' }];
  return fact(
    'EarningsReversed',
    { campaignId: 'spring', currency: 'USD', total: amount, lines, by },
    time,
  );
};
const requested = (amount: number, time: string, payoutId = 'p1') =>
  fact('PayoutRequested', { ...ofPayout, payoutId, currency: 'USD', amount }, time);
const STRIPE = { provider: 'stripe', account: 'acct_1' } as const;
const approved = (time: string) => fact('PayoutApproved', { ...ofPayout, by }, time);
const sentToStripe = (time: string) =>
  fact('PayoutApproved', { ...ofPayout, destination: STRIPE, by }, time);
const rejected = (time: string) =>
  fact('PayoutRejected', { ...ofPayout, reason: 'no tax form', by }, time);
const paid = (time: string) =>
  fact('PayoutPaid', { ...ofPayout, externalReference: 'tr_1', by }, time);
const failed = (time: string) =>
  fact('PayoutFailed', { ...ofPayout, reason: 'account closed', by }, time);

/** Ann's balance and her payout "p1" after these events; earnings are validated for 3 days. */
function given(...facts: MoneyFact[]): { balance: Balance; payout: Payout } {
  const lines = statementOf({ creatorId: 'ann' }, [
    launched(),
    launched({ validationDays: 7 }, 'slow'),
    launched({}, 'x'),
    launched({}, 'y'),
    ...facts,
  ]);
  const ofP1 = facts.filter(
    (f): f is PayoutFact => 'payoutId' in f.data && f.data.payoutId === 'p1',
  );
  return {
    balance: lines.reduce(post, EMPTY_BALANCE),
    payout: ofP1.reduce<Payout | null>(evolvePayout, null)!,
  };
}
const at = (day: number, hour = 0) => new Date(on(day, hour));
const request = (
  balance: Balance,
  amount: number,
  now: Date,
  {
    currency = 'USD',
    minPayout = {} as Record<string, number>,
    endsAt = null as string | null,
  } = {},
) => {
  const campaigns = balance.campaigns.map(({ campaignId }) => ({
    campaignId,
    terms: terms({ minPayout: minPayout[campaignId] ?? 0, endsAt }),
    endedAt: null,
  }));
  return decidePayoutRequest(null, balance, { ...ofPayout, currency, amount }, campaigns, now);
};

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
