import { ManualClock, type EventData } from '@cliptally/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ACTORS } from '../domain/actors.js';
import type { Scrape } from '../domain/scrape.js';
import { MapScrapeState } from '../scrape-state/map-scrape-state.js';
import { startFaultyWorld } from '../testing/faulty-world.js';
import { startHttpApi, type Answers, type Asked } from '../testing/http-api.js';
import { ApifySource } from './apify.js';
import { apifyClients } from './apify-clients.js';
import { MOST_ANSWER_BYTES, SourceFault } from './source.js';
import { XApi } from './x-api.js';
import { YouTubeDataApi } from './youtube-data-api.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type World = Awaited<ReturnType<typeof startFaultyWorld>>;
const actorOf = (platform: string) => ACTORS.find((actor) => actor.platform === platform)!;

/**
 * The official API first, then the actor of Apify, as configured by default for YouTube; `answer`
 * is the API's.
 */
async function startWorld(
  platform: 'youtube' | 'x',
  answer: (asked: Asked, count: number) => Answers,
  batchSize = 4,
) {
  const api = await startHttpApi(answer);
  const world = await startFaultyWorld({
    platform,
    batchSize,
    sources: ({ apify, clock, firstReads }) => [
      platform === 'x'
        ? new XApi({ token: 'bearer', clock, firstReads, baseUrl: api.url })
        : new YouTubeDataApi({ apiKey: 'key', baseUrl: api.url }),
      new ApifySource(actorOf(platform), { ...apify, clock }),
    ],
  });
  closers.push(
    () => world.close(),
    () => api.close(),
  );
  return { world, api };
}
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const idsIn = ({ url }: Asked, name: string) => url.searchParams.get(name)!.split(',');
/** How each scrape ended, in the order of the requests. */
async function ends(world: World, ns: readonly number[]) {
  const requests = world.requestsFor(ns);
  await world.deliver(requests);
  const outcomes = await world.outcomes();
  return requests.map(({ requestId }) => {
    const { type, data } = outcomes.find((outcome) => outcome.data.requestId === requestId)!;
    return type === 'ViewsRecorded' ? [data.source, data.views] : [data.source, data.reason];
  });
}
const causes = async (world: World) =>
  (await world.batches()).map(({ source, status, costMicroUsd }) => [source, status, costMicroUsd]);

describe('an answer that is larger than any can be', () => {
  const startFlood = async () => {
    const api = await startHttpApi(() => ({ body: `${' '.repeat(MOST_ANSWER_BYTES)}{}` }));
    closers.push(() => api.close());
    return api.url;
  };
  const scrape = { request: { url: 'https://a' }, videoId: 'a' } as Scrape;

  it('of an official API ends as an answer that was lost', async () => {
    const api = new YouTubeDataApi({ apiKey: 'key', baseUrl: await startFlood() });
    const collecting = api.collect('run', [scrape], new AbortController().signal);
    const error = await collecting.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SourceFault);
    expect((error as SourceFault).fault).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
    expect((error as SourceFault).message).toContain('more than 16000000 bytes');
  });

  it('of Apify is as well', async () => {
    const clock = new ManualClock('2026-05-10T00:00:00Z');
    const { starting } = apifyClients({ token: 't', baseUrl: await startFlood(), clock });
    await expect(starting.user('me').get()).rejects.toThrow('maxContentLength');
  });
});

