import { ManualClock } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { startApiWorld } from '../testing/api-world.js';
import { webhookSteps } from '../testing/webhook-steps.js';
import { startReceiver, type Received } from '../testing/webhook-receiver.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('outgoing webhooks', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeEach(async () => {
    receiver = await startReceiver();
    // As now: what verifies a signature also checks its time.
    const clock = new ManualClock(new Date());
    world = await startApiWorld({ clock, webhooks: receiver.network });
  });
  afterEach(async () => {
    await world.close();
    receiver.close();
  });
  const { add, launch, step, submit, logged, deliveries, show, passing } = webhookSteps(
    () => world,
  );
  const typesOf = (of: readonly Received[]): string[] =>
    of.map(({ body }): string => JSON.parse(body).type);

  it('a webhook is signed as another implementation wants it, and has what the event says of it', async () => {
    const { secret } = await add();
    await launch('a');
    await until('it has arrived', () => receiver.accepted().length === 1);
    const [{ headers, body, id }] = receiver.accepted() as [Received];
    const given = headers as Record<string, string>;
    expect(new Webhook(secret).verify(body, given)).toEqual({
      type: 'campaign.launched',
      timestamp: (await logged())[0]!.time,
      data: { campaignId: 'a', brandId: 'acme', name: 'A campaign' },
    });
    expect(id).toBe((await logged())[0]!.id);
    expect(() => new Webhook(secret).verify(`${body} `, given)).toThrow('No matching signature');
    const [, other] = [await add(), await add()];
    expect(() => new Webhook(other.secret).verify(body, given)).toThrow('No matching signature');
    expect(receiver.pinned).toEqual(['93.184.216.34']);
  });

  it('after a rotation both secrets sign for a day, then the new one alone', async () => {
    const { id, secret } = await add();
    const rotated = (await world.post(`/webhook-endpoints/${id}/rotate`, {}, { key: 'once' })).body;
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(secret);
    const again = await world.post(`/webhook-endpoints/${id}/rotate`, {}, { key: 'once' });
    expect(again.body.secret).toBe(rotated.secret);
    await world.post(`/webhook-endpoints/${id}/test`);
    await until('the first test', () => receiver.accepted().length === 1);
    const [first] = receiver.accepted() as [Received];
    for (const one of [secret, rotated.secret])
      new Webhook(one).verify(first.body, first.headers as Record<string, string>);
    world.clock.advance(24 * HOUR + 1);
    await world.post(`/webhook-endpoints/${id}/test`);
    await until('the second test', () => receiver.accepted().length === 2);
    const { headers, body, id: webhookId } = receiver.accepted()[1]!;
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    expect(headers['webhook-signature']).toBe(
      new Webhook(rotated.secret).sign(webhookId, at, body),
    );
    expect(JSON.stringify([await show(id), await world.get('/webhook-endpoints')])).not.toContain(
      'whsec_',
    );
  });

  it('a brand hears of its own campaigns only, and of what it has chosen; nobody of accounts', async () => {
    const all = await add();
    const acme = await add({}, ['brand', 'acme']);
    const chosen = await add({ types: ['campaign.paused'], brandId: 'acme' });
    await launch('a');
    await launch('b', 'other');
    await step('a', 'pause');
    await step('b', 'pause');
    await world.post('/creators/ann/payout-account', { provider: 'manual', account: 'DE02 1203' });
    await step('a', 'resume');
    const clipId = await submit('a');
    await world.post(`/clips/${clipId}/approve`, {});
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    world.clock.advance(5 * 24 * HOUR);
    await world.post('/payouts', { payoutId: 'p', creatorId: 'ann', currency: 'USD', amount: 5 });
    await world.post('/payouts/p/approve', {});
    await world.post('/payouts/p/paid', { externalReference: 'bank' });
    await passing('the operator has all', MINUTE, () =>
      typesOf(receiver.accepted(all.path)).includes('payout.paid'),
    );
    await until('the brand has all', () => receiver.accepted(acme.path).length === 6);
    expect(typesOf(receiver.accepted(acme.path)).toSorted()).toEqual([
      'campaign.earnings_accrued',
      'campaign.launched',
      'campaign.paused',
      'campaign.resumed',
      'clip.approved',
      'clip.submitted',
    ]);
    expect(typesOf(receiver.accepted(chosen.path))).toEqual(['campaign.paused']);
    expect(receiver.received.map(({ body }) => body).join()).not.toContain('DE02');
    expect(receiver.accepted(acme.path).map(({ body }) => body)).not.toContainEqual(
      expect.stringContaining('"b"'),
    );
    const refused = await world.post(
      '/webhook-endpoints',
      { url: 'https://hooks.example/', types: ['payout.paid'] },
      { as: ['brand', 'acme'] },
    );
    expect(refused).toMatchObject({ status: 422, body: { code: 'webhook_type' } });
  });

  it.each([
    ['http://hooks.example/', 'begins with https://'],
    ['https://127.0.0.1/', 'has no public address'],
    ['https://[::1]/', 'has no public address'],
    ['https://169.254.169.254/latest/meta-data', 'has no public address'],
    ['https://[::ffff:10.0.0.1]/', 'has no public address'],
    ['https://2130706433/', 'has no public address'],
    ['https://half.example/', 'or others beside it'],
    ['https://user:word@hooks.example/', 'no user name'],
    ['https://nowhere.invalid/', 'cannot be found'],
  ])('no endpoint is added at %s', async (url, why) => {
    const { lookup } = receiver.network;
    receiver.names.set('half.example', ['93.184.216.34', '10.0.0.1']);
    receiver.network.lookup = async (host) => {
      if (host === 'nowhere.invalid') throw Object.assign(new Error('x'), { code: 'ENOTFOUND' });
      return /^[\d.]+$|:/.test(host) ? [host] : lookup(host);
    };
    await world.restart(async () => {});
    expect(await world.post('/webhook-endpoints', { url })).toMatchObject({
      status: 422,
      body: {
        code: 'endpoint_address',
        errors: [{ field: 'url' }],
        detail: expect.stringContaining(why),
      },
    });
  });

  it('a name that leads to a private address later is sent nothing', async () => {
    const { id } = await add();
    receiver.names.set('hooks.example', ['10.0.0.1']);
    await world.post(`/webhook-endpoints/${id}/test`);
    await until('it is tried', async () => (await deliveries(id))[0].attempts === 1);
    expect((await deliveries(id))[0]).toMatchObject({
      status: 'PENDING',
      lastStatus: null,
      lastFault: expect.stringContaining('has no public address'),
    });
    expect(receiver.received).toEqual([]);
    expect(receiver.pinned).toEqual([]);
  });

  it('an endpoint that fails for three days is switched off, others hear of it, and a replay brings what was missed', async () => {
    const watcher = await add({ types: ['webhook.endpoint_off', 'campaign.paused'] });
    const { id, path } = await add();
    receiver.answerWith((request) => (request.path === path ? 500 : 204));
    await launch('a');
    await passing('it is switched off', HOUR, async () => (await show(id)).status === 'DEAD');
    await until('the operator hears', () => receiver.accepted(watcher.path).length === 1);
    expect(JSON.parse(receiver.accepted(watcher.path)[0]!.body)).toMatchObject({
      type: 'webhook.endpoint_off',
      data: { endpointId: id, reason: 'Every webhook has failed for three days.' },
    });
    const metric = async () =>
      (await world.get('/metrics', { as: null })).body.match(/endpoints_dead\S* (\d+)/)[1];
    expect(await metric()).toBe('1');
    const from = world.clock.now().toISOString();
    await step('a', 'pause');
    // Only then is it certain that the pause came while the endpoint was off.
    await until('others have the pause', () => receiver.accepted(watcher.path).length === 2);
    const tries = receiver.received.length;
    expect(await world.post(`/webhook-endpoints/${id}/test`)).toMatchObject({
      status: 409,
      body: { code: 'endpoint_state' },
    });
    receiver.answerWith(() => 204);
    expect((await world.post(`/webhook-endpoints/${id}/enable`)).body.status).toBe('ENABLED');
    await until('what waited has arrived', () => receiver.accepted(path).length === 1);
    expect(receiver.received).toHaveLength(tries + 1);
    expect(await metric()).toBe('0');
    await world.post(`/webhook-endpoints/${id}/replay`, { from });
    await until('what was missed has arrived', () => receiver.accepted(path).length === 2);
    expect(typesOf(receiver.accepted(path))).toEqual(['campaign.launched', 'campaign.paused']);
    const [webhookId] = receiver.accepted(path).map((one) => one.id);
    await world.post(`/webhook-endpoints/${id}/replay`, { webhookId });
    await until('it arrives a second time', () => receiver.accepted(path).length === 3);
    expect(receiver.accepted(path)[2]).toMatchObject({ id: webhookId });
  });

  it('a webhook that alone fails is given up after three days, and its stream goes on', async () => {
    const { id, path } = await add({ types: ['campaign.launched', 'campaign.paused'] });
    receiver.answerWith(({ body }) =>
      body.includes('launched') && body.includes('"odd"') ? 500 : 204,
    );
    await launch('odd');
    await step('odd', 'pause');
    await until('it is tried', async () => (await show(id)).failingSince !== null);
    await launch('b');
    await passing('the other arrives', 10 * MINUTE, () => receiver.accepted(path).length === 1);
    world.clock.advance(36 * HOUR);
    await launch('c');
    await passing('one more arrives', 10 * MINUTE, () => receiver.accepted(path).length === 2);
    await passing('its stream goes on', HOUR, () => receiver.accepted(path).length === 3);
    expect(typesOf(receiver.accepted(path)).at(-1)).toBe('campaign.paused');
    expect(await deliveries(id, '&status=FAILED')).toEqual([
      expect.objectContaining({ type: 'campaign.launched', lastStatus: 500 }),
    ]);
    expect((await show(id)).status).toBe('ENABLED');
  });

  it('an owner has at most 20 that are not disabled', async () => {
    const all = [];
    for (let nth = 0; nth < 20; nth++) all.push(await add({ brandId: 'acme' }));
    const body = { url: 'https://hooks.example/', brandId: 'acme' };
    const more = () => world.post('/webhook-endpoints', body);
    expect(await more()).toMatchObject({ status: 409, body: { code: 'too_many_endpoints' } });
    await add();
    await world.post(`/webhook-endpoints/${all[0]!.id}/disable`, { reason: '' });
    expect((await more()).status).toBe(201);
    expect(await world.post(`/webhook-endpoints/${all[0]!.id}/enable`)).toMatchObject({
      status: 409,
      body: { code: 'too_many_endpoints' },
    });
  });

  it('an endpoint that answers 410 is switched off at once', async () => {
    const { id } = await add();
    receiver.answerWith(() => 410);
    await world.post(`/webhook-endpoints/${id}/test`);
    await until('it is switched off', async () => (await show(id)).status === 'DEAD');
    expect(receiver.received).toHaveLength(1);
    expect(
      (await world.post(`/webhook-endpoints/${id}/disable`, { reason: 'moved' })).body,
    ).toMatchObject({ status: 'DISABLED', reason: 'moved' });
  });
});
