import { ManualClock } from '@cliptally/contracts';
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
  beforeAll(async () => {
    world = await startApiWorld({
      clock,
      limits: { prefunding: true },
      stripe: { secretKey: 'sk_test_none', webhookSecret: SECRET, baseUrl: 'http://127.0.0.1:9' },
    });
  });
  afterAll(() => world.close());

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
      // The same payment with another amount is for a person to check.
      of('payment_intent.succeeded', { ...intent, amount_received: 900 }),
    ])
      expect(await notified(event)).toBe(200);
    expect(await notified(of('payment_intent.succeeded', { ...intent, id: 'pi_4' }), 'whsec_forged')).toBe(400);
    expect(await funding('fay')).toMatchObject({ funded: 500, left: 500 });
    const { payments } = (await world.get('/brands/fay/funding')).body;
    expect(payments).toMatchObject([{ reference: 'pi_1', by: 'cliptally:stripe' }]);
  }); // prettier-ignore

  it('as an auditor of the log finds, too', async () => {
    const env = { ...process.env, DATABASE_URL: world.database.url };
    const audit = promisify(execFile)(process.execPath, [AUDITOR, 'events', 'audit'], { env });
    expect((await audit).stdout).toMatch(/^The log is sound: /);
    const committed = await Array.fromAsync(world.store.readAll(0, { types: ['BudgetCommitted'] }));
    expect(committed.length).toBeGreaterThan(3);
  });
});
