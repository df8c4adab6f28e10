import type { NewEvent } from '@cliptally/contracts';
import { KurrentDBClient, jsonEvent } from '@kurrent/kurrentdb-client';
import { until } from '@cliptally/dev/servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { StoreUnavailable, WrongExpectedRevision, type EventStore } from '@cliptally/event-store';
import { collect, freshStream, paused } from '../../event-store/src/testing/conformance.js';
import {
  startKurrentDbTestServer,
  type KurrentDbTestServer,
  type KurrentDbTestServerOptions,
} from './testing/kurrentdb-server/index.js';
import { Connection } from './connection.js';
import { KurrentDbEventStore, type KurrentDbEventStoreOptions } from './kurrentdb-event-store.js';

const some = (count: number): NewEvent[] =>
  Array.from({ length: count }, (_, i) => paused(String(i)));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const idsOf = async (events: AsyncIterable<{ id: string }>) =>
  (await collect(events)).map((e) => e.id);
const resumed = (): NewEvent =>
  ({ ...paused(), type: 'CampaignResumed', data: { campaignId: 'a', by: 'test' } }) as NewEvent;

describe('KurrentDB alone', () => {
  let server: KurrentDbTestServer;
  let store: KurrentDbEventStore;
  const open: { close(): Promise<void> }[] = [];
  const openStore = (options: Partial<KurrentDbEventStoreOptions> = {}, on = server) => {
    const opened = new KurrentDbEventStore({ url: on.url, ...options });
    open.push(opened);
    return opened;
  };
  const openServer = async (options: KurrentDbTestServerOptions) => {
    const started = await startKurrentDbTestServer(options);
    open.push({ close: () => started.stop() });
    return started;
  };
  /** The first `count` events after `from`, in the order they come. */
  const follow = async (count: number, from: number, options = {}, on: EventStore = store) => {
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { id } of on.subscribe(from, stop.signal, options))
      if (seen.push(id) === count) stop.abort();
    return seen;
  };

  beforeAll(async () => {
    server = await startKurrentDbTestServer();
    store = new KurrentDbEventStore({ url: server.url });
  });
  afterEach(async () => {
    server.treat = () => 'answer';
    await Promise.all(open.splice(0).map((o) => o.close()));
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  describe('an append', () => {
    it.each(['refuse', 'lose-answer', 'not-leader'] as const)(
      'is made once although the server does "%s" three times',
      async (treatment) => {
        let left = 3;
        server.treat = () => (left-- > 0 ? treatment : 'answer');
        const stream = freshStream();
        const events = some(3);
        const result = await store.append(stream, events, 'none');
        expect(result).toMatchObject({ revision: 2, added: 3, position: await store.head() });
        expect(await idsOf(store.readStream(stream))).toEqual(events.map((e) => e.id));
      },
    );

    it('over many streams is made once although its answer is lost', async () => {
      server.treat = (nth) => (nth % 2 === 0 ? 'lose-answer' : 'answer');
      const batch = Array.from({ length: 20 }, () => ({
        stream: freshStream(),
        events: some(2),
        expected: 'none' as const,
      }));
      await store.appendMany(batch);
      await store.appendMany(batch);
      for (const { stream, events } of batch)
        expect(await idsOf(store.readStream(stream))).toEqual(events.map((e) => e.id));
    });

    it('that died between two chunks is completed exactly when another process makes it again', async () => {
      const stream = freshStream();
      const events = some(2_000);
      const dying = openStore({ chunkBytes: 50_000 });
      let sessions = 0;
      server.treat = () => {
        if (++sessions < 4) return 'answer';
        void dying.close();
        return 'lose-answer';
      };
      await expect(dying.append(stream, events, 'none')).rejects.toThrow('UNAVAILABLE');
      server.treat = () => 'answer';
      const half = await collect(store.readStream(stream));
      expect(half.length).toBeGreaterThan(400);
      expect(half.length).toBeLessThan(1_600);
      expect(await store.append(stream, events, 'none')).toMatchObject({
        revision: 1_999,
        added: 2_000 - half.length,
      });
      expect(await idsOf(store.readStream(stream))).toEqual(events.map((e) => e.id));
      expect(await openStore().append(stream, events, 'none')).toMatchObject({
        revision: 1_999,
        added: 0,
      });
    });

    it('in chunks goes on over a server that goes away and comes back', async () => {
      const stream = freshStream();
      const events = some(2_000);
      let sessions = 0;
      server.treat = () => {
        if (++sessions === 3) void server.restart();
        return 'answer';
      };
      expect(await openStore({ chunkBytes: 50_000 }).append(stream, events, 'none')).toMatchObject({
        revision: 1_999,
        added: 2_000,
      });
      expect(await idsOf(store.readStream(stream))).toEqual(events.map((e) => e.id));
    });

    it('is refused halfway when somebody writes between its chunks, and says where the stream stands', async () => {
      const stream = freshStream();
      const intruder = paused('intruder');
      const other = openStore();
      const slow = openStore({ chunkBytes: 50_000 });
      const target = server.log;
      let done = false;
      server.treat = () => {
        if (target.stream(stream).length > 0 && !done) {
          done = true;
          const { id, type } = intruder;
          target.write([
            {
              stream,
              expected: -2,
              events: [
                {
                  id,
                  type,
                  isJson: true,
                  data: Buffer.from('{}'),
                  metadata: Buffer.from('{"version":"1"}'),
                },
              ],
            },
          ]);
        }
        return 'answer';
      };
      await expect(slow.append(stream, some(1_000), 'none')).rejects.toBeInstanceOf(
        WrongExpectedRevision,
      );
      const there = await collect(other.readStream(stream));
      expect(there.at(-1)!.id).toBe(intruder.id);
      const rest = await slow.append(stream, some(1_000), 'any');
      expect(rest).toMatchObject({ revision: there.length + 999, added: 1_000 });
    });

    it('fits its chunks to a server that takes less, and names the limit if one event is too large for it', async () => {
      const small = await openServer({ maxAppendBytes: 40_000, maxEventBytes: 40_000 });
      const cramped = openStore({}, small);
      const stream = freshStream();
      const events = some(1_000);
      expect(await cramped.append(stream, events, 'none')).toMatchObject({
        revision: 999,
        added: 1_000,
      });
      expect(await idsOf(cramped.readStream(stream))).toEqual(events.map((e) => e.id));
      const large = { ...paused(), data: { reason: 'x'.repeat(50_000) } } as unknown as NewEvent;
      await expect(cramped.append(stream, [paused(), large], 'any')).rejects.toMatchObject({
        name: 'EventTooLarge',
        message: expect.stringContaining('at most 40000'),
      });
      const many = Array.from({ length: 300 }, () => ({
        stream: freshStream(),
        events: some(1),
        expected: 'none' as const,
      }));
      await expect(cramped.appendMany(many)).rejects.toThrow('Split it');
      expect(await collect(cramped.readStream(many[0]!.stream))).toEqual([]);
    });

    it('of two processes racing 100 times for a revision, exactly one wins each', async () => {
      const [one, two] = [openStore(), openStore()];
      const stream = freshStream();
      for (let i = 0; i < 100; i++) {
        const expected = i === 0 ? 'none' : i - 1;
        const results = await Promise.allSettled(
          [one, two].map((s) => s.append(stream, [paused()], expected)),
        );
        expect(results.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
      }
      expect(await collect(store.readStream(stream))).toHaveLength(100);
    });

    it('of processes that append the same events and others at once adds each event once', async () => {
      const stores = Array.from({ length: 4 }, () => openStore());
      const stream = freshStream();
      const shared = some(20);
      await Promise.all(
        stores.map(async (s) => {
          for (const event of shared)
            await Promise.all([
              s.append(stream, [event], 'any'),
              s.append(stream, [paused()], 'any'),
            ]);
        }),
      );
      const ids = await idsOf(store.readStream(stream));
      expect(ids).toHaveLength(20 + 4 * 20);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('is refused with a clear sentence by a server that is too old', async () => {
      const old = await openServer({ version: '25.0.1' });
      await expect(openStore({}, old).append(freshStream(), [paused()], 'none')).rejects.toThrow(
        'at least version 25.1',
      );
    });
  });

  describe('a server that goes away', () => {
    it('and does not come back: the store says so, as something that may pass', async () => {
      const gone = await openServer({});
      const waiting = openStore({ url: `${gone.url}&maxDiscoverAttempts=2` }, gone);
      await waiting.append(freshStream(), [paused()], 'none');
      await gone.stop();
      await expect(
        Promise.all([waiting.head(), waiting.append(freshStream(), [paused()], 'none')]),
      ).rejects.toBeInstanceOf(StoreUnavailable);
    });

    it('and comes back: a call made meanwhile gets an answer', async () => {
      const stream = freshStream();
      const [event] = some(1) as [NewEvent];
      await server.stop();
      const answers = Promise.all([
        store.append(stream, [event], 'none'),
        store.head(),
        collect(store.readStream(freshStream())),
      ]);
      await sleep(700);
      await server.restart();
      expect((await answers)[0]).toMatchObject({ revision: 0, added: 1 });
      expect(await idsOf(store.readStream(stream))).toEqual([event.id]);
    });

    it('in the middle of a read of everything, which goes on where it was', async () => {
      const start = await store.head();
      const events = some(6_000);
      await store.append(freshStream(), events, 'none');
      const seen: string[] = [];
      for await (const { id } of store.readAll(start)) {
        if (seen.push(id) === 100) {
          await server.stop();
          setTimeout(() => void server.restart(), 300);
        }
      }
      expect(seen).toEqual(events.map((e) => e.id));
    });

    it('so that its stream closes before the end: the read begins again, and is not torn (E6)', async () => {
      const connection = new Connection(server.url);
      let opened = 0;
      const read = connection.read(() => {
        const stream = new PassThrough({ objectMode: true });
        stream.write({ event: { revision: BigInt(opened) } });
        if (opened++ > 0) stream.end();
        else setImmediate(() => stream.destroy());
        return stream;
      });
      expect((await collect(read)).map(({ revision }) => revision)).toEqual([0n, 1n]);
      await connection.close();
    });

    it('in the middle of a subscription, again and again: it neither skips nor repeats', async () => {
      const start = await store.head();
      const events = some(4_000);
      const seen = follow(events.length, start);
      const away = (async () => {
        for (let i = 0; i < 6; i++) {
          await sleep(150);
          await server.stop();
          await sleep(50 * i);
          await server.restart();
        }
      })();
      for (let i = 0; i < events.length; i += 100)
        await store.append(freshStream(), events.slice(i, i + 100), 'none');
      await away;
      expect(await seen).toEqual(events.map((e) => e.id));
    });

    it('while a subscription has seen nothing it wants: it resumes from a checkpoint', async () => {
      const start = await store.head();
      const seen = follow(1, start, { types: ['CampaignResumed'] });
      await store.append(freshStream(), some(5_000), 'none');
      const head = await store.head();
      // What the server sent last may not have come when it goes away: then it has the next time.
      await until('a subscription from beyond all that', async () => {
        const asked = server.subscribedFrom.length;
        await server.restart();
        await until('the next subscription', () => server.subscribedFrom.length > asked);
        return (server.subscribedFrom.at(-1) ?? 0) >= head;
      });
      const event = resumed();
      await store.append(freshStream(), [event], 'none');
      expect(await seen).toEqual([event.id]);
    });
  });

  describe('what else stands in the log', () => {
    it("is passed over: KurrentDB's own events and those of other applications", async () => {
      const { position } = await store.append(freshStream(), [paused()], 'none');
      const client = KurrentDBClient.connectionString(server.url);
      const foreign = () =>
        client.appendToStream('invoices-1', jsonEvent({ type: 'InvoiceSent', data: { n: 1 } }));
      for (let i = 0; i < 10; i++) await foreign();
      await client.appendToStream('$settings', jsonEvent({ type: '$changed', data: {} }));
      expect(await store.head()).toBe(position);
      expect(await collect(store.readAll(position))).toEqual([]);
      const seen = follow(1, position);
      const event = paused();
      await store.append(freshStream(), [event], 'none');
      expect(await seen).toEqual([event.id]);
      expect(await idsOf(store.readAll(position))).toEqual([event.id]);
      await client.dispose();
    });

    it('is named when it stands in a stream of ours', async () => {
      const client = KurrentDBClient.connectionString(server.url);
      const stream = freshStream();
      await client.appendToStream(stream, jsonEvent({ type: 'InvoiceSent', data: { n: 1 } }));
      await expect(collect(store.readStream(stream))).rejects.toThrow(
        `of the stream "${stream}" was not written by Cliptally`,
      );
      await client.dispose();
    });

    it('keeps what an event was, so that others can read it', async () => {
      const stream = freshStream();
      const event = { ...paused(), correlationId: randomUUID(), causationId: randomUUID() };
      await store.append(stream, [event], 'none');
      const client = KurrentDBClient.connectionString(server.url);
      const [found] = await collect(client.readStream(stream));
      expect(found!.event).toMatchObject({
        id: event.id,
        type: 'CampaignPaused',
        data: event.data,
        metadata: {
          version: '1',
          time: event.time,
          $correlationId: event.correlationId,
          $causationId: event.causationId,
        },
      });
      await client.dispose();
    });
  });

  it('is found through gossip as well', async () => {
    const discovered = openStore({
      url: server.url.replace('kurrentdb://', 'kurrentdb+discover://'),
    });
    const stream = freshStream();
    await discovered.append(stream, some(2), 'none');
    expect(await collect(discovered.readStream(stream))).toHaveLength(2);
  });

  it('ends its subscriptions when it is closed', async () => {
    const closing = openStore();
    const asked = server.subscribedFrom.length;
    const seen = collect(closing.subscribe(await closing.head(), new AbortController().signal));
    await until('the subscription', () => server.subscribedFrom.length > asked);
    await closing.close();
    expect(await seen).toEqual([]);
  });
});
