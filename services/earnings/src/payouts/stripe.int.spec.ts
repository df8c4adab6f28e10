import { ManualClock } from '@cliptally/contracts';
import { startStripeStandIn, type StripeStandIn } from '@cliptally/dev/stripe-stand-in';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stripe } from 'stripe';
import type { Role } from '@cliptally/contracts/api';
import { startApiWorld } from '../testing/api-world.js';
import {
  SECRET_KEY,
  WEBHOOK_SECRET,
  HOUR_MS,
  type World,
  earn,
  requested,
  approve,
  until,
  untilStatus,
} from './testing/payout-steps.js';

describe('payouts by Stripe Connect', () => {
  const clock = new ManualClock('2026-02-01T00:00:00Z');
  let world: World;
  let stripe: StripeStandIn;
  beforeAll(async () => {
    stripe = await startStripeStandIn({
      clock,
      secretKey: SECRET_KEY,
      accounts: ['acct_ann', 'acct_bob', 'acct_yen'],
      balance: { eur: 50 },
    });
    world = await startApiWorld({
      clock,
      stripe: { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, baseUrl: stripe.url },
    });
    for (const creator of ['ann', 'bob', 'yen'])
      await world.post(`/creators/${creator}/payout-account`, {
        provider: 'stripe',
        account: `acct_${creator}`,
      });
    await earn(world, 'ann', 1_000_000);
    await earn(world, 'bob', 1_000_000);
  });
  afterAll(async () => {
    await world.close();
    await stripe.close();
  });

  const send = async (creatorId: string, amount: number, more: object = {}) => {
    const payoutId = await requested(world, creatorId, amount, more);
    expect((await approve(world, payoutId)).status).toBe(200);
    return payoutId;
  };
  const transfersOf = (payoutId: string) =>
    stripe.transfers.filter((t) => t.transfer_group === payoutId);
  const deliver = (body: string, signature: string) =>
    fetch(`${world.service.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body,
    });
  const signatureOf = (payload: string, secret = WEBHOOK_SECRET, at = clock.now()) =>
    Stripe.webhooks.generateTestHeaderString({
      payload,
      secret,
      timestamp: Math.floor(at.getTime() / 1000),
    });
  const tell = (type: string, object: object) => {
    const body = JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } });
    return deliver(body, signatureOf(body)).then(({ status }) => status);
  };

  it('an approval is a transfer, and its id the reference', async () => {
    const payoutId = await send('ann', 12_345);
    await untilStatus(world, payoutId, 'PAID');
    const [transfer, ...more] = transfersOf(payoutId);
    expect(more).toEqual([]);
    expect(transfer).toMatchObject({ amount: 12_345, currency: 'usd', destination: 'acct_ann' });
    expect((await world.get(`/payouts/${payoutId}`)).body).toMatchObject({
      externalReference: transfer!.id,
    });
    // A person cannot say otherwise of what Stripe carries out.
    stripe.strike(
      { kind: 'error', status: 429, type: 'rate_limit_error' },
      { kind: 'error', status: 429, type: 'rate_limit_error' },
    );
    const open = await send('ann', 100);
    expect(await world.post(`/payouts/${open}/paid`, { externalReference: 'bank' })).toMatchObject({
      status: 409,
      body: { code: 'payout_at_stripe' },
    });
    expect((await world.post(`/payouts/${open}/failed`, { reason: 'slow' })).status).toBe(409);
    await until(() => (clock.advance(5_000), transfersOf(open).length === 1));
    await untilStatus(world, open, 'PAID');
  });

  it('no answer, a lost answer and an error of Stripe are asked about again, and paid once', async () => {
    const faults = [
      { kind: 'reset', when: 'before' },
      { kind: 'reset', when: 'after' },
      { kind: 'error', status: 500, type: 'api_error' },
      { kind: 'error', status: 401, type: 'invalid_request_error' },
      { kind: 'error', status: 409, type: 'idempotency_error', code: 'idempotency_key_in_use' },
    ] as const;
    for (const fault of faults) {
      // The client repeats a request by itself once; the second fault makes the sender come back.
      stripe.strike(fault, fault);
      const payoutId = await send('bob', 100);
      await until(async () => {
        clock.advance(5_000);
        return (await world.get(`/payouts/${payoutId}`)).body.status === 'PAID';
      });
      expect([fault, transfersOf(payoutId).length]).toEqual([fault, 1]);
      stripe.forgetKeys();
    }
  });

  it('what Stripe refuses has failed, with its reason, and is available again', async () => {
    const before = (await world.get('/creators/ann/balance')).body.balances[0].available;
    stripe.accounts.delete('acct_ann');
    const payoutId = await send('ann', 1_000);
    await untilStatus(world, payoutId, 'FAILED');
    stripe.accounts.add('acct_ann');
    expect((await world.get('/creators/ann/balance')).body.balances[0].available).toBe(before);
    const last = (await Array.fromAsync(world.store.readStream('payout-ann'))).at(-1)!;
    expect(last.data).toMatchObject({
      reason: expect.stringContaining("No such destination: 'acct_ann'"),
      by: 'cliptally:stripe',
    });
  });

  const metric = async (name: string) =>
    (await (await fetch(`${world.service.url}/metrics`)).text())
      .split('\n')
      .find((line) => line.startsWith(`${name}{`) && line.includes('"balance"'))
      ?.split(' ')
      .at(-1);
  const waitsForBalance = () =>
    until(async () => (await metric('cliptally_payouts_waiting')) === '1');

  it('D6: a payday waits for the balance at Stripe, and is paid the same day by itself', async () => {
    await earn(world, 'ann', 20_000, 'EUR');
    const poor = await send('ann', 100, { currency: 'EUR' });
    await waitsForBalance();
    clock.advance(30_000);
    expect((await world.get(`/payouts/${poor}`)).body.status).toBe('APPROVED');
    stripe.fund('eur', 50);
    await until(async () => {
      clock.advance(60_000);
      return (await world.get(`/payouts/${poor}`)).body.status === 'PAID';
    });
    expect(transfersOf(poor)).toHaveLength(1);
    await until(async () => (await metric('cliptally_payouts_waiting')) === '0');
  });

  it('and fails when the balance has not come for 20 hours', async () => {
    const poor = await send('ann', 50, { currency: 'EUR' });
    await waitsForBalance();
    clock.advance(20 * HOUR_MS);
    await untilStatus(world, poor, 'FAILED');
    expect(transfersOf(poor)).toEqual([]);
    const last = (await Array.fromAsync(world.store.readStream('payout-ann'))).at(-1)!;
    expect(last.data).toMatchObject({ reason: expect.stringContaining('balance_insufficient') });
  });

  it('currencies go in their own decimals, and never rounded', async () => {
    await earn(world, 'yen', 100_000, 'JPY');
    await earn(world, 'yen', 100_000, 'KWD');
    const yen = await send('yen', 1_234, { currency: 'JPY' });
    const fils = await send('yen', 1_230, { currency: 'KWD' });
    for (const id of [yen, fils]) await untilStatus(world, id, 'PAID');
    expect(transfersOf(yen)[0]).toMatchObject({ amount: 1_234, currency: 'jpy' });
    expect(transfersOf(fils)[0]).toMatchObject({ amount: 1_230, currency: 'kwd' });
    const odd = await requested(world, 'yen', 1_234, { currency: 'KWD' });
    expect(await approve(world, odd)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('1.234 KWD cannot be sent exactly') },
    });
  });

  it('a payout that a reversal has uncovered is not sent until new earnings have made up for it', async () => {
    const clipId = await earn(world, 'bob', 100_000, 'GBP');
    const payoutId = await requested(world, 'bob', 10_000, { currency: 'GBP' });
    stripe.strike(
      { kind: 'error', status: 429, type: 'rate_limit_error' },
      { kind: 'error', status: 429, type: 'rate_limit_error' },
    );
    await approve(world, payoutId);
    expect(
      (await world.post(`/clips/${clipId}/reverse`, { amount: 1, reason: 'bots' })).status,
    ).toBe(200);
    for (let i = 0; i < 5; i++) {
      clock.advance(HOUR_MS);
      await world.service.settled(AbortSignal.timeout(120_000));
    }
    expect([
      transfersOf(payoutId).length,
      (await world.get(`/payouts/${payoutId}`)).body.status,
    ]).toEqual([0, 'APPROVED']);
    await world.see(clipId, 100_010);
    await until(() => (clock.advance(HOUR_MS), transfersOf(payoutId).length === 1));
    await untilStatus(world, payoutId, 'PAID');
  });

  describe('webhooks', () => {
    it('are taken only as Stripe signed them, and not long ago', async () => {
      const body = JSON.stringify({
        id: 'evt_1',
        object: 'event',
        type: 'transfer.created',
        data: { object: { metadata: {} } },
      });
      const old = new Date(clock.now().getTime() - 10 * 60_000);
      const forged: [string, string][] = [
        [body, ''],
        [body, 'nonsense'],
        [body, signatureOf(body, 'whsec_other')],
        [body, signatureOf(body, WEBHOOK_SECRET, old)],
        [`${body} `, signatureOf(body)],
      ];
      for (const [text, signature] of forged) {
        const answer = await deliver(text, signature);
        expect([signature, answer.status]).toEqual([signature, 400]);
        expect(await answer.text()).not.toContain('whsec');
      }
      expect((await deliver(body, signatureOf(body))).status).toBe(200);
      expect(await tell('charge.succeeded', {})).toBe(200);
    });

    it('say what the answer could not, and count once, in any order and number', async () => {
      stripe.setWebhook({ url: `${world.service.url}/webhooks/stripe`, secret: WEBHOOK_SECRET });
      stripe.strike({ kind: 'reset', when: 'after' }, { kind: 'reset', when: 'after' });
      const payoutId = await send('ann', 777);
      // The clock stands still, so that the sender does not ask again: the webhook alone tells.
      await untilStatus(world, payoutId, 'PAID');
      const [transfer] = transfersOf(payoutId);
      for (let i = 0; i < 3; i++) expect(await tell('transfer.created', transfer!)).toBe(200);
      const paid = (await Array.fromAsync(world.store.readStream('payout-ann'))).filter(
        (e) => e.type === 'PayoutPaid' && e.data.payoutId === payoutId,
      );
      expect(paid).toHaveLength(1);
      stripe.setWebhook(undefined);
    });

    it('of a transfer that was taken back make the payout fail, and its amount available again', async () => {
      stripe.setWebhook({ url: `${world.service.url}/webhooks/stripe`, secret: WEBHOOK_SECRET });
      const payoutId = await send('ann', 555);
      await untilStatus(world, payoutId, 'PAID');
      const { paid, available } = (await world.get('/creators/ann/balance')).body.balances.find(
        (b: { currency: string }) => b.currency === 'USD',
      );
      const [transfer] = transfersOf(payoutId);
      stripe.reverse(transfer!.id, 5);
      stripe.reverse(transfer!.id);
      await untilStatus(world, payoutId, 'FAILED');
      expect(await tell('transfer.reversed', { ...transfer, reversed: true })).toBe(200);
      expect(await tell('transfer.created', transfer!)).toBe(200);
      expect((await world.get('/creators/ann/balance')).body.balances).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            currency: 'USD',
            paid: paid - 555,
            available: available + 555,
          }),
        ]),
      );
      stripe.setWebhook(undefined);
    });

    it('of other transfers, or of other amounts and accounts, change nothing', async () => {
      stripe.strike(
        { kind: 'error', status: 503, type: 'api_error' },
        { kind: 'error', status: 503, type: 'api_error' },
      );
      const payoutId = await send('bob', 100);
      const ours = {
        id: 'tr_x',
        amount: 100,
        currency: 'usd',
        destination: 'acct_bob',
        reversed: false,
        metadata: { cliptally_payout: payoutId },
      };
      expect(await tell('transfer.created', { ...ours, metadata: {} })).toBe(200);
      expect(await tell('transfer.created', { ...ours, amount: 99 })).toBe(200);
      expect(await tell('transfer.created', { ...ours, destination: 'acct_ann' })).toBe(200);
      expect((await world.get(`/payouts/${payoutId}`)).body.status).toBe('APPROVED');
      await until(() => (clock.advance(5_000), transfersOf(payoutId).length === 1));
      await untilStatus(world, payoutId, 'PAID');
    });
  });

  it('nobody was paid twice', async () => {
    const groups = Map.groupBy(stripe.transfers, ({ transfer_group }) => transfer_group);
    expect([...groups.values()].filter((transfers) => transfers.length > 1)).toEqual([]);
    const as: [Role, string] = ['creator', 'ann'];
    const { balances } = (await world.get('/creators/ann/balance', { as })).body;
    const sent = stripe.transfers.filter(
      (t) => t.destination === 'acct_ann' && t.currency === 'usd',
    );
    const usd = balances.find(({ currency }: { currency: string }) => currency === 'USD');
    expect(usd.paid).toBe(
      sent.reduce((sum, { amount, amount_reversed: back }) => sum + amount - back, 0),
    );
  });
});