describe('the YouTube Data API', () => {
  const video = (id: string, statistics: object) => ({
    kind: 'youtube#video',
    id,
    snippet: { publishedAt: '2026-01-02T03:04:05Z' },
    statistics,
  });
  const refusal = (status: number, reason: string): Answers => ({
    status,
    body: { error: { code: status, errors: [{ reason }] } },
  });

  it('is asked for fifty ids in one call, with its key in a header, and for nothing', async () => {
    const { world, api } = await startWorld('youtube', (asked) => ({ body: { items: idsIn(asked, 'id').map((id, i) => video(id, { viewCount: String(i), likeCount: '3' })).toReversed() } }), 50); // prettier-ignore
    expect(await ends(world, range(50))).toEqual(range(50).map((n) => ['youtube-data-api', n - 1]));
    expect(api.asked).toHaveLength(1);
    const [{ url, headers }] = api.asked as [Asked];
    expect([url.pathname, idsIn(api.asked[0]!, 'id').length, headers['x-goog-api-key']]).toEqual(['/youtube/v3/videos', 50, 'key']);
    expect(url.href).not.toContain('key');
    expect(await causes(world)).toEqual([['youtube-data-api', 'succeeded', 0]]);
    expect((await world.outcomes())[0]!.data).toMatchObject({ metric: 'viewCount', likes: 3, postedAt: '2026-01-02T03:04:05.000Z', costMicroUsd: 0 });
    expect(world.standIn.stats().runs).toBe(0);
  }); // prettier-ignore

  it('is asked for channels only if a request wants to know whose clip it is', async () => {
    const { world, api } = await startWorld('youtube', (asked) => {
      if (asked.url.pathname.endsWith('/channels'))
        return { body: { items: [{ id: 'UC1', snippet: { customUrl: '@ann', description: 'cliptally-0123456789' } }] } };
      const items = idsIn(asked, 'id').map((id) => ({
        ...video(id, { viewCount: '5' }),
        snippet: { channelId: 'UC1', title: 'A clip', description: 'with #ad' },
      }));
      return { body: { items } };
    }, 1); // prettier-ignore
    const posts = async () =>
      (await world.log()).flatMap((e) => (e.type === 'ClipPostSeen' ? [e.data] : []));
    await world.deliver(world.requestsFor([1]));
    expect([api.asked.length, await posts()]).toEqual([1, []]);
    const ask = async (checks: object) =>
      world.deliver(world.requestsFor([1]).map((request) => ({ ...request, checks })));
    const text = ['#ad', '@acme'];
    await ask({ account: true, text });
    expect(api.asked.map(({ url }) => url.pathname.split('/').at(-1))).toEqual(['videos', 'videos', 'channels']); // prettier-ignore
    expect(idsIn(api.asked[2]!, 'id')).toEqual(['UC1']);
    expect(await posts()).toMatchObject([
      {
        account: { handle: 'ann', externalId: 'UC1' },
        codes: ['cliptally-0123456789'],
        text: { found: ['#ad'], missing: ['@acme'] },
      },
    ]);
    // Known: a recent observation is an answer, but not if it has to be fresh; nothing new is said.
    await ask({ account: true, text });
    expect(api.asked).toHaveLength(3);
    await ask({ account: true, fresh: true });
    expect(api.asked).toHaveLength(5);
    world.state.counts.clear();
    await ask({ account: true, text });
    expect(api.asked).toHaveLength(7);
    expect(await posts()).toHaveLength(1);
    const log = await world.log();
    const at = log.findIndex(({ type }) => type === 'ClipPostSeen');
    expect(log[at + 1]).toMatchObject({ type: 'ViewsRecorded' });
    expect(JSON.stringify(log.filter(({ type }) => type === 'ViewsRecorded'))).not.toContain('ann');
  });

  it('leaves out what is gone, and hides counts; neither is asked of another source', async () => {
    const { world } = await startWorld('youtube', (asked) => {
      const [a, b, c] = idsIn(asked, 'id') as [string, string, string];
      return {
        body: {
          items: [
            video(a, { viewCount: '0' }),
            video(b, { likeCount: '1' }),
            video(c, { viewCount: 'many' }),
          ],
        },
      };
    });
    expect(await ends(world, range(4))).toEqual([
      ['youtube-data-api', 0],
      ['youtube-data-api', 'no_view_field'],
      ['youtube-data-api', 'no_view_field'],
      ['youtube-data-api', 'not_found'],
    ]);
    expect((await world.outcomes()).some(({ data }) => 'likes' in data)).toBe(false);
    expect(world.standIn.stats().runs).toBe(0);
  });

  it('A2: an answer without any of several videos is a silent source, and no deletion', async () => {
    const { world } = await startWorld('youtube', () => ({ body: { items: [] } }));
    expect((await ends(world, range(4))).map(([source]) => source)).toEqual(
      range(4).map(() => 'apify:streamers/youtube-scraper'),
    );
    expect((await world.outcomes()).map(({ type }) => type)).toEqual(
      range(4).map(() => 'ViewsRecorded'),
    );
  });

  it('A7: a premiere that is still to come has no views, whatever the answer says', async () => {
    const { world } = await startWorld('youtube', (asked) => ({
      body: {
        items: idsIn(asked, 'id').map((id, i) => ({
          ...video(id, { viewCount: String(i) }),
          snippet: { liveBroadcastContent: i < 2 ? 'upcoming' : 'none' },
        })),
      },
    }));
    expect((await ends(world, range(4))).map(([, end]) => end)).toEqual(['implausible', 'implausible', 2, 3]); // prettier-ignore
  });

  const YOUTUBE_COST = 4 * 4_000;
  it.each<[string, (count: number) => Answers, number]>([
    ["the day's units are used up", () => refusal(403, 'quotaExceeded'), 1],
    ['the key is not good', () => refusal(400, 'badRequest'), 1],
    [
      'too many calls come at once, which it says with 403',
      () => refusal(403, 'rateLimitExceeded'),
      3,
    ],
    ['it is away', () => refusal(503, 'backendError'), 3],
    ['the connection breaks', () => 'reset', 3],
    ['its answer is torn', () => ({ body: '{"items": [' }), 3],
    ['its answer is another', () => ({ body: { videos: [] } }), 3],
  ])('%s: the actor is asked, after as many calls as are worth it', async (_, answer, calls) => {
    const { world, api } = await startWorld('youtube', (__, count) => answer(count));
    expect((await ends(world, range(4))).map(([source]) => source)).toEqual(
      range(4).map(() => 'apify:streamers/youtube-scraper'),
    );
    expect(api.asked).toHaveLength(calls);
    expect(await causes(world)).toEqual([
      ['youtube-data-api', 'failed', 0],
      ['apify:streamers/youtube-scraper', 'succeeded', YOUTUBE_COST],
    ]);
    expect((await world.outcomes()).map(({ data }) => data.costMicroUsd)).toEqual(
      range(4).map(() => YOUTUBE_COST / 4),
    );
  });
});

