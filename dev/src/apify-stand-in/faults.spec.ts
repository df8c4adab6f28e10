import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApifyClient } from 'apify-client';
import { ManualClock } from '@cliptally/contracts';
import { until } from '../servers/index.js';
import { generatedCurves, startApifyStandIn, type ApifyStandIn, type FaultInput } from './index.js';

const worldStart = new Date('2026-03-01T00:00:00Z');
const curves = generatedCurves({ worldStart });
const tiktok = 'clockworks/tiktok-scraper';
const id = (n: number) => `75337319591728612${String(n).padStart(2, '0')}`;
const input = (videos = 1) => ({
  postURLs: Array.from(
    { length: videos },
    (_, i) => `https://www.tiktok.com/@somebody/video/${id(i)}`,
  ),
});

let clock: ManualClock;
let standIn: ApifyStandIn;
let client: ApifyClient;
beforeEach(async () => {
  clock = new ManualClock('2026-03-05T00:00:00Z');
  standIn = await startApifyStandIn({ clock, curves });
  client = new ApifyClient({ token: 'any', baseUrl: standIn.url, maxRetries: 0 });
});
afterEach(() => standIn.close());

async function ran(videos: number, ...faults: FaultInput[]) {
  standIn.setFaults(faults);
  const { id } = await client.actor(tiktok).start(input(videos), { timeout: 100 });
  clock.advance(120_000);
  const run = (await client.run(id).get())!;
  const { items } = await client.dataset(run.defaultDatasetId).listItems();
  return { run, items: items as Record<string, unknown>[] };
}

describe('faults of calls', () => {
  it.each([
    [429, undefined, 'rate-limit-exceeded'],
    [402, 'actor-memory-limit-exceeded', 'actor-memory-limit-exceeded'],
    [402, undefined, 'not-enough-usage-to-run-paid-actor'],
    [403, undefined, 'platform-feature-disabled'],
    [408, undefined, 'run-timeout-exceeded'],
    [500, undefined, 'internal-server-error'],
    [503, undefined, 'internal-server-error'],
  ])('answer %i %s', async (status, type, met) => {
    standIn.setFaults([{ kind: 'error', status, type }]);
    await expect(client.actor(tiktok).start(input())).rejects.toMatchObject({
      statusCode: status,
      type: met,
    });
    expect(standIn.stats().runs).toBe(0);
  });

  it('strike the next calls only, and can ask for patience', async () => {
    standIn.setFaults([{ kind: 'error', status: 429, retryAfterSeconds: 7, on: 'user', times: 2 }]);
    const limits = () => fetch(`${standIn.url}/v2/users/me/limits?token=any`);
    const answers = [await limits(), await limits(), await limits()];
    expect(answers.map((a) => [a.status, a.headers.get('retry-after')])).toEqual([[429, '7'], [429, '7'], [200, null]]); // prettier-ignore
    expect((await fetch(`${standIn.url}/v2/users/me?token=any`)).status).toBe(200);
  });

  it('strike one actor only', async () => {
    standIn.setFaults([
      { kind: 'error', status: 503, on: 'any', actor: 'apify/instagram-scraper' },
    ]);
    const { id } = await client.actor(tiktok).start(input());
    expect(await client.run(id).get()).toMatchObject({ id });
    const instagram = client
      .actor('apify/instagram-scraper')
      .start({ directUrls: ['https://www.instagram.com/p/DK5AxrFxbwN/'] });
    await expect(instagram).rejects.toMatchObject({ statusCode: 503 });
  });

  it('strike with a probability, and the same calls each time', async () => {
    const outcomes = async () => {
      standIn.setFaults([{ kind: 'error', status: 500, on: 'user', probability: 0.5 }]);
      return Promise.all(
        Array.from(
          { length: 40 },
          async () => (await fetch(`${standIn.url}/v2/users/me?token=any`)).status,
        ),
      );
    };
    const count = async () => (await outcomes()).filter((status) => status === 500).length;
    const first = await count();
    expect(first).toBeGreaterThan(8);
    expect(first).toBeLessThan(32);
    expect(await count()).toBe(first);
  });

  it('reset the connection before the work, or after it, so that a repeated start pays twice', async () => {
    standIn.setFaults([{ kind: 'reset', times: 1 }]);
    await expect(client.actor(tiktok).start(input())).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(standIn.stats().runs).toBe(0);
    standIn.setFaults([{ kind: 'reset', times: 1, lost: true }]);
    const stubborn = new ApifyClient({
      token: 'any',
      baseUrl: standIn.url,
      maxRetries: 4,
      minDelayBetweenRetriesMillis: 1,
    });
    await stubborn.actor(tiktok).start(input());
    expect(standIn.stats()).toMatchObject({ runs: 2, billedMicroUsd: 2_000 });
    expect((await client.actor(tiktok).runs().list({ desc: true })).total).toBe(2);
  });

  it('answer slowly, in the time of the world', async () => {
    standIn.setFaults([{ kind: 'slow', on: 'user', seconds: 30 }]);
    let answered = false;
    const call = client.user('me').get().then(() => (answered = true)); // prettier-ignore
    await until('the answer to be held back', () => clock.sleeping > 0);
    // One that is not held back comes and goes meanwhile.
    standIn.setFaults([]);
    await client.user('me').limits();
    expect(answered).toBe(false);
    clock.advance(30_000);
    await call;
  });

  it('tear the JSON of a dataset', async () => {
    const { run } = await ran(3, { kind: 'malformed', times: 1 }).catch((error: Error) => {
      expect(error.message).toMatch(/could not be parsed/);
      return { run: null };
    });
    expect(run).toBeNull();
    const { items } = await client.actor(tiktok).runs().list();
    expect((await client.dataset(items[0]!.defaultDatasetId).listItems()).total).toBe(3);
  });

  it('pour white space before an answer, which can be read in the end', async () => {
    const { items } = await ran(1, { kind: 'flood', megabytes: 2, times: 1 });
    expect(items).toHaveLength(1);
  });

  it('pour it without end, until nobody reads any more', async () => {
    standIn.setFaults([{ kind: 'flood', on: 'user' }]);
    const { body } = await fetch(`${standIn.url}/v2/users/me?token=any`);
    let bytes = 0;
    for await (const piece of body!) if ((bytes += piece.length) > 3_000_000) break;
    expect(bytes).toBeGreaterThan(3_000_000);
  });
});

