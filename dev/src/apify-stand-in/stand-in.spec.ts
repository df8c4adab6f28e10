import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApifyClient, type ActorStartOptions } from 'apify-client';
import { clockOf, ManualClock, type Clock } from '@cliptally/contracts';
import { until } from '../servers/index.js';
import { Account } from './account.js';
import { FaultBook } from './faults.js';
import {
  generatedCurves,
  startApifyStandIn,
  type ApifyStandIn,
  type StandInOptions,
} from './index.js';

const worldStart = new Date('2026-03-01T00:00:00Z');
const curves = generatedCurves({ worldStart });
const fast = (): Clock =>
  clockOf({ world: worldStart.getTime() + 86_400_000, real: Date.now(), speed: 7_200 });

let clock: ManualClock;
let standIn: ApifyStandIn;
let client: ApifyClient;
const others: ApifyStandIn[] = [];
const open = (s: ApifyStandIn, token = 'secret') =>
  new ApifyClient({ token, baseUrl: s.url, maxRetries: 0 });
const start = async (options: Partial<StandInOptions> = {}) => {
  const other = await startApifyStandIn({ clock, curves, ...options });
  others.push(other);
  return other;
};

beforeEach(async () => {
  clock = new ManualClock(new Date('2026-03-02T00:00:00Z'));
  standIn = await start({ token: 'secret' });
  client = open(standIn);
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((s) => s.close()));
});

const exports = join(process.cwd(), '../shared/data/apify');
const tiktok = 'clockworks/tiktok-scraper';
const url = (n: number) =>
  `https://www.tiktok.com/@somebody/video/75337319591728612${String(n).padStart(2, '0')}`;
const input = (videos = 1) => ({
  postURLs: Array.from({ length: videos }, (_, i) => url(i)),
  resultsPerPage: 1,
  shouldDownloadVideos: false,
});

/** Starts a run, lets it end, and brings its run and rows. */
async function ran(actor: string, input: unknown, options: ActorStartOptions = {}) {
  const { id } = await client.actor(actor).start(input, options);
  clock.advance(120_000);
  const run = (await client.run(id).get())!;
  const list = await client.dataset(run.defaultDatasetId).listItems({ clean: true });
  return { run, items: list.items as Record<string, unknown>[], list };
}