describe('the X API v2', () => {
  const post = (id: string, impression_count: unknown) => ({
    id,
    created_at: '2026-01-02T03:04:05.000Z',
    public_metrics: { impression_count, like_count: 2, reply_count: 1, retweet_count: 0 },
  });
  const problem = (id: string, type: string) => ({
    resource_id: id,
    title: type,
    type: `https://api.twitter.com/2/problems/${type}`,
  });

  it('tells a post that is gone from one that is hidden, and pays for those that it reads', async () => {
    const { world, api } = await startWorld('x', (asked) => {
      const [a, b, c] = idsIn(asked, 'ids') as [string, string, string];
      return {
        body: {
          data: [post(a, 31)],
          errors: [problem(b, 'resource-not-found'), problem(c, 'not-authorized-for-resource')],
        },
      };
    });
    expect(await ends(world, range(4))).toEqual([
      ['x-api', 31],
      ['x-api', 'not_found'],
      ['x-api', 'private'],
      ['x-api', 'missing'],
    ]);
    const [{ url, headers }] = api.asked as [Asked];
    expect([url.pathname, url.searchParams.get('tweet.fields'), headers.authorization]).toEqual(['/2/tweets', 'public_metrics,created_at,author_id', 'Bearer bearer']); // prettier-ignore
    const [seen] = (await world.outcomes()) as { data: EventData<'ViewsRecorded'> }[];
    expect(seen!.data).toMatchObject({
      metric: 'viewCount',
      likes: 2,
      comments: 1,
      shares: 0,
      postedAt: '2026-01-02T03:04:05.000Z',
    });
    expect(await causes(world)).toEqual([['x-api', 'succeeded', 5_000]]);
  });

  it('A2: errors for all of several posts are about the API, and no deletion', async () => {
    const { world } = await startWorld('x', (asked) => ({
      body: { errors: idsIn(asked, 'ids').map((id) => problem(id, 'resource-not-found')) },
    }));
    expect((await ends(world, range(4))).map(([, end]) => typeof end)).toEqual(
      range(4).map(() => 'number'),
    );
  });

  it('A8: a retweet is not the clip of its creator', async () => {
    const { world } = await startWorld('x', (asked) => ({
      body: {
        data: idsIn(asked, 'ids').map((id, i) => ({
          ...post(id, i),
          text: i < 2 ? 'RT @ann: my clip' : 'my clip',
        })),
      },
    }));
    expect((await ends(world, range(4))).map(([, end]) => end)).toEqual(['implausible', 1, 2, 3]);
  });

  it('is paid once for a post in a UTC day, whatever reads it', async () => {
    const api = await startHttpApi((asked) => ({
      body: { data: idsIn(asked, 'ids').map((id) => post(id, 1)) },
    }));
    closers.push(() => api.close());
    const clock = new ManualClock('2026-05-10T23:00:00Z');
    const state = new MapScrapeState();
    const scraper = () =>
      new XApi({
        token: 't',
        clock,
        baseUrl: api.url,
        firstReads: (day, ids) => state.firstOfDay(day, ids),
      });
    const read = async (...ids: string[]) => {
      const scrapes = ids.map((videoId) => ({ videoId }) as Scrape);
      return (await scraper().collect('', scrapes, new AbortController().signal)).costMicroUsd;
    };
    expect(await read('1', '2', '1')).toBe(10_000);
    expect(await read('2', '3')).toBe(5_000);
    expect(await read('1', '2', '3')).toBe(0);
    clock.advance(3_600_000);
    expect(await read('1')).toBe(5_000);
  });

  it.each<[string, () => Answers, number]>([
    ["the month's reads are used up", () => ({ status: 429, body: problem('', 'usage-capped') }), 1],
    ['its window is full for ten minutes', () => ({ status: 429, headers: { 'x-rate-limit-reset': String(Math.ceil(Date.now() / 1_000) + 600) }, body: { errors: [{ code: 88 }] } }), 1],
    ['it is busy', () => ({ status: 429, body: {} }), 3],
    ['the token is not good', () => ({ status: 401, body: { title: 'Unauthorized', type: 'about:blank' } }), 1],
  ])('%s: the actor is asked, after as many calls as are worth it', async (_, answer, calls) => {
    const { world, api } = await startWorld('x', answer);
    expect((await ends(world, range(4))).map(([source]) => source)).toEqual(range(4).map(() => 'apify:apidojo/tweet-scraper'));
    expect(api.asked).toHaveLength(calls);
  }); // prettier-ignore

  it('says by its fault how long to wait', async () => {
    const fault = async (headers: Record<string, string>, status = 429) => {
      const api = await startHttpApi(() => ({ status, headers, body: {} }));
      closers.push(() => api.close());
      const x = new XApi({
        token: 't',
        clock: new ManualClock(0),
        baseUrl: api.url,
        firstReads: () => Promise.resolve([]),
      });
      const scrapes = [{ videoId: '1' } as Scrape];
      const error: unknown = await x
        .collect('', scrapes, new AbortController().signal)
        .catch((thrown: unknown) => thrown);
      return error instanceof SourceFault ? error.fault.retryAfter : error;
    };
    expect(await fault({ 'retry-after': '40', 'x-rate-limit-reset': '1' })).toBe(40);
    expect(
      await fault({ 'x-rate-limit-reset': String(Math.ceil(Date.now() / 1_000) + 3_600) }),
    ).toBeGreaterThan(3_000);
    expect(await fault({ 'x-rate-limit-reset': '99999999999' }, 503)).toBeUndefined();
    expect(await fault({ 'x-rate-limit-reset': 'soon' })).toBeUndefined();
  });
});
