import { derivedId, newEvent, outcomeId, type AnyEvent } from '@cliptally/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsMsg } from '@nats-io/jetstream';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { Poison, RetryLater, TakesWork } from './delivery.js';
import { JetStreamContext, type ConsumerSettings } from './consumer-settings.js';
import { JetStreamServer } from './transport.js';
import { silentLog } from '../log.js';
import { runRelay } from '../relay/relay.js';
import { startWorld, until } from '../testing/world.js';

type Requested = Extract<AnyEvent, { type: 'ClipTrackingRequested' }>;
let handle: (event: Requested, delivery: { count: number }) => Promise<void> = async () => {};

@Controller()
class Requests {
  @TakesWork('ClipTrackingRequested')
  scrape(@Payload() event: Requested, @Ctx() context: JetStreamContext): Promise<void> {
    return handle(event, context.getDelivery());
  }
}

@Module({ controllers: [Requests] })
class RequestsModule {}

describe('the JetStream transport', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  const stopRelay = new AbortController();
  let relay: Promise<void>;
  const open: { close(): Promise<void> }[] = [];
  const dead: { clip: string | undefined; reason: string }[] = [];
  beforeAll(async () => {
    world = await startWorld();
    relay = runRelay({ ...world, log: silentLog }, stopRelay.signal);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((app) => app.close()));
  });
  afterAll(async () => {
    stopRelay.abort();
    await relay;
    await world.close();
  });

  const settings = (durable: string, more: Partial<ConsumerSettings> = {}): ConsumerSettings => ({
    durable,
    subject: `cliptally.events.tracking-run.ClipTrackingRequested.${durable}`,
    pattern: 'ClipTrackingRequested',
    maxAckPending: 100,
    maxInFlight: 10,
    ackWaitMs: 30_000,
    maxDeliver: 3,
    ...more,
  });
  const serve = async (consumer: ConsumerSettings) => {
    const strategy = new JetStreamServer({
      nats: world.nats,
      log: silentLog,
      consumers: [consumer],
      onDeadLetter: async (event, reason) =>
        void dead.push({ clip: (event as Requested | null)?.data.clipId, reason }),
    });
    const app = await NestFactory.createMicroservice(RequestsModule, { strategy, logger: false });
    await app.listen();
    open.push(app);
    return { strategy, app };
  };
  let run = 0;
  const request = async (
    platform: 'tiktok' | 'youtube' | 'instagram' | 'x' | 'facebook',
    count: number,
  ) => {
    const runId = `r${run++}`;
    const events = Array.from({ length: count }, (_, i) => {
      const requestId = derivedId(runId, i);
      return newEvent(
        'ClipTrackingRequested',
        requestId,
        {
          requestId,
          runId,
          clipId: `${platform}-${i}`,
          platform,
          url: 'https://example.com/',
          score: 1,
          campaignIds: ['a'],
        },
        { time: '2026-01-01T00:00:00.000Z', correlationId: runId, causationId: runId },
      );
    });
    await world.store.append(`tracking-run-${runId}`, events, 'none');
    return events.map((e) => e.id);
  };
  const pending = async (durable: string) => {
    const info = await world.nats.manager.consumers.info('CLIPTALLY', durable);
    return info.num_pending + info.num_ack_pending;
  };

  it('hands out each message once, no more at a time than allowed, and acknowledges', async () => {
    let [now, most] = [0, 0];
    const seen: string[] = [];
    handle = async (event) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      seen.push(event.id);
    };
    await serve(settings('tiktok'));
    const ids = await request('tiktok', 200);
    await until(
      async () => seen.length === 200 && (await pending('tiktok')) === 0,
      '200 acknowledged messages',
    );
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(most).toBe(10);
  });

  it('brings a message again when asked to, not before the delay, and gives up after the last delivery', async () => {
    const counts: number[] = [];
    const times: number[] = [];
    handle = async (_, { count }) => {
      counts.push(count);
      times.push(performance.now());
      throw new RetryLater(150, 'busy');
    };
    await serve(settings('youtube'));
    await request('youtube', 1);
    await until(() => dead.some((d) => d.reason === 'busy'), 'the dead letter');
    expect(counts).toEqual([1, 2, 3]);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(145);
    await until(async () => (await pending('youtube')) === 0);
  });

  it('gives up at once on poison, and takes the next message', async () => {
    const seen: string[] = [];
    handle = async (event) => {
      seen.push(event.data.clipId);
      if (event.data.clipId === 'instagram-0') throw new Poison('not a clip');
    };
    await serve(settings('instagram'));
    await request('instagram', 2);
    await until(async () => seen.length === 2 && (await pending('instagram')) === 0);
    expect(seen.toSorted()).toEqual(['instagram-0', 'instagram-1']);
    expect(dead).toContainEqual({ clip: 'instagram-0', reason: 'not a clip' });
  });

  it('keeps a message that takes longer than the acknowledgement wait', async () => {
    let deliveries = 0;
    handle = async () => {
      deliveries++;
      await new Promise((resolve) => setTimeout(resolve, 7_000));
    };
    await serve(settings('x', { ackWaitMs: 3_000 }));
    await request('x', 1);
    await until(async () => deliveries > 0 && (await pending('x')) === 0);
    expect(deliveries).toBe(1);
  });

  it('finishes what is in flight when it is closed, and takes nothing new', async () => {
    const finished: string[] = [];
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    handle = async (event) => {
      await released;
      finished.push(outcomeId(event.id));
    };
    const { strategy, app } = await serve(settings('facebook', { maxInFlight: 4 }));
    await request('facebook', 12);
    await until(() => strategy.inFlight === 4);
    const closed = strategy.close();
    release();
    await closed;
    await app.close();
    expect(finished).toHaveLength(4);
    // The server counts an acknowledgement a moment after it has come.
    await until(async () => (await pending('facebook')) <= 8, 'the four acknowledgements');
    expect(await pending('facebook')).toBe(8);
    await serve(settings('facebook', { maxInFlight: 20 }));
    await until(async () => (await pending('facebook')) === 0);
    expect(new Set(finished).size).toBe(12);
    expect(finished).toHaveLength(12);
  });

  describe('a message whose deliveries nobody answered', () => {
    /** As a process takes it that then dies. */
    const take = async (durable: string, what: (message: JsMsg) => void) => {
      const consumer = await world.nats.client.consumers.get('CLIPTALLY', durable);
      for await (const message of await consumer.fetch({ max_messages: 1, expires: 2_000 }))
        what(message);
    };
    const clipsOf = (reason: RegExp) =>
      dead.filter((d) => reason.test(d.reason)).map((d) => d.clip);
    const prepared = async (durable: 'tiktok' | 'youtube') => {
      await (await serve(settings(durable))).app.close();
      open.pop();
      await request(durable, 1);
    };

    it('is delivered for ever, and recorded by the first process that is up', async () => {
      await prepared('tiktok');
      for (let n = 1; n <= 20; n++) await take('tiktok', (message) => message.nak());
      await serve(settings('tiktok'));
      await until(
        () => clipsOf(/delivery, number 21, did not answer/).length > 0,
        'the dead letter',
      );
      expect(clipsOf(/did not answer/)).toEqual(['tiktok-0']);
    });

    it('is not handled once more if nobody answered the deliveries that it has', async () => {
      await prepared('youtube');
      for (let n = 1; n <= 3; n++) await take('youtube', (message) => message.nak());
      handle = () => Promise.reject(new Error('this handler kills its process'));
      await serve(settings('youtube'));
      await until(
        () => clipsOf(/delivery, number 4, did not answer/).length > 0,
        'the dead letter',
      );
      expect(clipsOf(/kills/)).toEqual([]);
    });
  });
});