describe('the actors', () => {
  const cases = [
    { actor: tiktok, platform: 'tiktok', id: '7533731959172861206', id2: 'id', views: 'playCount', at: 'https://www.tiktok.com/@somebody/video/7533731959172861206', put: (u: string) => ({ postURLs: [u] }), usd: 0.0047 },
    { actor: 'apify/instagram-scraper', platform: 'instagram', id: 'DK5AxrFxbwN', id2: 'shortCode', views: 'videoPlayCount', at: 'https://www.instagram.com/reel/DK5AxrFxbwN/', put: (u: string) => ({ directUrls: [u], resultsType: 'posts', resultsLimit: 1 }), usd: 0.0027 },
    { actor: 'apify/instagram-reel-scraper', platform: 'instagram', id: 'DK5AxrFxbwN', id2: 'shortCode', views: 'videoPlayCount', at: 'https://www.instagram.com/reel/DK5AxrFxbwN/', put: (u: string) => ({ username: [u] }), usd: 0.0036 },
    { actor: 'streamers/youtube-scraper', platform: 'youtube', id: 'dQw4w9WgXcQ', id2: 'id', views: 'viewCount', at: 'https://www.youtube.com/shorts/dQw4w9WgXcQ', put: (u: string) => ({ startUrls: [{ url: u }], maxResults: 1 }), usd: 0.004 },
    { actor: 'apidojo/tweet-scraper', platform: 'x', id: '1991964834351710261', id2: 'id', views: 'viewCount', at: 'https://x.com/somebody/status/1991964834351710261', put: (u: string) => ({ startUrls: [u] }), usd: 0.0164 },
    { actor: 'apify/facebook-posts-scraper', platform: 'facebook', id: '2347343795471231', id2: 'url', views: 'viewsCount', at: 'https://www.facebook.com/reel/2347343795471231/', put: (u: string) => ({ startUrls: [{ url: u }] }), usd: 0.002 },
  ] as const; // prettier-ignore

  it.each(cases)(
    '$actor reads the curve of the video in its own moment',
    async ({ actor, platform, id, id2, views, at, put, usd }) => {
      const { run, items } = await ran(actor, put(at));
      expect(run).toMatchObject({
        status: 'SUCCEEDED',
        exitCode: 0,
        usageTotalUsd: usd,
        chargedEventCounts: { 'actor-start': 1, result: 1 },
      });
      const runTime = run.finishedAt!.getTime() - run.startedAt.getTime();
      expect(runTime).toBeGreaterThanOrEqual(8_150);
      expect(runTime).toBeLessThan(12_000);
      expect(run.stats.runTimeSecs).toBe(runTime / 1000);
      const counts = curves.at(platform, id, run.finishedAt!)!;
      expect(items).toHaveLength(1);
      expect(String(items[0]![id2])).toContain(id);
      expect(items[0]![views]).toBe(counts.views);
      if (platform === 'instagram') expect(items[0]!['videoViewCount']).toBe(counts.secondViews);
      expect(JSON.stringify(items[0])).toContain(at);
      expect(standIn.stats()).toMatchObject({
        runs: 1,
        billedMicroUsd: usd * 1e6,
        looks: { [`${platform}-${id}`]: 1 },
        runsPerUrl: { [at]: 1 },
      });
    },
  );

  (existsSync(exports) ? describe : describe.skip)(
    'beside real rows [needs ../shared/data]',
    () => {
      it.each([
        [tiktok, ['tiktok-2024-09.json', 'tiktok-by-url.json']],
        ['apify/instagram-scraper', ['instagram-2026-05-25-a.json']],
        ['streamers/youtube-scraper', ['youtube-2025-09.json', 'youtube-2025-10.json']],
        ['apidojo/tweet-scraper', ['x-2025-11.json']],
      ])(
        '%s has no field, and no type of a field, that real rows do not have',
        async (actor, files) => {
          const real = files.flatMap(
            (file) =>
              JSON.parse(readFileSync(join(exports, file), 'utf8')) as Record<string, unknown>[],
          );
          const { put, at } = cases.find((c) => c.actor === actor)!;
          const [row] = (await ran(actor, put(at))).items;
          const shapes = (rows: Record<string, unknown>[]) =>
            new Set(
              rows.flatMap((r) =>
                Object.entries(r).map(([name, value]) => `${name}: ${typeof value}`),
              ),
            );
          expect([...shapes([row!])].filter((shape) => !shapes(real).has(shape))).toEqual([]);
        },
      );
    },
  );

  it.each(cases)(
    '$actor says so in its own way if there is no such video',
    async ({ actor, put }) => {
      const { run, items } = await ran(actor, put('https://example.org/nothing'));
      const said = {
        tiktok: { errorCode: 'NOT_FOUND' },
        'instagram-': { error: 'not_found' },
        tweet: { noResults: true },
        facebook: { error: 'no_items' },
      };
      const row = Object.entries(said).find(([name]) => actor.includes(name))?.[1];
      expect(items).toEqual(row ? [expect.objectContaining(row)] : []);
      expect(run.chargedEventCounts!['result']).toBe(row ? 1 : 0);
    },
  );

  it.each(cases)(
    '$actor refuses an input without videos, or with a list of another form',
    async ({ actor, put, at }) => {
      await expect(client.actor(actor).start({})).rejects.toMatchObject({
        statusCode: 400,
        type: 'invalid-input',
      });
      const [field] = Object.keys(put(at));
      const wrong = actor.includes('youtube') || actor.includes('facebook') ? [at] : [{ url: at }];
      await expect(client.actor(actor).start({ [field!]: wrong })).rejects.toMatchObject({
        type: 'invalid-input',
        message: expect.stringContaining(field!),
      });
    },
  );
});

