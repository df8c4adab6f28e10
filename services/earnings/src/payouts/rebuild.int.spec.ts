import { clipIdOf, identifyClip, ManualClock, streams } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { startStripeStandIn, type StripeStandIn } from '@cliptally/dev/stripe-stand-in';
import { openPool } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FollowLink } from '../short-links/index.js';
import { freshUrl, observation, startApiWorld } from '../testing/api-world.js';

const settings = { secretKey: 'sk_test_stand_in', webhookSecret: 'whsec_stand_in' };
const EVENTS = 10_000;
const FAULT = { kind: 'error', status: 500, type: 'api_error' } as const;

describe('a new version of the projection', () => {
  const clock = new ManualClock('2026-02-01T00:00:00Z');
  let stripe: StripeStandIn;
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let [followed, down] = [0, true];
  const follow: FollowLink = async () => {
    followed++;
    const away = { kind: 'unresolved', reason: 'unreachable', message: 'No answer.' } as const;
    return down
      ? { ...away, retryable: true, forPerson: false, leadsTo: null }
      : identifyClip('https://www.tiktok.com/@u/video/7301234567890123456');
  };
  beforeAll(async () => {
    stripe = await startStripeStandIn({ clock, ...settings, accounts: ['acct_ann'] });
    world = await startApiWorld({ clock, stripe: { ...settings, baseUrl: stripe.url }, follow });
  });
  afterAll(async () => {
    await world.close();
    await stripe.close();
  });
  const statusAt = async (path: string) => (await world.get(path)).body.status as string;
  const untilStatus = (path: string, status: string) =>
    until(`${path} is ${status}`, async () => {
      clock.advance(5_000);
      return (await statusAt(path)) === status;
    });

  it('D15: rebuilds 10,000 events and sends no payout, notice or call', async () => {
    const terms = world.terms({ validationDays: 0, anomalyThreshold: null, budget: 50_000 });
    const { campaignId } = (await world.post('/campaigns', terms)).body;
    const submit = (url: string) => world.post('/clips', { url, campaignId, creatorId: 'ann' });
    const link = (await submit('https://vm.tiktok.com/ZMabcdefg/')).body.location as string;
    await world.post('/creators/ann/payout-account', { provider: 'stripe', account: 'acct_ann' });
    const { clipId } = (await submit(freshUrl())).body;
    await world.post(`/clips/${clipId}/approve`);
    clock.advance(1_000);
    // The budget is used up by this, and the notice of it is in the log.
    await world.see(clipId, 600_000);
    // It cannot be sent at first, and many events later it is.
    stripe.strike(FAULT, FAULT);
    const payout = { payoutId: 'may', creatorId: 'ann', currency: 'USD', amount: 1_000 };
    expect(await world.post('/payouts', payout)).toMatchObject({ status: 201 });
    expect(await world.post('/payouts/may/approve')).toMatchObject({ status: 200 });
    await until('it could not be sent', () => stripe.asked() > 0);
    const bystander = clipIdOf('youtube', 'bbbbbbbbbbb');
    const events = Array.from({ length: EVENTS }, (_, i) => observation(clock.now(), bystander, i));
    await world.store.append(streams.clip(bystander), events, 'any');
    await world.service.settled(AbortSignal.timeout(120_000));
    await untilStatus('/payouts/may', 'PAID');
    down = false;
    await untilStatus(link, 'RESOLVED');

    const sums = async () => ({
      head: await world.store.head(),
      asked: stripe.asked(),
      transfers: stripe.transfers.length,
      followed,
    });
    const before = await sums();
    await world.restart(async () => {
      const pool = openPool(world.database.url, 'test', 1);
      // As the version before would have left it.
      await pool.query(`update earnings.checkpoint set shape = 'older'`);
      await pool.end();
      // Stripe knows the keys of requests for a day only.
      stripe.forgetKeys();
    });
    await world.service.settled(AbortSignal.timeout(120_000));
    expect([await statusAt('/payouts/may'), await statusAt(link)]).toEqual(['PAID', 'RESOLVED']);
    expect(await sums()).toEqual(before);
  });
});
