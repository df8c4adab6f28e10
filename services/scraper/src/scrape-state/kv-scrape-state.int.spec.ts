import { testNats } from '@cliptally/dev/servers';
import { BUCKETS, connectNats, streamOf, type BucketName } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scrape } from '../domain/scrape.js';
import { KvScrapeState } from './kv-scrape-state.js';
import type { Observation, StoredBatch } from './scrape-state.js';

const OBSERVATION: Observation = {
  views: 1,
  metric: 'playCount',
  observedAt: '2026-05-10T00:00:00.000Z',
  source: 's',
};

describe('what scrapers remember together', () => {
  let server: Awaited<ReturnType<typeof testNats>>;
  let connections: Awaited<ReturnType<typeof connectNats>>[];
  let memories: KvScrapeState[];
  beforeAll(async () => {
    server = await testNats();
    connections = await Promise.all([1, 2, 3].map((n) => connectNats(server.url, `scraper-${n}`)));
    memories = await Promise.all(connections.map((nats) => KvScrapeState.open(nats)));
  });
  afterAll(async () => {
    await Promise.all(connections.map(({ connection }) => connection.close()));
    await server.stop();
  });

  const scrapesOf = (...ids: string[]) =>
    ids.map(
      (requestId) =>
        ({
          request: { requestId },
          videoId: requestId,
          metric: null,
          correlationId: 'c',
        }) as Scrape,
    );
  const claimOf = (n: number, claimedAt = '2026-05-10T00:00:00.000Z') => ({
    batchId: `b${n}`,
    claimedAt,
  });

  it('counts that one has kept are known to the others, the newest of each clip', async () => {
    const [a, b] = memories as [KvScrapeState, KvScrapeState];
    const count = (views: number): Observation => ({
      views,
      metric: 'playCount',
      observedAt: '2026-05-10T00:00:00.000Z',
      source: 's',
    });
    const clips = Array.from({ length: 200 }, (_, n) => `tiktok-${n}`);
    await a.keepObservations(new Map(clips.map((clip) => [clip, count(1)])));
    await b.keepObservations(new Map([['tiktok-7', count(2)]]));
    await a.keepObservations(new Map());
    const known = await b.observationsOf([...clips, 'tiktok-200']);
    expect(known.size).toBe(200);
    expect([...known].filter(([, { views }]) => views === 2)).toEqual([['tiktok-7', count(2)]]);
    expect(await b.observationsOf(['tiktok-200'])).toEqual(new Map());
  });

  it('asks again and again without keeping a subscription for each time', async () => {
    const { protocol } = connections[0]!.connection as unknown as {
      protocol: { subscriptions: { size(): number } };
    };
    const before = protocol.subscriptions.size();
    for (let n = 0; n < 20; n++) {
      await memories[0]!.keepObservations(
        new Map([
          [
            'tiktok-again',
            { views: n, metric: 'playCount', observedAt: '2026-05-10T00:00:00.000Z', source: 's' },
          ],
        ]),
      );
      expect(
        (await memories[0]!.observationsOf(['tiktok-again', 'tiktok-unknown'])).get('tiktok-again')
          ?.views,
      ).toBe(n);
      expect((await memories[0]!.batchesOf(['unknown'])).size).toBe(0);
    }
    expect(protocol.subscriptions.size()).toBe(before);
  });

  it('one of three wins a scrape, whether nobody had it or all of them take it from a fourth, also in the same millisecond', async () => {
    for (let round = 0; round < 30; round++) {
      const scrapes = scrapesOf(`scrape-${round}`);
      const first = await Promise.all(
        memories.map((state, n) => state.claim(scrapes, claimOf(n), null)),
      );
      expect(first.filter(Boolean)).toHaveLength(1);
      const winner = claimOf(first.indexOf(true));
      const next = await Promise.all(
        memories.map((state, n) => state.claim(scrapes, claimOf(n + 3), winner)),
      );
      expect(next.filter(Boolean)).toHaveLength(1);
    }
  });

  it('a run is of the batch that takes it first, and a batch that has one takes no other', async () => {
    const takes = (...runs: string[]) =>
      Promise.all(memories.map((state, n) => state.takeRun(runs, `b${n}`)));
    for (let round = 0; round < 30; round++) {
      const [one, two] = [`Run${round}`, `Later${round}`];
      const first = await takes(one);
      expect(first.filter((run) => run === one)).toHaveLength(1);
      const owner = first.indexOf(one);
      expect(await memories[owner]!.takeRun([two, one], `b${owner}`)).toBe(one);
      expect(await memories[owner]!.runOf([two, one], `b${owner}`)).toBe(one);
      expect(await memories[owner]!.runOf([two], `b${owner}`)).toBeNull();
      const second = await takes(one, two);
      expect(second[owner]).toBe(one);
      expect(new Set(second)).toEqual(new Set([one, two, null]));
    }
    expect(await memories[0]!.takeRun([], 'b0')).toBeNull();
  });

  it('takes a run that was just started in one call', async () => {
    const sent = () => connections[0]!.connection.stats().outMsgs;
    const before = sent();
    expect(await memories[0]!.takeRun(['just-started'], 'b0')).toBe('just-started');
    expect(sent() - before).toBe(1);
    expect(await memories[1]!.takeRun(['just-started'], 'b1')).toBeNull();
    expect(await memories[1]!.takeRun(['just-started'], 'b0')).toBe('just-started');
  });

  it('a renewed claim is another claim, and a worker with one scrape of a batch keeps the others from the whole', async () => {
    const [a, b] = memories as [KvScrapeState, KvScrapeState];
    const scrapes = scrapesOf('one', 'two');
    const [old, renewed] = [claimOf(0), claimOf(0, '2026-05-10T00:01:00.000Z')];
    const batch: StoredBatch = {
      ...old,
      source: 's',
      scrapes,
      paid: [0, 0],
      intendedAt: old.claimedAt,
      maxCostMicroUsd: 0,
      expectedCostMicroUsd: 0,
      run: null,
    };
    await a.keepBatch(batch);
    expect(await a.claim(scrapes, old, null)).toBe(true);
    expect(await b.claim(scrapes.slice(0, 1), renewed, old)).toBe(true);
    expect(await a.claim(scrapes, claimOf(0, '2026-05-10T00:02:00.000Z'), old)).toBe(false);
    // The second of the scrapes was free, and has the claim that did not get the first.
    expect(await b.batchesOf(['one', 'two', 'three'])).toEqual(
      new Map([
        ['one', { ...batch, ...renewed }],
        ['two', { ...batch, claimedAt: '2026-05-10T00:02:00.000Z' }],
      ]),
    );
  });

  it('goes on in empty buckets if JetStream has lost them', async () => {
    const [a, b] = memories as [KvScrapeState, KvScrapeState];
    const { streams } = connections[0]!.manager;
    // Those that were not made anew are still gone.
    const lose = (name: string) => streams.delete(streamOf(name as BucketName)).catch(() => false);
    const loseAll = () => Promise.all(Object.keys(BUCKETS).map(lose));
    await a.keepObservations(new Map([['tiktok-lost', OBSERVATION]]));
    await loseAll();
    expect(await b.observationsOf(['tiktok-lost'])).toEqual(new Map());
    await a.keepObservations(new Map([['tiktok-lost', OBSERVATION]]));
    expect((await b.observationsOf(['tiktok-lost'])).size).toBe(1);
    await loseAll();
    expect(await a.claim(scrapesOf('lost'), claimOf(0), null)).toBe(true);
    expect(await b.claim(scrapesOf('lost'), claimOf(1), null)).toBe(false);
    await loseAll();
    expect(await a.firstOfDay('2026-05-10', ['lost'])).toEqual(['lost']);
    expect(await b.takeRun(['lost'], 'b1')).toBe('lost');
  });
});