describe('a run', () => {
  it('goes from READY to RUNNING to SUCCEEDED, and shows its items as they come', async () => {
    const { id, status, defaultDatasetId } = await client.actor(tiktok).start(input(20));
    expect(status).toBe('READY');
    clock.advance(13_000);
    const running = (await client.run(id).get())!;
    expect(running).toMatchObject({ status: 'RUNNING', finishedAt: null });
    const some = await client.dataset(defaultDatasetId).listItems();
    expect(some.total).toBeGreaterThan(0);
    expect(some.total).toBeLessThan(20);
    expect(running.usageTotalUsd).toBeCloseTo(0.001 + 0.0037 * some.total, 10);
    clock.advance(60_000);
    expect(await client.run(id).get()).toMatchObject({ status: 'SUCCEEDED', usageTotalUsd: 0.075 });
  });

  it('takes a compressed input of many URLs, answers unordered, and pages', async () => {
    const { list, run } = await ran(tiktok, input(50));
    expect(list).toMatchObject({ total: 50, count: 50, offset: 0, desc: false });
    expect(list.items.map((i) => i['submittedVideoUrl'])).not.toEqual(input(50).postURLs);
    expect(new Set(list.items.map((i) => i['submittedVideoUrl']))).toEqual(
      new Set(input(50).postURLs),
    );
    const page = await client
      .dataset(run.defaultDatasetId)
      .listItems({ offset: 45, limit: 10, fields: ['id'] });
    expect(page).toMatchObject({
      total: 50,
      count: 5,
      offset: 45,
      limit: 10,
      items: list.items.slice(45).map(({ id }) => ({ id })),
    });
    expect(await client.keyValueStore(run.defaultKeyValueStoreId).getRecord('INPUT')).toMatchObject(
      { value: input(50) },
    );
    expect(await client.run(run.id).keyValueStore().getRecord('INPUT')).toMatchObject({
      value: input(50),
    });
    expect(await client.log(run.id).get()).toContain('Finished successfully');
  });

  it('reads an address once, however often it is listed', async () => {
    expect((await ran(tiktok, { postURLs: [url(1), url(1), url(2)] })).items).toHaveLength(2);
  });

  it('is waited for in the time of the world', async () => {
    const quick = open(await start({ clock: fast() }));
    const waited = await quick.actor(tiktok).start(input(3), { waitForFinish: 60 });
    expect(waited.status).toBe('SUCCEEDED');
    const run = await quick.actor(tiktok).call(input(30), { log: null });
    expect(run.status).toBe('SUCCEEDED');
    const { id } = await client.actor(tiktok).start(input(3));
    const waiting = client.run(id).waitForFinish({ waitSecs: 50 });
    await until('the call to wait', () => clock.sleeping > 0);
    clock.advance(30_000);
    expect(await waiting).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is aborted: what it had is readable and billed', async () => {
    const { id, defaultDatasetId } = await client.actor(tiktok).start(input(40));
    clock.advance(20_000);
    expect(await client.run(id).abort()).toMatchObject({ status: 'ABORTING' });
    clock.advance(2_000);
    const run = (await client.run(id).get())!;
    const { total } = await client.dataset(defaultDatasetId).listItems();
    expect(total).toBeGreaterThan(5);
    expect(total).toBeLessThan(40);
    expect(run).toMatchObject({ status: 'ABORTED', chargedEventCounts: { result: total } });
    clock.advance(100_000);
    expect((await client.dataset(defaultDatasetId).listItems()).total).toBe(total);
    expect(await client.run(id).abort()).toMatchObject({ status: 'ABORTED' });
  });

  it('times out at its timeout with a partial dataset', async () => {
    const { run, items } = await ran(tiktok, input(40), { timeout: 20 });
    expect(run).toMatchObject({ status: 'TIMED-OUT', options: { timeoutSecs: 20 } });
    expect(items.length).toBeGreaterThan(5);
    expect(items.length).toBeLessThan(40);
  });

  it('stops at maxItems and at maxTotalChargeUsd, and refuses less than the minimum', async () => {
    expect((await ran(tiktok, input(10), { maxItems: 4 })).items).toHaveLength(4);
    const { run, items } = await ran(tiktok, input(10), { maxTotalChargeUsd: 0.02 });
    expect(items).toHaveLength(5);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      usageTotalUsd: 0.0195,
      options: { maxTotalChargeUsd: 0.02 },
    });
    const tooLittle = client.actor(tiktok).start(input(1), { maxTotalChargeUsd: 0.005 });
    await expect(tooLittle).rejects.toMatchObject({
      statusCode: 400,
      type: 'max-total-charge-usd-below-minimum',
    });
  });

  it('is found in the list of its actor', async () => {
    const first = await ran(tiktok, input(1));
    const second = await ran(tiktok, input(2));
    await ran('apify/instagram-scraper', {
      directUrls: ['https://www.instagram.com/p/DK5AxrFxbwN/'],
    });
    const runs = client.actor(tiktok).runs();
    expect((await runs.list()).items.map((r) => r.id)).toEqual([first.run.id, second.run.id]);
    expect(await runs.list({ desc: true, limit: 1 })).toMatchObject({
      total: 2,
      count: 1,
      items: [{ id: second.run.id, status: 'SUCCEEDED' }],
    });
    expect((await runs.list({ desc: true, offset: 1 })).items.map((r) => r.id)).toEqual([
      first.run.id,
    ]);
    expect((await runs.list({ startedAfter: second.run.startedAt })).items).toHaveLength(1);
    expect((await runs.list({ status: 'FAILED' })).items).toHaveLength(0);
    expect(await client.actor(first.run.actId).get()).toMatchObject({
      username: 'clockworks',
      name: 'tiktok-scraper',
    });
  });
});

