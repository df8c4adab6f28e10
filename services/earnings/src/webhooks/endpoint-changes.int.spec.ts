import { ManualClock } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiWorld } from '../testing/api-world.js';
import { startReceiver, type Received } from '../testing/webhook-receiver.js';

const MINUTE = 60_000;

describe('an endpoint of webhooks', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeEach(async () => {
    receiver = await startReceiver();
    world = await startApiWorld({ clock: new ManualClock(new Date()), webhooks: receiver.network });
  });
  afterEach(async () => {
    await world.close();
    receiver.close();
  });
  let added = 0;
  const add = async () => {
    const path = `/to-${added++}`;
    const { body } = await world.post('/webhook-endpoints', {
      url: `https://hooks.example${path}`,
    });
    return { path, id: body.endpointId as string };
  };
  const launch = (campaignId: string) =>
    world.post('/campaigns', world.terms({ campaignId, brandId: 'acme' }));
  const step = (campaignId: string, what: 'pause' | 'resume') =>
    world.post(`/campaigns/${campaignId}/${what}`, {});
  const deliveries = async (id: string) =>
    (await world.get(`/webhook-endpoints/${id}/deliveries?limit=200`)).body.items;
  /** Time passes until it is so. */
  const passing = (what: string, so: () => unknown) =>
    until(what, async () => {
      if (await so()) return true;
      world.clock.advance(MINUTE);
      return false;
    });
  const typesOf = (of: readonly Received[]): string[] =>
    of.map(({ body }): string => JSON.parse(body).type);

  it('that moves gets what waited at its new address, and of its new types alone', async () => {
    const { path, id } = await add();
    receiver.answerWith(() => null);
    await launch('moves');
    await until('it is tried', () => receiver.received.some((one) => one.path === path));
    receiver.names.set('private.example', ['10.0.0.1']);
    const refused = await world.post(`/webhook-endpoints/${id}/change`, {
      url: 'https://private.example/',
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'endpoint_address' } });
    receiver.answerWith(() => 204);
    const change = { url: 'https://hooks.example/new', types: ['campaign.paused'] };
    expect(await world.post(`/webhook-endpoints/${id}/change`, change)).toMatchObject({
      status: 200,
      body: change,
    });
    const arrived = () => typesOf(receiver.received.filter((one) => one.path === '/new'));
    await until('what waited arrives', () => arrived().length > 0);
    await step('moves', 'pause');
    await step('moves', 'resume');
    await step('moves', 'pause');
    await until('the rest arrives', () => arrived().length === 3);
    expect(arrived()).toEqual(['campaign.launched', 'campaign.paused', 'campaign.paused']);
  });

  it('that is deleted gets nothing more, not even what waited', async () => {
    const [gone, stays] = [await add(), await add()];
    receiver.answerWith(() => null);
    await launch('deleted');
    await until('it is tried', () => receiver.received.some((one) => one.path === gone.path));
    expect(await world.post(`/webhook-endpoints/${gone.id}/delete`)).toMatchObject({
      status: 200,
      body: { deleted: true },
    });
    expect((await world.get(`/webhook-endpoints/${gone.id}`)).status).toBe(404);
    expect((await world.post(`/webhook-endpoints/${gone.id}/delete`)).status).toBe(404);
    const before = receiver.received.filter((one) => one.path === gone.path).length;
    receiver.answerWith(() => 204);
    await step('deleted', 'pause');
    await passing(
      'the other one has both',
      async () =>
        (await deliveries(stays.id)).every(
          (one: { status: string }) => one.status === 'DELIVERED',
        ) && (await deliveries(stays.id)).length === 2,
    );
    expect(receiver.received.filter((one) => one.path === gone.path)).toHaveLength(before);
  });
});
