import { createHmac, randomUUID } from 'node:crypto';
import { until } from '../servers/index.js';
import { firstOf, type Attack } from './attack.js';
import { earner } from './earner.js';
import { APIFY_SECRET, STRIPE_SECRET, type Target } from './target.js';

const account = (target: Target, creatorId: string, name: string) =>
  target.ask(`/creators/${creatorId}/payout-account`, {
    body: { provider: 'manual', account: name },
  });

/** As Stripe signs them. */
const signed = (event: object, secret: string, at = Math.floor(Date.now() / 1_000)) => {
  const raw = JSON.stringify(event);
  const v1 = createHmac('sha256', secret).update(`${at}.${raw}`).digest('hex');
  return { raw, headers: { 'stripe-signature': `t=${at},v1=${v1}` } };
};

export const MONEY: Attack[] = [
  {
    who: 'creator',
    promise: 'right-account',
    name: 'who has taken over an account changes where a payout goes that was asked for',
    async try(target) {
      const { creatorId } = await earner(target);
      await account(target, creatorId, 'the bank of before');
      const as = ['creator', creatorId] as const;
      const asked = await target.ask('/payouts', { as, body: { currency: 'USD', amount: 1_000 } });
      const { payoutId, destination } = asked.body as { payoutId: string; destination: { account: string } | null };
      if (destination?.account !== 'the bank of before') return `it is shown to go to ${JSON.stringify(destination)}`;
      await new Promise((resolve) => setTimeout(resolve, 5));
      await target.ask(`/creators/${creatorId}/payout-account`, { as, body: { provider: 'manual', account: 'the bank of Mallory' } });
      const approved = await target.ask(`/payouts/${payoutId}/approve`, { body: {} });
      if (approved.status !== 409 || approved.body.code !== 'payout_account_changed') return `the approval was answered with ${approved.status}: ${approved.text.slice(0, 120)}`;
      const { body } = await target.ask(`/payouts/${payoutId}`);
      if (body.destination?.account !== 'the bank of before') return `it goes to ${body.destination?.account} now`;
      return typeof body.waitsUntil === 'string' ? null : 'the answer does not say until when it waits';
    },
  },
  {
    who: 'brand',
    promise: 'funded-budgets',
    name: 'launches, tops up and pays in without having paid, alone and many at once',
    async try(target) {
      const as = ['brand', `poor-${randomUUID().slice(0, 8)}`] as const;
      const [, brandId] = as;
      const terms = { name: 'x', currency: 'USD', ratePerThousand: { default: 1 }, startsAt: '2026-01-01T00:00:00Z' };
      const launch = (budget: number) => target.ask('/campaigns', { as, body: { ...terms, budget } });
      if ((await launch(1)).body.code !== 'not_funded') return 'a brand without money has launched';
      if ((await target.ask(`/brands/${brandId}/funding`, { as, body: { currency: 'USD', amount: 1, reference: 'r' } })).status !== 403) return 'a brand has paid in by itself';
      await target.ask(`/brands/${brandId}/funding`, { body: { currency: 'USD', amount: 1_000, reference: 'r' } });
      await Promise.all(Array.from({ length: 20 }, () => launch(600)));
      const { body } = await target.ask(`/brands/${brandId}/funding`);
      const [{ left, committed }] = body.currencies as [{ left: number; committed: number }];
      return left >= 0 && committed <= 1_000 ? null : `${committed} of 1000 are committed`;
    },
  },
  {
    who: 'brand',
    promise: 'funded-budgets',
    name: 'has its payment refunded, and launches with it; has the same refund fail twice',
    async try(target) {
      const as = ['brand', `back-${randomUUID().slice(0, 8)}`] as const;
      const [, brandId] = as;
      const pi = `pi_${randomUUID().slice(0, 8)}`;
      const notify = (type: string, object: object) =>
        target.ask('/webhooks/stripe', { as: null, ...signed({ id: 'evt_1', object: 'event', type, data: { object } }, STRIPE_SECRET) });
      const refund = { object: 'refund', id: `re_${pi}`, payment_intent: pi, currency: 'usd', amount: 1_000, status: 'pending' };
      const terms = { name: 'x', currency: 'USD', ratePerThousand: { default: 1 }, startsAt: '2026-01-01T00:00:00Z' };
      const launch = (budget: number) => target.ask('/campaigns', { as, body: { ...terms, budget } });
      const left = async () => ((await target.ask(`/brands/${brandId}/funding`)).body.currencies as { left: number }[])[0]?.left;
      await notify('payment_intent.succeeded', { object: 'payment_intent', id: pi, currency: 'usd', amount_received: 1_000, metadata: { cliptally_brand: brandId } });
      if ((await launch(400)).status !== 201) return 'the brand has paid in, and cannot launch';
      const [, raced] = await Promise.all([notify('refund.created', refund), launch(600)]);
      if ((await launch(1)).body.code !== 'not_funded') return 'a brand launches with a payment that went back';
      for (const status of ['failed', 'failed', 'pending']) await notify('refund.updated', { ...refund, status });
      const expected = raced.status === 201 ? 0 : 600;
      return (await left()) === expected ? null : `${await left()} are left, and ${expected} should be`;
    },
  },
  {
    who: 'brand',
    promise: 'funded-budgets',
    name: 'keeps what creators earn, also with others, by a minPayout that nobody reaches',
    async try(target) {
      const { creatorId } = await earner(target, { minPayout: 1_000 });
      const terms = { name: 'x', currency: 'USD', budget: 100_000, ratePerThousand: { default: 1 }, startsAt: '2026-01-01T00:00:00Z', brandId: 'acme' };
      const odd = await firstOf([2 ** 53, 2 ** 53 - 1, 10 ** 13, 100_001, -1, 0.5], async (minPayout) => {
        const { status } = await target.ask('/campaigns', { body: { ...terms, minPayout } });
        return status === 400 || status === 422 ? null : `minPayout ${minPayout} was answered with ${status}`;
      });
      if (odd) return odd;
      await earner(target, { minPayout: 100_000 }, creatorId);
      await until('both', async () => ((await target.ask(`/creators/${creatorId}/balance`)).body.balances as { accrued: number }[])[0]!.accrued >= 10_000 || undefined);
      const { status, text } = await target.ask('/payouts', { as: ['creator', creatorId], body: { currency: 'USD', amount: 5_000 } });
      return status === 201 ? null : `what was earned elsewhere is kept: ${text.slice(0, 160)}`;
    },
  },
  {
    who: 'stranger',
    promise: 'signed-hints',
    name: "forges Stripe's webhooks: no signature, another secret or body, an old one, one sent twice",
    async try(target) {
      const brandId = `forged-${randomUUID().slice(0, 8)}`;
      const object = { object: 'payment_intent', id: `pi_${randomUUID()}`, currency: 'usd', amount_received: 700, metadata: { cliptally_brand: brandId } };
      const event = { id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', data: { object } };
      const good = signed(event, STRIPE_SECRET);
      const forged = [
        { raw: good.raw, headers: {} },
        signed(event, 'whsec_guessed'),
        { ...good, raw: good.raw.replace('700', '900') },
        signed(event, STRIPE_SECRET, Math.floor(Date.now() / 1_000) - 3_600),
        { raw: good.raw, headers: { 'stripe-signature': `t=1,v0=${good.headers['stripe-signature'].split('v1=')[1]}` } },
      ];
      const what = await firstOf(forged, async (sent) => {
        const { status } = await target.ask('/webhooks/stripe', { as: null, ...sent });
        return status === 400 ? null : `${JSON.stringify(sent.headers)} was answered with ${status}`;
      });
      if (what) return what;
      for (let i = 0; i < 3; i++) await target.ask('/webhooks/stripe', { as: null, ...good });
      const { body } = await target.ask(`/brands/${brandId}/funding`);
      return body.currencies[0]?.funded === 700 ? null : `paid in is ${JSON.stringify(body.currencies)}`;
    },
  },
  {
    who: 'stranger',
    promise: 'signed-hints',
    name: "forges Apify's webhook without its secret",
    try: (target) =>
      firstOf([{}, { 'x-apify-webhook-secret': 'guessed' }, { authorization: 'Bearer guessed' }, { authorization: `Bearer ${APIFY_SECRET.slice(0, -1)}` }], async (headers) => {
        const { status } = await target.ask('/webhooks/apify', { as: null, body: { resource: { id: 'run-1' } }, headers });
        return status >= 400 && status < 500 ? null : `it was answered with ${status}`;
      }),
  },
]; // prettier-ignore
