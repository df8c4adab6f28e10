import { testNats } from '@cliptally/dev/servers';
import { connectNats } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Look } from './domain/batch.js';
import { KvMemory, type RememberedBatch, type RememberedCount } from './memory.js';

describe('what scrapers remember together', () => {
  let server: Awaited<ReturnType<typeof testNats>>;
  let connections: Awaited<ReturnType<typeof connectNats>>[];
  let memories: KvMemory[];
  beforeAll(async () => {
    server = await testNats();
    connections = await Promise.all([1, 2, 3].map((n) => connectNats(server.url, `scraper-${n}`)));
    memories = await Promise.all(connections.map((nats) => KvMemory.open(nats)));
  });
  afterAll(async () => {
    await Promise.all(connections.map(({ connection }) => connection.close()));
    await server.stop();
  });

  const looksAt = (...ids: string[]) =>
    ids.map((requestId) => ({ request: { requestId }, videoId: requestId, metric: null, correlationId: 'c' }) as Look);
  const claimOf = (n: number, claimedAt = '2026-05-10T00:00:00.000Z') => ({ batchId: `b${n}`, claimedAt });

  it('counts that one has kept are known to the others, the newest of each clip', async () => {
    const [a, b] = memories as [KvMemory, KvMemory];
    const count = (views: number): RememberedCount => ({
      views,
      metric: 'playCount',
      observedAt: '2026-05-10T00:00:00.000Z',
      source: 's',
    });
    const clips = Array.from({ length: 200 }, (_, n) => `tiktok-${n}`);
    await a.keepCounts(new Map(clips.map((clip) => [clip, count(1)])));
    await b.keepCounts(new Map([['tiktok-7', count(2)]]));
    await a.keepCounts(new Map());
    const known = await b.countsOf([...clips, 'tiktok-200']);
    expect(known.size).toBe(200);
    expect([...known].filter(([, { views }]) => views === 2)).toEqual([['tiktok-7', count(2)]]);
    expect(await b.countsOf(['tiktok-200'])).toEqual(new Map());
  });

  it('asks again and again without keeping a subscription for each time', async () => {
    const { protocol } = connections[0]!.connection as unknown as { protocol: { subscriptions: { size(): number } } };
    const before = protocol.subscriptions.size();
    for (let n = 0; n < 20; n++) {
      await memories[0]!.keepCounts(
        new Map([['tiktok-again', { views: n, metric: 'playCount', observedAt: '2026-05-10T00:00:00.000Z', source: 's' }]]),
      );
      expect((await memories[0]!.countsOf(['tiktok-again', 'tiktok-unknown'])).get('tiktok-again')?.views).toBe(n);
      expect((await memories[0]!.batchesOf(['unknown'])).size).toBe(0);
    }
    expect(protocol.subscriptions.size()).toBe(before);
  });

  it('one of three wins a look, whether nobody had it or all of them take it from a fourth, also in the same millisecond', async () => {
    for (let round = 0; round < 30; round++) {
      const looks = looksAt(`look-${round}`);
      const first = await Promise.all(memories.map((memory, n) => memory.claim(looks, claimOf(n), null)));
      expect(first.filter(Boolean)).toHaveLength(1);
      const winner = claimOf(first.indexOf(true));
      const next = await Promise.all(memories.map((memory, n) => memory.claim(looks, claimOf(n + 3), winner)));
      expect(next.filter(Boolean)).toHaveLength(1);
    }
  });

  it('a renewed claim is another claim, and whoever has one look of a batch keeps the others from the whole', async () => {
    const [a, b] = memories as [KvMemory, KvMemory];
    const looks = looksAt('one', 'two');
    const [old, renewed] = [claimOf(0), claimOf(0, '2026-05-10T00:01:00.000Z')];
    const batch: RememberedBatch = { ...old, source: 's', looks, paid: [0, 0], intendedAt: old.claimedAt, run: null };
    await a.keepBatch(batch);
    expect(await a.claim(looks, old, null)).toBe(true);
    expect(await b.claim(looks.slice(0, 1), renewed, old)).toBe(true);
    expect(await a.claim(looks, claimOf(0, '2026-05-10T00:02:00.000Z'), old)).toBe(false);
    // The second of the looks was free, and has the claim that did not get the first.
    expect(await b.batchesOf(['one', 'two', 'three'])).toEqual(
      new Map([
        ['one', { ...batch, ...renewed }],
        ['two', { ...batch, claimedAt: '2026-05-10T00:02:00.000Z' }],
      ]),
    );
  });
});