describe('faults of runs', () => {
  it('give the row of another video in place of one that was asked for', async () => {
    const { items } = await ran(2, { kind: 'row', does: 'another-clip', ids: [id(0)] });
    expect(items.map((row) => row['id'])).toHaveLength(2);
    expect(items.map((row) => row['id'])).toContain(id(1));
    expect(items.map((row) => row['id'])).not.toContain(id(0));
  });

  it('bill it later', async () => {
    const { run } = await ran(1, { kind: 'no-usage', seconds: 600 });
    expect(run.usageTotalUsd).toBeUndefined();
    clock.advance(600_000);
    expect(await client.run(run.id).get()).toMatchObject({ usageTotalUsd: expect.any(Number) });
  });

  it('end it as FAILED, TIMED-OUT or ABORTED, with a part of the dataset that is billed', async () => {
    expect(await ran(10, { kind: 'run', ends: 'FAILED', keep: 0 })).toMatchObject({
      run: { status: 'FAILED', usageTotalUsd: 0.001 },
      items: [],
    });
    const timedOut = await ran(10, { kind: 'run', ends: 'TIMED-OUT' });
    expect(timedOut).toMatchObject({
      run: { status: 'TIMED-OUT', usageTotalUsd: 0.0195 },
      items: { length: 5 },
    });
    expect(timedOut.run.finishedAt!.getTime() - timedOut.run.startedAt.getTime()).toBe(101_000);
    expect(await ran(10, { kind: 'run', ends: 'ABORTED', keep: 0.3 })).toMatchObject({
      run: { status: 'ABORTED' },
      items: { length: 3 },
    });
  });

  it('succeed and are empty, or hold nothing but noResults, which is billed', async () => {
    expect(await ran(4, { kind: 'empty' })).toMatchObject({
      run: { status: 'SUCCEEDED', usageTotalUsd: 0.001 },
      items: [],
    });
    const throttled = await ran(2, { kind: 'no-results' });
    expect(throttled.run).toMatchObject({ status: 'SUCCEEDED', chargedEventCounts: { result: 2 } });
    expect(throttled.items).toEqual([{ noResults: true }, { noResults: true }]);
  });

  it('leave out usageTotalUsd', async () => {
    const { run } = await ran(2, { kind: 'no-usage' });
    expect(run.usageTotalUsd).toBeUndefined();
    expect(run.chargedEventCounts).toEqual({ 'actor-start': 1, result: 2 });
    expect(run.pricingInfo).toMatchObject({
      pricingPerEvent: {
        actorChargeEvents: {
          result: {
            eventTieredPricingUsd: {
              FREE: { tieredEventPriceUsd: 0.0074 },
              BRONZE: { tieredEventPriceUsd: 0.0037 },
            },
          },
        },
      },
    });
    expect(await client.user('me').get()).toMatchObject({ plan: { tier: 'BRONZE' } });
  });

  it('charge for more than results, each at its own price', async () => {
    const { run } = await ran(
      2,
      { kind: 'no-usage' },
      { kind: 'add-on', event: 'filter-applied', count: 3, microUsd: 100 },
    );
    expect(run.chargedEventCounts).toEqual({ 'actor-start': 1, result: 2, 'filter-applied': 3 });
    expect(standIn.stats().billedMicroUsd).toBe(1_000 + 2 * 3_700 + 300);
  });

  it('show their rows only when the dataset is read again', async () => {
    const { items, run } = await ran(2, { kind: 'no-rows-yet', times: 1 });
    expect([run.status, items]).toEqual(['SUCCEEDED', []]);
    expect((await client.run(run.id).dataset().listItems()).items).toHaveLength(2);
  });

  it('strike so many runs, and then no more', async () => {
    const fault: FaultInput = { kind: 'empty', times: 1 };
    expect((await ran(2, fault)).items).toHaveLength(0);
    const { id } = await client.actor(tiktok).start(input(2));
    clock.advance(60_000);
    expect((await client.run(id).dataset().listItems()).total).toBe(2);
  });
});

