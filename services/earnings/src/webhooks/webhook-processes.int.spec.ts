import { ManualClock, type AnyEvent } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { silentLog } from '@cliptally/messaging';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startEarnings } from '../service.js';
import { PERSONAL_KEYS, SECRET, startApiWorld } from '../testing/api-world.js';
import { webhookSteps } from '../testing/webhook-steps.js';
import { startReceiver } from '../testing/webhook-receiver.js';

const MINUTE = 60_000;

describe('webhooks over the ends of processes', () => {
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
  const { add, launch, step, written, submit, logged, deliveries } = webhookSteps(() => world);

  it('a receiver that is down for an hour gets every webhook once, in order per stream, over a restart', async () => {
    const { path, id } = await add();
    receiver.answerWith(() => null);
    const campaigns = ['a', 'b', 'c'];
    for (const one of campaigns) await launch(one);
    for (const one of campaigns) await step(one, 'pause');
    await until('it is tried', () => receiver.received.length >= 3);
    await world.restart(async () => {
      for (const one of campaigns) await written(one, 'CampaignResumed');
    });
    const clips = await Promise.all(campaigns.map(submit));
    for (const clipId of clips) await world.post(`/clips/${clipId}/approve`, {});
    for (let minute = 0; minute < 60; minute += 10) {
      await until('all is queued', async () => (await deliveries(id)).length === 15);
      world.clock.advance(10 * MINUTE);
    }
    expect(receiver.accepted()).toEqual([]);
    // It was asked now and then, not all the time.
    expect(receiver.received.length).toBeLessThan(60);
    receiver.answerWith(() => 204);
    await world.restart(async () => {});
    world.clock.advance(67 * MINUTE);
    await until('all have arrived', () => receiver.accepted(path).length >= 15);

    const events = await logged();
    const ids = receiver.accepted().map((one) => one.id);
    expect(ids.toSorted()).toEqual(events.map((event) => event.id).toSorted());
    const byStream = (given: readonly AnyEvent[]) => Object.groupBy(given, ({ stream }) => stream);
    const inOrder = ids.map((webhookId) => events.find((event) => event.id === webhookId)!);
    expect(byStream(inOrder)).toEqual(byStream(events));
    expect(await deliveries(id, '&status=DELIVERED')).toHaveLength(15);
  });

  it('D15: a projection that is built anew sends nothing', async () => {
    const { id } = await add();
    for (const one of ['a', 'b', 'c']) await launch(one);
    await until('all have arrived', () => receiver.accepted().length === 3);
    await world.restart(async () => {
      const db = new Client({ connectionString: world.database.url });
      await db.connect();
      await db.query('drop schema earnings cascade');
      await db.end();
    });
    await world.service.settled(AbortSignal.timeout(60_000));
    await launch('d');
    await until('the next has arrived', () => receiver.accepted().length > 3);
    expect(receiver.received).toHaveLength(4);
    expect(await deliveries(id)).toHaveLength(4);
  });

  it('of two replicas one delivers, and the other goes on when it ends', async () => {
    const { path } = await add();
    const second = await startEarnings({
      personalKeys: PERSONAL_KEYS,
      databaseUrl: world.database.url,
      natsUrl: world.natsUrl,
      clock: world.clock,
      log: silentLog,
      port: 0,
      host: '127.0.0.1',
      keys: { secret: SECRET },
      webhooks: receiver.network,
    });
    for (const one of ['a', 'b', 'c']) await launch(one);
    await until('all have arrived', () => receiver.accepted(path).length >= 3);
    await world.restart(async () => {
      await written('a', 'CampaignPaused');
      await until('the second delivers', () => receiver.accepted(path).length >= 4);
    });
    expect(receiver.received).toHaveLength(4);
    await second.close();
  });

  it('what is under way at the end is waited for, and not sent again', async () => {
    const { path, id } = await add();
    receiver.answerAfter(500);
    await launch('a');
    await until('it has arrived', () => receiver.accepted(path).length === 1);
    await world.restart(async () => {});
    await written('a', 'CampaignPaused');
    await until('both are delivered', async () => {
      return (await deliveries(id, '&status=DELIVERED')).length === 2;
    });
    expect(receiver.received).toHaveLength(2);
  });
});
