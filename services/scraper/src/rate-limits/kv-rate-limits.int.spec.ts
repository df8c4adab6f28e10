import { clockOf, PLATFORMS } from '@cliptally/contracts';
import { testNats, until } from '@cliptally/dev/servers';
import { connectNats, silentLog, type Nats } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACTORS } from '../domain/actors.js';
import { KvRateLimits } from './kv-rate-limits.js';
import { ApifySource } from '../sources/apify.js';

describe('three scrapers that share the limits', () => {
  let server: Awaited<ReturnType<typeof testNats>>;
  let connections: Awaited<ReturnType<typeof connectNats>>[];
  beforeAll(async () => {
    server = await testNats();
    connections = await Promise.all([1, 2, 3].map((n) => connectNats(server.url, `scraper-${n}`)));
  });
  afterAll(async () => {
    await Promise.all(connections.map(({ connection }) => connection.close()));
    await server.stop();
  });

  const clock = clockOf({ world: Date.parse('2026-05-10T00:00:00Z'), real: Date.now(), speed: 60 });
  const openLimits = (nats: Nats, slots: number) =>
    KvRateLimits.open(nats, { clock, slots: () => Promise.resolve(slots), log: silentLog });
  const sourceOf = (i: number, perMinute: number) => {
    const actor = ACTORS.find(({ platform }) => platform === PLATFORMS[i % PLATFORMS.length])!;
    return new ApifySource({ ...actor, perMinute }, { token: 'test', clock });
  };

  it('never have more runs under way than the account allows, all of which one platform alone may use', async () => {
    const scrapers = await Promise.all(connections.map((nats) => openLimits(nats, 10)));
    const running = new Map<string, string>();
    let most = 0;
    const work = async (i: number, source = sourceOf(i, 1e6)) => {
      const limits = scrapers[i % 3]!;
      await limits.acquire(source, `batch-${i}`, 10, new AbortController().signal);
      running.set(`batch-${i}`, source.platform);
      most = Math.max(most, running.size);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running.delete(`batch-${i}`);
      await limits.release(`batch-${i}`);
    };
    await Promise.all(Array.from({ length: 45 }, (_, i) => work(i)));
    expect(most).toBeLessThanOrEqual(10);
    expect(running.size).toBe(0);
    const alone = Array.from({ length: 10 }, (_, i) =>
      scrapers[i % 3]!.acquire(sourceOf(0, 1e6), `alone-${i}`, 10, new AbortController().signal),
    );
    await Promise.all(alone);
    for (let i = 0; i < 10; i++) await scrapers[i % 3]!.release(`alone-${i}`);
  });

  it('start no more runs in a minute than the source allows', async () => {
    const scrapers = await Promise.all(connections.map((nats) => openLimits(nats, 1_000)));
    const source = new ApifySource(
      { ...ACTORS[0]!, id: 'rate/test', perMinute: 30 },
      { token: 'test', clock },
    );
    const begun = clock.now().getTime();
    const passed = async (i: number) => {
      const batch = `rate-${i}`;
      await scrapers[i % 3]!.acquire(source, batch, 1, new AbortController().signal);
      await scrapers[i % 3]!.release(batch);
      return clock.now().getTime() - begun;
    };
    const instants = (await Promise.all(Array.from({ length: 25 }, (_, i) => passed(i)))).toSorted(
      (a, b) => a - b,
    );
    // Five at once, and then one in two seconds of the world: the last of them not before twenty
    // such pauses.
    expect(instants.at(-1)!).toBeGreaterThanOrEqual(20 * 2_000 - 10);
  });

  it('release a slot while NATS is away as soon as it is back, and a full account has it again', async () => {
    const [one, two] = (await Promise.all(connections.map((nats) => openLimits(nats, 1)))) as [
      KvRateLimits,
      KvRateLimits,
    ];
    const source = sourceOf(0, 1e6);
    const { signal } = new AbortController();
    await one.acquire(source, 'before', 10, signal);
    await server.kill();
    // It waits for no answer that cannot come: the batch must go on.
    await one.release('before');
    await server.restart();
    const acquired = () =>
      two.acquire(source, 'after', 10, signal).then(
        () => true,
        () => false,
      );
    await until('the slot that was released', acquired);
    await one.close();
    await two.release('after');
  });

  it('a batch that has a slot renews it, although the account is full by now', async () => {
    const [one, two] = (await Promise.all(connections.map((nats) => openLimits(nats, 1)))) as [
      KvRateLimits,
      KvRateLimits,
    ];
    const source = sourceOf(0, 1e6);
    const stop = new AbortController();
    await one.acquire(source, 'mine', 10, stop.signal);
    const refused = two.acquire(source, 'late', 10, stop.signal).catch((error: unknown) => error);
    await one.acquire(source, 'mine', 10, stop.signal);
    stop.abort();
    expect(await refused).toBeInstanceOf(RetryLater);
    await one.release('mine');
  });
});