describe('faults of rows', () => {
  const one = async (fault: Omit<Extract<FaultInput, { kind: 'row' }>, 'kind' | 'ids'>) => {
    const { items } = await ran(3, { kind: 'row', ids: [id(1)], ...fault });
    return { items, struck: items.filter((row) => JSON.stringify(row).includes(id(1))) };
  };

  it('leave out, double and disguise rows', async () => {
    expect(await one({ does: 'missing' })).toMatchObject({ items: { length: 2 }, struck: [] });
    expect(await one({ does: 'duplicate' })).toMatchObject({
      items: { length: 4 },
      struck: { length: 2 },
    });
    const { struck } = await one({ does: 'other-url' });
    expect(struck).toEqual([
      expect.objectContaining({
        id: id(1),
        webVideoUrl: expect.stringMatching(/^https:\/\/vm\.tiktok\.com\/ZM/),
      }),
    ]);
    expect(struck[0]).not.toHaveProperty('submittedVideoUrl');
  });

  it('say that a video is gone, private or blocked', async () => {
    expect((await one({ does: 'error' })).struck).toEqual([
      expect.objectContaining({ errorCode: 'NOT_FOUND' }),
    ]);
    expect((await one({ does: 'error', error: 'private' })).struck).toEqual([
      expect.objectContaining({ errorCode: 'PRIVATE_POST' }),
    ]);
    standIn.setFaults([{ kind: 'row', does: 'error', error: 'restricted_page' }]);
    const { id } = await client
      .actor('apify/instagram-scraper')
      .start({ directUrls: ['https://www.instagram.com/p/DK5AxrFxbwN/'] });
    clock.advance(60_000);
    expect((await client.run(id).dataset().listItems()).items).toEqual([
      expect.objectContaining({ error: 'restricted_page', inputUrl: expect.any(String) }),
    ]);
  });

  it('spoil the count, or make the row huge', async () => {
    expect((await one({ does: 'view-as-text' })).struck[0]!['playCount']).toEqual(
      expect.stringMatching(/^\d+$/),
    );
    const { struck } = await one({ does: 'no-view' });
    expect(struck[0]).toHaveProperty('diggCount');
    expect(struck[0]).not.toHaveProperty('playCount');
    expect(JSON.stringify((await one({ does: 'huge' })).struck).length).toBeGreaterThan(1_000_000);
    standIn.setFaults([{ kind: 'row', does: 'no-view', field: 'videoPlayCount' }]);
    const { id } = await client
      .actor('apify/instagram-scraper')
      .start({ directUrls: ['https://www.instagram.com/p/DK5AxrFxbwN/'] });
    clock.advance(60_000);
    const [row] = (await client.run(id).dataset().listItems()).items;
    expect(row).toHaveProperty('videoViewCount');
    expect(row).not.toHaveProperty('videoPlayCount');
  });

  it('strike a fraction: other videos in each run, or always the same', async () => {
    const missing = async (sticky: boolean) => {
      const { items } = await ran(50, { kind: 'row', does: 'missing', fraction: 0.3, sticky });
      return input(50).postURLs.filter(
        (url) => !items.some((row) => row['submittedVideoUrl'] === url),
      );
    };
    const [a, b] = [await missing(false), await missing(false)];
    expect(a.length).toBeGreaterThan(5);
    expect(a.length).toBeLessThan(26);
    expect(b).not.toEqual(a);
    expect(await missing(true)).toEqual(await missing(true));
  });
});

describe('the control endpoint', () => {
  it('sets and shows faults, and counts', async () => {
    const post = (body: unknown) =>
      fetch(`${standIn.url}/stand-in/faults`, { method: 'POST', body: JSON.stringify(body) });
    expect(
      await (await post({ faults: [{ kind: 'error', status: 402, times: 1 }] })).json(),
    ).toEqual({
      faults: [{ kind: 'error', on: 'start', lost: false, status: 402, times: 1 }],
    });
    await expect(client.actor(tiktok).start(input())).rejects.toMatchObject({ statusCode: 402 });
    await client.actor(tiktok).start(input());
    const stats: unknown = await (await fetch(`${standIn.url}/stand-in/stats`)).json();
    expect(stats).toMatchObject({
      runs: 1,
      billedMicroUsd: 1_000,
      requests: { start: 2 },
      looks: { [`tiktok-${id(0)}`]: 1 },
    });
    expect(await (await fetch(`${standIn.url}/stand-in/faults`)).json()).toEqual({ faults: [] });
  });

  it('names what is wrong with a fault', async () => {
    const answer = await fetch(`${standIn.url}/stand-in/faults`, {
      method: 'POST',
      body: '{"faults": [{"kind": "error", "staus": 429}]}',
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('staus');
    expect(() => standIn.setFaults([{ kind: 'row', does: 'missing', fraction: 2 }])).toThrow(
      /fraction/,
    );
  });
});
