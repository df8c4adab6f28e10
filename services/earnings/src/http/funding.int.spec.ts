import { ManualClock } from '@cliptally/contracts';
import { startStripeStandIn, type StripeStandIn } from '@cliptally/dev/stripe-stand-in';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Stripe } from 'stripe';
import { freshUrl, startApiWorld } from '../testing/api-world.js';

const SECRET = 'whsec_of_the_tests';
const AUDITOR = fileURLToPath(new URL('../../../../tools/ops/dist/main.js', import.meta.url));

describe('a brand launches up to what it has paid in', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  const clock = new ManualClock('2026-03-04T12:00:00Z');
  let stripe: StripeStandIn;
  beforeAll(async () => {
    const secretKey = 'sk_test_none';
    stripe = await startStripeStandIn({ clock, secretKey });
    world = await startApiWorld({
      clock,
      limits: { prefunding: true },
      stripe: { secretKey, webhookSecret: SECRET, baseUrl: stripe.url },
    });
  });
  afterAll(async () => {
    await world.close();
    await stripe.close();
  });

  const pay = (brandId: string, amount: number, reference: string, currency = 'USD') =>
    world.post(`/brands/${brandId}/funding`, { currency, amount, reference });
  const launch = (brandId: string, budget: number, more: object = {}) =>
    world.post('/campaigns', world.terms({ budget, ...more }), { as: ['brand', brandId] });
  const funding = async (brandId: string) =>
    (await world.get(`/brands/${brandId}/funding`, { as: ['brand', brandId] })).body.currencies[0];

  it('by an admin, once for each reference', async () => {
    expect((await launch('ada', 1)).body.code).toBe('not_funded');
    expect((await pay('ada', 1_000, 'SEPA 1')).body).toMatchObject({
      prefunding: true,
      currencies: [{ currency: 'USD', funded: 1_000, committed: 0, returned: 0, left: 1_000 }],
      payments: [{ reference: 'SEPA 1', amount: 1_000, by: 'root' }],
    });
    expect((await pay('ada', 1_000, 'SEPA 1')).status).toBe(201);
    expect((await funding('ada')).funded).toBe(1_000);
    expect((await pay('ada', 1_001, 'SEPA 1')).body.code).toBe('reference_taken');
    const others = await world.get('/brands/ada/funding', { as: ['brand', 'eve'] });
    expect(others.status).toBe(403);
    const own = { currency: 'USD', amount: 5, reference: 'x' };
    expect((await world.post('/brands/ada/funding', own, { as: ['brand', 'ada'] })).status).toBe(403);
  }); // prettier-ignore

  it('with the figures in what is refused: a launch, a top-up, each also as a dry run', async () => {
    await pay('bea', 1_000, 'SEPA 1');
    const { status, body } = await launch('bea', 1_200);
    expect([status, body.code]).toEqual([422, 'not_funded']);
    expect(body.detail).toBe(
      '"bea" has 10.00 USD left of the 10.00 USD that it has paid in, and 12.00 USD would be committed: pay in 2.00 USD first, or ask for less.',
    );
    expect((await launch('bea', 1, { currency: 'EUR' })).body.code).toBe('not_funded');
    const { campaignId } = (await launch('bea', 700)).body;
    expect(await funding('bea')).toMatchObject({ committed: 700, left: 300 });
    const topUp = (amount: number, query = '') =>
      world.post(`/campaigns/${campaignId}/top-up${query}`, { amount }, { as: ['brand', 'bea'] });
    for (const query of ['', '?dryRun=true'])
      expect((await topUp(301, query)).body.code).toBe('not_funded');
    expect((await topUp(300)).status).toBe(200);
    expect(await funding('bea')).toMatchObject({ committed: 1_000, left: 0 });
    // An admin launches no more for it than it does itself.
    const byAdmin = await world.post('/campaigns', world.terms({ brandId: 'bea', budget: 1 }));
    expect(byAdmin.body.code).toBe('not_funded');
  });

  it('and cannot commit the same money twice at the same moment', async () => {
    await pay('cat', 1_000, 'SEPA 1');
    const answers = await Promise.all(Array.from({ length: 12 }, () => launch('cat', 400)));
    const codes = answers.map(({ status, body }) => (status === 201 ? 'launched' : body.code));
    expect(codes.filter((code) => code === 'launched').length).toBeLessThanOrEqual(2);
    for (const code of codes) expect(['launched', 'not_funded', 'busy']).toContain(code);
    expect((await funding('cat')).left).toBeGreaterThanOrEqual(200);
  });

  it('again with what a campaign has left over once nothing of it waits', async () => {
    await pay('dan', 1_000, 'SEPA 1');
    const { campaignId } = (await launch('dan', 1_000)).body;
    const creatorId = 'ann';
    const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body;
    await world.post(`/clips/${clipId}/approve`);
    clock.advance(1_000);
    await world.see(clipId, 3_000);
    clock.advance(1_000);
    expect((await launch('dan', 1)).body.code).toBe('not_funded');
    await world.post(`/campaigns/${campaignId}/end`, { reason: 'over' });
    clock.advance(1_000);
    expect(await funding('dan')).toMatchObject({ committed: 1_000, returned: 700, left: 700 });
    expect((await launch('dan', 701)).status).toBe(422);
    expect((await launch('dan', 700)).status).toBe(201);
    expect((await funding('dan')).left).toBe(0);
  }); // prettier-ignore

  const notified = async (event: object, secret = SECRET) => {
    const raw = JSON.stringify(event);
    const timestamp = Math.floor(clock.now().getTime() / 1_000);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: raw, secret, timestamp });
    const headers = { 'stripe-signature': signature };
    return (await world.send('POST', '/webhooks/stripe', { as: null, raw, headers })).status;
  };
  const metadata = { cliptally_brand: 'fay' };
  const intent = {
    object: 'payment_intent',
    id: 'pi_1',
    currency: 'usd',
    amount_received: 500,
    metadata,
  };
  const session = { object: 'checkout.session', payment_intent: 'pi_1', currency: 'usd', amount_total: 500, payment_status: 'paid', metadata }; // prettier-ignore
  const of = (type: string, object: object) => ({
    id: 'evt',
    object: 'event',
    type,
    data: { object },
  });

  it('by a payment that Stripe tells of, once however often and by which event', async () => {
    const unpaid = { ...session, payment_intent: 'pi_0', payment_status: 'unpaid' };
    for (const event of [
      of('payment_intent.succeeded', intent),
      of('checkout.session.completed', session),
      of('payment_intent.succeeded', intent),
      of('checkout.session.completed', unpaid),
      of('payment_intent.succeeded', { ...intent, id: 'pi_2', metadata: {} }),
      of('payment_intent.payment_failed', { ...intent, id: 'pi_3' }),
      // Of a connected account, whose owner has written the metadata.
      { ...of('payment_intent.succeeded', { ...intent, id: 'pi_5' }), account: 'acct_mallory' },
      // The same payment with another amount is for a person to check.
      of('payment_intent.succeeded', { ...intent, amount_received: 900 }),
    ])
      expect(await notified(event)).toBe(200);
    expect(await notified(of('payment_intent.succeeded', { ...intent, id: 'pi_4' }), 'whsec_forged')).toBe(400);
    expect(await funding('fay')).toMatchObject({ funded: 500, left: 500 });
    const { payments } = (await world.get('/brands/fay/funding')).body;
    expect(payments).toMatchObject([{ reference: 'pi_1', by: 'cliptally:stripe' }]);
  }); // prettier-ignore

  const refund = (amount: number, more: object = {}, type = 'refund.created') =>
    of(type, { object: 'refund', id: `re_${amount}`, payment_intent: 'pi_1', currency: 'usd', amount, status: 'succeeded', ...more }); // prettier-ignore
  const dispute = (status: string, type = 'charge.dispute.updated') =>
    of(type, { object: 'dispute', id: 'du_1', payment_intent: 'pi_1', currency: 'usd', amount: 520, status }); // prettier-ignore
  const after = async (...events: object[]) => {
    for (const event of events) expect(await notified(event)).toBe(200);
    return funding('fay');
  };

  it('less what went back of it, in whatever order and how often Stripe tells of it', async () => {
    const { campaignId } = (await launch('fay', 400)).body;
    const failed = { id: 're_late', status: 'failed' };
    // A refund whose failure arrives first takes nothing when its beginning arrives.
    expect(await after(refund(200, failed, 'refund.failed'), refund(200, { id: 're_late' }))).toMatchObject({ funded: 500, refunded: 0, left: 100 }); // prettier-ignore
    expect(await after(refund(150), refund(150), refund(50))).toMatchObject({ funded: 300, refunded: 200, left: -100 }); // prettier-ignore
    const refused = await launch('fay', 1);
    expect([refused.status, refused.body.code]).toEqual([422, 'not_funded']);
    expect(refused.body.detail).toContain('has -1.00 USD left of the 3.00 USD that it has paid in (2.00 USD more went back to it)'); // prettier-ignore
    const topUp = { amount: 1 };
    expect((await world.post(`/campaigns/${campaignId}/top-up`, topUp)).body.code).toBe('not_funded'); // prettier-ignore
    // What was promised to creators stays promised.
    const kept = (await world.get(`/campaigns/${campaignId}`)).body;
    expect(kept).toMatchObject({ status: 'ACTIVE', budget: 400, remaining: 400 });
    // An inquiry takes nothing; a dispute of the whole payment takes what is left of it.
    expect(await after(dispute('warning_needs_response'))).toMatchObject({ refunded: 200 });
    expect(await after(dispute('needs_response', 'charge.dispute.created'), dispute('under_review', 'charge.dispute.funds_withdrawn'))).toMatchObject({ funded: 0, refunded: 500, left: -400 }); // prettier-ignore
    expect(await after(dispute('won', 'charge.dispute.funds_reinstated'), dispute('under_review'), dispute('won', 'charge.dispute.closed'))).toMatchObject({ funded: 300, refunded: 200 }); // prettier-ignore
    expect(await after(refund(150, { status: 'failed' }, 'refund.failed'))).toMatchObject({ funded: 450, left: 50 }); // prettier-ignore
    expect((await launch('fay', 51)).body.code).toBe('not_funded');
    expect((await launch('fay', 50)).status).toBe(201);
    const { refunds } = (await world.get('/brands/fay/funding', { as: ['brand', 'fay'] })).body;
    expect(refunds).toHaveLength(4);
    expect(refunds.map(({ undoneAt }: { undoneAt: string | null }) => undoneAt === null).filter(Boolean)).toHaveLength(1); // prettier-ignore
  });

  it('also of a payment that no webhook has named, which is recorded first', async () => {
    const own = { ...intent, id: 'pi_9', amount_received: 800, metadata: { cliptally_brand: 'gil' } };
    stripe.payments.set('pi_9', own).set('pi_shop', { ...own, id: 'pi_shop', metadata: {} });
    const mine = { id: 're_9', payment_intent: 'pi_9' };
    for (const event of [refund(300, mine), refund(1, { id: 're_0', payment_intent: 'pi_none' }), refund(1, { id: 're_s', payment_intent: 'pi_shop' })]) expect(await notified(event)).toBe(200); // prettier-ignore
    expect(await funding('gil')).toMatchObject({ funded: 500, refunded: 300 });
    expect(await notified(of('payment_intent.succeeded', own))).toBe(200);
    expect(await funding('gil')).toMatchObject({ funded: 500, refunded: 300 });
    // An older version of the API names the charge alone: its refunds are asked for.
    const more = { object: 'refund', payment_intent: 'pi_9', currency: 'usd', amount: 200 };
    stripe.refunds.push({ ...more, id: 're_9b' }, { ...more, id: 're_9', amount: 300 } as never);
    const charge = { object: 'charge', id: 'ch_9', payment_intent: 'pi_9', amount_refunded: 500 };
    for (let i = 0; i < 2; i++) expect(await notified(of('charge.refunded', charge))).toBe(200);
    expect(await funding('gil')).toMatchObject({ funded: 300, refunded: 500 });
  }); // prettier-ignore

  it('or by an admin, once for each refund, and no more than the payment was', async () => {
    await pay('hal', 1_000, 'SEPA 1');
    const money = { currency: 'USD', amount: 600, reference: 'SEPA 1', refundId: 'back 1' };
    const back = (more: object = {}, as: ['admin' | 'brand', string] = ['admin', 'root']) =>
      world.post('/brands/hal/funding/refunds', { ...money, ...more }, { as });
    const undo = (refundId: string) => world.post('/brands/hal/funding/refunds/undo', { refundId });
    expect((await back({}, ['brand', 'hal'])).status).toBe(403);
    for (let i = 0; i < 2; i++)
      expect((await back()).body).toMatchObject({
        currencies: [{ funded: 400, refunded: 600, left: 400 }],
        refunds: [{ reference: 'SEPA 1', refundId: 'back 1', amount: 600, undoneAt: null, by: 'root' }], // prettier-ignore
      });
    expect((await back({ amount: 601 })).body.code).toBe('reference_taken');
    expect((await back({ refundId: 'back 2', reference: 'SEPA 2' })).body.code).toBe('payment_unknown'); // prettier-ignore
    expect((await back({ refundId: 'back 2', amount: 1_001 })).body.code).toBe('refund_too_large');
    expect((await undo('back 2')).body.code).toBe('refund_unknown');
    clock.advance(1_000);
    for (let i = 0; i < 2; i++) expect((await undo('back 1')).status).toBe(201);
    expect(await funding('hal')).toMatchObject({ funded: 1_000, refunded: 0, left: 1_000 });
    const { body } = await world.get('/brands/hal/funding');
    expect(body.refunds[0].undoneAt).toBe(clock.now().toISOString());
  });

  it('as an auditor of the log finds, too', async () => {
    const env = { ...process.env, DATABASE_URL: world.database.url };
    const audit = promisify(execFile)(process.execPath, [AUDITOR, 'events', 'audit'], { env });
    expect((await audit).stdout).toMatch(/^The log is sound: /);
    const committed = await Array.fromAsync(world.store.readAll(0, { types: ['BudgetCommitted'] }));
    expect(committed.length).toBeGreaterThan(3);
  });
});