describe('the account', () => {
  it('lets nobody in without the token, and says not found as the client expects it', async () => {
    await expect(open(standIn, 'other').user('me').get()).rejects.toMatchObject({
      statusCode: 401,
      type: 'user-or-token-not-found',
    });
    const anonymous = new ApifyClient({ baseUrl: standIn.url, maxRetries: 0 });
    await expect(anonymous.user('me').limits()).rejects.toMatchObject({
      statusCode: 401,
      type: 'token-not-provided',
    });
    expect(await client.user('me').get()).toMatchObject({ username: 'stand-in' });
    expect(await client.run('nosuchrun').get()).toBeUndefined();
    await expect(client.actor('some/body').start({})).rejects.toMatchObject({
      statusCode: 404,
      type: 'record-not-found',
    });
    await expect(client.schedules().list()).rejects.toMatchObject({
      statusCode: 404,
      type: 'page-not-found',
    });
  });

  it('sums what the billing cycle has cost, and begins anew with the next', async () => {
    await ran(tiktok, input(10));
    const { id } = await client.actor(tiktok).start(input(1));
    expect(await client.user('me').limits()).toMatchObject({
      monthlyUsageCycle: {
        startAt: new Date('2026-03-02T00:00:00.000Z'),
        endAt: new Date('2026-04-01T23:59:59.999Z'),
      },
      limits: { maxMonthlyUsageUsd: 199, maxConcurrentActorJobs: 128 },
      current: { monthlyUsageUsd: 0.039, activeActorJobCount: 1 },
    });
    clock.advance(31 * 86_400_000);
    expect((await client.run(id).get())!.status).toBe('SUCCEEDED');
    expect(await client.user('me').limits()).toMatchObject({
      current: { monthlyUsageUsd: 0, activeActorJobCount: 0 },
    });
  });

  it('refuses runs above its limits', async () => {
    client = open(
      await start({ limits: { maxConcurrentActorJobs: 2, maxMonthlyUsageUsd: 0.0484 } }),
    );
    await client.actor(tiktok).start(input(1));
    await client.actor(tiktok).start(input(1));
    await expect(client.actor(tiktok).start(input(1))).rejects.toMatchObject({
      statusCode: 402,
      type: 'concurrent-runs-limit-exceeded',
    });
    clock.advance(60_000);
    // The money ends in the middle of a run: it succeeds with what there was.
    expect(await ran(tiktok, input(20))).toMatchObject({
      run: { status: 'SUCCEEDED' },
      items: { length: 10 },
    });
    expect(await ran(tiktok, input(5))).toMatchObject({ run: { status: 'SUCCEEDED' }, items: [] });
    await expect(client.actor(tiktok).start(input(1))).rejects.toMatchObject({
      statusCode: 403,
      type: 'platform-feature-disabled',
    });
  });

  it('takes other prices', async () => {
    client = open(await start({ prices: { [tiktok]: { resultMicroUsd: 5_000 } } }));
    expect((await ran(tiktok, input(2))).run.usageTotalUsd).toBe(0.011);
    await expect(start({ prices: { 'some/actor': {} } })).rejects.toThrow(/no actor "some\/actor"/);
  });

  it('keeps runs and costs over a restart, also those that were killed in the middle', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'apify-state-'));
    const options = { stateFile: join(dir, 'state.jsonl') };
    client = open(await start(options));
    const done = await ran(tiktok, input(3));
    const stopped = await client.actor(tiktok).start(input(30));
    clock.advance(12_000);
    await client.run(stopped.id).abort();
    const running = await client.actor(tiktok).start(input(5));
    const before = (await client.user('me').limits())!;

    const again = await start(options);
    client = open(again);
    expect(await client.user('me').limits()).toEqual(before);
    expect(await client.run(done.run.id).get()).toEqual(done.run);
    expect((await client.dataset(done.run.defaultDatasetId).listItems()).items).toEqual(done.items);
    clock.advance(60_000);
    expect(await client.run(stopped.id).get()).toMatchObject({ status: 'ABORTED' });
    expect(await client.run(running.id).get()).toMatchObject({
      status: 'SUCCEEDED',
      usageTotalUsd: 0.0195,
    });
    expect((await client.actor(tiktok).start(input(1))).id).not.toBe(done.run.id);
    expect(again.stats().runs).toBe(4);
    rmSync(dir, { recursive: true });
  });

  it('forgives a state whose last line was cut off, and names a line that is none of its own', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'apify-state-'));
    const options = { stateFile: join(dir, 'deeper', 'state.jsonl') };
    client = open(await start(options));
    const { run } = await ran(tiktok, input(1));
    const written = readFileSync(options.stateFile, 'utf8');
    writeFileSync(options.stateFile, `${written}{"run": {"no": 2, "id`);
    expect((await start(options)).stats()).toMatchObject({
      runs: 1,
      billedMicroUsd: run.usageTotalUsd! * 1e6,
    });
    writeFileSync(options.stateFile, `${written}nonsense\n`);
    await expect(start(options)).rejects.toThrow(
      /state\.jsonl, line 3: not written by the Apify stand-in/,
    );
    rmSync(dir, { recursive: true });
  });

  it('forgets old runs, but not what they cost', () => {
    const account = new Account({ clock, curves, faults: new FaultBook([], 'seed') });
    const actor = account.actor('clockworks~tiktok-scraper');
    const options = {
      timeoutSecs: 60,
      memoryMbytes: 1_024,
      maxItems: null,
      maxChargeMicroUsd: null,
    };
    const ids = Array.from({ length: 1_005 }, () => {
      clock.advance(15_000);
      return account.start(actor, input(1), options, []).id;
    });
    clock.advance(15_000);
    expect(() => account.run(ids[0]!)).toThrow(/not found/);
    expect(account.run(ids.at(-1)!).id).toBe(ids.at(-1));
    expect(account.runs()).toHaveLength(1_000);
    expect(account.usageMicroUsd(clock.now().getTime())).toBe(1_005 * 4_700);
  });
});
