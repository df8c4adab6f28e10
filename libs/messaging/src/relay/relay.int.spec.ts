import { ALL_EVENTS, JETSTREAM_STREAM } from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import type { JetStreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { followLog } from '../projections/follower.js';
import { silentLog } from '../log.js';
import { eventOfMessage, logPositionOf } from '../nats/message.js';
import { newRelayState, runRelay } from './relay.js';
import { startWorld, toppedUp, until } from '../testing/world.js';

describe('the relay and those who follow it', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  let stops: AbortController[] = [];
  const running: Promise<unknown>[] = [];
  beforeAll(async () => {
    world = await startWorld();
  });
  afterEach(async () => {
    for (const stop of stops) stop.abort();
    await Promise.all(running.splice(0));
    stops = [];
  });
  afterAll(() => world.close());

  const startRelay = (nats = world.nats) => {
    const stop = new AbortController();
    const state = newRelayState();
    stops.push(stop);
    const ended = runRelay({ store: world.store, nats, log: silentLog }, stop.signal, state);
    running.push(ended);
    return { state, stop: async () => (stop.abort(), ended) };
  };
  let stream = 0;
  const appendSome = (count: number) =>
    world.store.appendMany(
      Array.from({ length: count }, () => ({
        stream: `campaign-${(stream++).toString(36)}`,
        events: [toppedUp(), toppedUp()],
        expected: 'none' as const,
      })),
    );
  /** Positions in JetStream, in its order. */
  const published = async () => {
    const { state } = await world.nats.manager.streams.info(JETSTREAM_STREAM);
    const positions: number[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const stored = await world.nats.manager.streams.getMessage(JETSTREAM_STREAM, { seq });
      const at = stored && logPositionOf({ headers: stored.header, data: stored.data });
      if (at) positions.push(at.position);
    }
    return positions;
  };
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
  const whole = async () => {
    const head = await world.store.head();
    await until(async () => (await published()).length >= head, `${head} messages`);
    expect(await published()).toEqual(upTo(head));
  };

  it('publishes the log in order, once, with everything that an event says', async () => {
    await appendSome(50);
    startRelay();
    await appendSome(50);
    await whole();
    const stored = await world.nats.manager.streams.getMessage(JETSTREAM_STREAM, { seq: 7 });
    const [event] = await Array.fromAsync(world.store.readAll(6, { limit: 1 }));
    expect(eventOfMessage({ headers: stored!.header, data: stored!.data })).toEqual(event);
    expect(stored!.subject).toBe('cliptally.events.campaign.CampaignToppedUp');
    expect(stored!.header.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('continues after the last message of JetStream', async () => {
    const first = startRelay();
    await appendSome(10);
    await whole();
    await first.stop();
    await appendSome(10);
    const second = startRelay();
    await whole();
    expect(second.state.published).toBe(20);
  });

  it('fills a stream again that has lost its tail, or was deleted', async () => {
    const relay = startRelay();
    await whole();
    await relay.stop();
    const { state } = await world.nats.manager.streams.info(JETSTREAM_STREAM);
    for (let seq = state.last_seq; seq > state.last_seq - 5; seq--)
      await world.nats.manager.streams.deleteMessage(JETSTREAM_STREAM, seq);
    startRelay();
    await until(async () => {
      const info = await world.nats.manager.streams.info(JETSTREAM_STREAM);
      const last = await world.nats.manager.streams.getMessage(JETSTREAM_STREAM, {
        last_by_subj: ALL_EVENTS,
      });
      return (
        info.state.messages > 0 &&
        logPositionOf({ headers: last!.header, data: last!.data })!.position ===
          (await world.store.head())
      );
    }, 'the tail');
    await world.nats.manager.streams.delete(JETSTREAM_STREAM);
    await appendSome(1);
    await until(
      () =>
        published().then(
          (p) => p.length > 0,
          () => false,
        ),
      'the stream',
    );
    await whole();
  });

  it('fills a stream again that was deleted or purged while nothing happens', async () => {
    startRelay();
    await whole();
    await world.nats.manager.streams.delete(JETSTREAM_STREAM);
    await until(() => published().then((p) => p.length > 0), 'the stream');
    await whole();
    await world.nats.manager.streams.purge(JETSTREAM_STREAM);
    await whole();
  });

  it('two relays at once do no harm', async () => {
    const relays = [startRelay(), startRelay()];
    for (let i = 0; i < 20; i++) await appendSome(10);
    await whole();
    expect(relays.reduce((sum, r) => sum + r.state.published, 0)).toBeGreaterThanOrEqual(400);
  });

  it('loses nothing if another relay publishes between its two reads of the end', async () => {
    const other = startRelay();
    await appendSome(5);
    await whole();
    let [reading, read] = [false, false];
    const info = async (name: string) => {
      const answer = await world.nats.manager.streams.info(name);
      if (!reading) {
        reading = true;
        await appendSome(1);
        await whole();
        await other.stop();
        read = true;
      }
      return answer;
    };
    const { streams } = world.nats.manager;
    const [add, getMessage] = [streams.add.bind(streams), streams.getMessage.bind(streams)];
    const manager = { streams: { add, getMessage, info } } as unknown as JetStreamManager;
    startRelay({ ...world.nats, manager });
    await until(() => read, 'the second relay has read the end');
    await appendSome(20);
    await whole();
  });

  it('goes on after nats-server was killed and came back', async () => {
    startRelay();
    await whole();
    await world.server.kill();
    await appendSome(10);
    await world.server.restart();
    await appendSome(10);
    await whole();
  });

  it('a follower sees everything once and in order, whatever the relay and NATS do meanwhile', async () => {
    const from = await world.store.head();
    const stop = new AbortController();
    stops.push(stop);
    const seen: number[] = [];
    running.push(
      (async () => {
        for await (const batch of followLog(
          from,
          { ...world, log: silentLog, types: ['CampaignToppedUp'] },
          stop.signal,
        ))
          seen.push(...batch.events.map((e) => e.position));
      })(),
    );
    let relay = startRelay();
    for (let i = 0; i < 12; i++) {
      await appendSome(20);
      if (i === 3) await relay.stop();
      if (i === 5) relay = startRelay();
      if (i === 7) await world.server.kill();
      if (i === 9) await world.server.restart();
    }
    await until(() => seen.length >= 480, '480 events');
    expect(seen).toEqual(upTo(480).map((n) => from + n));
  });

  it('publishes nothing to a stream that holds another log, however long this one is', async () => {
    startRelay();
    await appendSome(10);
    await whole();
    const messages = async () =>
      (await world.nats.manager.streams.info(JETSTREAM_STREAM)).state.messages;
    const before = await messages();
    const other = new MemoryEventStore();
    for (let i = 0; i < 2_000; i++) await other.append('campaign-other', [toppedUp()], 'any');
    const stop = new AbortController();
    stops.push(stop);
    const warnings: string[] = [];
    const log = {
      ...silentLog,
      warn: (fields: { error?: string }) => void warnings.push(fields.error ?? ''),
    };
    running.push(runRelay({ store: other, nats: world.nats, log }, stop.signal));
    await until(() => warnings.length > 1, 'a second check');
    expect(warnings[0]).toMatch(
      /^JetStream ends with an event that is not in this log at position \d+: it belongs to another log\. Delete the stream/,
    );
    expect(await messages()).toBe(before);
  });

  it.each([
    ['without a position', {}],
    ['with a position that is none', { 'ce-position': '-1', 'ce-previousposition': '-2' }],
    ['with a position that is not after the one before it', { 'ce-position': '3', 'ce-previousposition': '3' }],
  ])('passes over messages of others, %s, and publishes on', async (_, given) => {
    const relay = startRelay();
    await appendSome(3);
    await whole();
    await relay.stop();
    const foreign = headers();
    for (const [name, value] of Object.entries(given)) foreign.set(name, value);
    for (let i = 0; i < 5; i++)
      await world.nats.client.publish('cliptally.events.payout.PayoutApproved', '{}', { headers: foreign });
    const seen: number[] = [];
    const stop = new AbortController();
    stops.push(stop);
    const from = await world.store.head();
    const following = { store: world.store, nats: world.nats, log: silentLog, types: ['CampaignToppedUp'] as const };
    running.push(
      (async () => {
        for await (const { events } of followLog(from, following, stop.signal))
          seen.push(...events.map(({ position }) => position));
      })(),
    );
    startRelay();
    await appendSome(3);
    await until(() => seen.length >= 6, 'six events more');
    await whole();
    expect(seen).toEqual(upTo(6).map((n) => from + n));
  }); // prettier-ignore

  it('reads an event that is too large for a message from the store', async () => {
    const from = await world.store.head();
    const stop = new AbortController();
    stops.push(stop);
    startRelay();
    const large = {
      ...toppedUp(),
      data: { campaignId: 'a', amount: 1, by: 'x'.repeat(1_100_000) },
    };
    const seen: number[] = [];
    running.push(
      (async () => {
        for await (const { events } of followLog(
          from,
          { ...world, log: silentLog, types: ['CampaignToppedUp'] },
          stop.signal,
        ))
          seen.push(...events.map((e) => JSON.stringify(e.data).length));
      })(),
    );
    await until(
      async () => (await world.nats.manager.streams.info(JETSTREAM_STREAM)).state.messages > 0,
    );
    await world.store.append('campaign-large', [large], 'none');
    await world.store.append('campaign-large', [toppedUp()], 0);
    await until(() => seen.length === 2, 'the large event and the next one');
    expect(seen[0]).toBeGreaterThan(1_100_000);
  });
});
