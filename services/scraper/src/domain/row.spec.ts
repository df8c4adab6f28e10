import { videoIdFrom, type Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ACTORS, type Actor } from './actors.js';
import type { Scrape, ScrapeResult } from './scrape.js';
import { postIn } from './post-in-row.js';
import { at, readRow, resultsOf, videoOf } from './row.js';
import { UnreadFields } from './unread-fields.js';

type Row = Record<string, unknown>;
const actorOf = (platform: Platform): Actor => ACTORS.find((actor) => actor.platform === platform)!;

function scrapeOf(platform: Platform, url: string, metric: string | null = null): Scrape {
  const videoId = videoIdFrom(platform, url)!;
  const request = {
    requestId: videoId,
    runId: 'r',
    clipId: `${platform}-${videoId}`,
    platform,
    url,
    score: 1,
    campaignIds: ['c'],
  };
  return { request, videoId, metric, correlationId: 't' };
}
const classOf = (result: ScrapeResult) =>
  result.kind === 'observed' ? (result.figures.roundedTo ? 'rounded' : 'ok') : result.reason;

describe('rows of an actor by their documented shape', () => {
  const cases: [Platform, string, string, Row][] = [
    ['tiktok', 'ok', 'a small count is exact', { id: '7', playCount: 9_999 }],
    ['tiktok', 'rounded', 'from 10,000 on to the hundred', { id: '7', playCount: 12_300 }],
    ['tiktok', 'rounded', 'from a million on to the hundred thousand', { id: '7', playCount: 3_400_000 }],
    ['tiktok', 'not_found', 'an error code', { url: 'https://www.tiktok.com/@a/video/7', error: 'Post not found or private.', errorCode: 'NOT_FOUND' }],
    ['tiktok', 'private', 'an error code alone', { url: 'https://www.tiktok.com/@a/video/7', errorCode: 'PRIVATE_POST' }],
    ['tiktok', 'blocked', 'an error that nobody knows is no proof of anything', { url: 'https://www.tiktok.com/@a/video/7', error: 'Something new' }],
    ['instagram', 'ok', 'hidden likes are unknown', { shortCode: 'C1', videoPlayCount: 5, likesCount: -1 }],
    ['instagram', 'not_found', 'one billed item', { url: 'https://www.instagram.com/p/C1/', username: 'p', error: 'not_found' }],
    ['instagram', 'restricted', 'no deletion', { url: 'https://www.instagram.com/reel/C1/', error: 'restricted_page', media_id: '0' }],
    ['instagram', 'blocked', 'also what a block scrapes like', { inputUrl: 'https://www.instagram.com/p/C1/', error: 'no_items' }],
    ['instagram', 'no_view_field', 'a photo', { shortCode: 'C1', type: 'Sidecar', likesCount: 12 }],
    ['youtube', 'ok', 'likes may be null', { id: 'YYYYYYYYYY1', viewCount: 0, likes: null }],
    ['youtube', 'no_view_field', 'an item that holds an address alone', { url: 'https://www.youtube.com/shorts/YYYYYYYYYY1' }],
    ['x', 'ok', 'a post', { type: 'tweet', id: '19', url: 'https://x.com/a/status/19', viewCount: 31, likeCount: 2, createdAt: 'Fri Nov 21 20:20:00 +0000 2025' }],
    ['x', 'blocked', 'throttled', { noResults: true }],
    ['facebook', 'ok', 'a reel', { facebookUrl: 'https://www.facebook.com/reel/15', url: 'https://www.facebook.com/reel/15/', viewsCount: 2_343, likes: 252 }],
    ['facebook', 'blocked', 'deleted, private and blocked scrape the same', { inputUrl: 'https://www.facebook.com/reel/15', error: 'no_items' }],
    ['facebook', 'blocked', 'no results', { url: 'https://www.facebook.com/reel/15', error: 'no_results', errorDescription: 'No events' }],
  ]; // prettier-ignore
  it.each(cases)('%s: %s, %s', (platform, expected, _, row) => {
    expect(readRow(row, actorOf(platform), null).class).toBe(expected);
  });

  it('gives figures as they are, and nothing for what is hidden', () => {
    const [x, instagram] = [
      cases.find(([, , what]) => what === 'a post')![3],
      cases.find(([, , what]) => what.startsWith('hidden'))![3],
    ];
    expect(readRow(x, actorOf('x'), null)).toEqual({
      class: 'ok',
      figures: { views: 31, metric: 'viewCount', likes: 2, postedAt: '2025-11-21T20:20:00.000Z' },
    });
    expect(readRow(instagram, actorOf('instagram'), null)).toEqual({
      class: 'ok',
      figures: { views: 5, metric: 'videoPlayCount' },
    });
  });

  const of = (handle: string | null, externalId: string | null = null) => ({ handle, externalId });
  it.each([
    ['tiktok', { authorMeta: { name: 'ann.clips', fans: 12_800, id: '7' } }, of('ann.clips', '7'), 12_800],
    ['instagram', { ownerUsername: 'ann', ownerId: '9', ownerFullName: 'Ann A.' }, of('ann', '9')],
    ['youtube', { channelUsername: 'ann', channelUrl: 'https://www.youtube.com/@other', numberOfSubscribers: 715 }, of('ann'), 715],
    ['youtube', { channelName: 'Ann A.', channelUrl: 'https://www.youtube.com/@%EC%83%98?a=1' }, of('샘')],
    ['youtube', { channelUsername: '50%', numberOfSubscribers: 0 }, of('50%')],
    ['youtube', { channelName: 'Ann A.', channelUrl: 'https://www.youtube.com/channel/UC1' }, of(null, 'UC1')],
    ['x', { author: { userName: '@Ann', id: '3', name: 'Ann A.', followers: 498 } }, of('Ann', '3'), 498],
    ['x', { author: null }, null],
    ['x', { author: { userName: '', followers: -1 } }, null],
    ['facebook', { pageName: 'ann.page', user: { id: '6', name: 'Ann A.' } }, of('ann.page', '6')],
  ] as const)('%s: %j was posted by %j', (platform, account, expected, ...[followers]: readonly [number?]) => {
    const actor = actorOf(platform);
    const [metric] = actor.viewFields;
    const row = { [metric!]: 5, ...account };
    expect(postIn((path) => at(row, path), actor).account).toEqual(expected);
    expect(readRow(row, actor, null)).toEqual({ class: 'ok', figures: { views: 5, metric, ...(followers && { followers }) } });
  }); // prettier-ignore

  it('says of a post what campaigns want to know of it, and nothing if none does', () => {
    const scrape = scrapeOf('tiktok', 'https://www.tiktok.com/@a/video/7397388276279102001');
    const rows = [{ id: scrape.videoId, playCount: 5, text: 'hello #ad' }];
    const request = { ...scrape.request, checks: { text: ['#ad'] } };
    const [asked, not] = [{ ...scrape, request }, scrape].map(
      (one) => resultsOf([one], rows, actorOf('tiktok'), 'succeeded').results[0],
    );
    expect(asked).toMatchObject({ post: { caption: { text: 'hello #ad', whole: true } } });
    expect(not).toEqual({ kind: 'observed', figures: { views: 5, metric: 'playCount' } });
  });

  it('matches by id, then by the address that was asked for, and says what fits nothing', () => {
    const scrapes = ['1', '2', '3'].map((n) =>
      scrapeOf('tiktok', `https://www.tiktok.com/@a/video/739738827627910200${n}`),
    );
    const rows = [
      { id: '7397388276279102002', playCount: 20, webVideoUrl: 'https://vm.tiktok.com/ZM1/' },
      { id: '7397388276279102001', playCount: 10 },
      { id: '7397388276279102001', playCount: 12 },
      { id: '7397388276279109999', playCount: 99 },
    ];
    const { results, silent } = resultsOf(scrapes, rows, actorOf('tiktok'), 'succeeded');
    expect([silent, ...results.map(classOf)]).toEqual([false, 'ok', 'ok', 'unmatched']);
    expect(results[0]).toMatchObject({ figures: { views: 12 } });
    expect(
      resultsOf(scrapes, rows.slice(0, 3), actorOf('tiktok'), 'succeeded').results.map(classOf)[2],
    ).toBe('missing');
  });

  it('a count beats an error of the same clip', () => {
    const scrape = scrapeOf('tiktok', 'https://www.tiktok.com/@a/video/7397388276279102001');
    const rows = [
      { id: '7397388276279102001', playCount: 10 },
      { url: scrape.request.url, errorCode: 'NOT_FOUND' },
    ];
    for (const order of [rows, rows.toReversed()])
      expect(
        resultsOf([scrape], order, actorOf('tiktok'), 'succeeded').results.map(classOf),
      ).toEqual(['ok']);
  });
});

const FOLDER = fileURLToPath(new URL('../../../../../shared/data/apify/', import.meta.url));
const real = existsSync(FOLDER) ? describe : describe.skip;

real('rows that actors have really returned [needs ../shared/data/apify]', () => {
  const read = (name: string) => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')) as Row[];
  const addressed = (rows: Row[], platform: Platform, field: string) =>
    rows.filter(
      (row) => typeof row[field] === 'string' && videoIdFrom(platform, row[field]) !== null,
    );

  it.each([
    ['tiktok', 'tiktok-2024-09', 'webVideoUrl', 'playCount'],
    ['tiktok', 'tiktok-by-url', 'webVideoUrl', 'playCount'],
    ['youtube', 'youtube-2025-09', 'url', 'viewCount'],
    ['youtube', 'youtube-2025-10', 'url', 'viewCount'],
    ['youtube', 'youtube-2025-12', 'url', 'viewCount'],
    ['x', 'x-2025-11', 'url', 'viewCount'],
  ] as const)(
    '%s: %s gives each clip its own count, once, in any order',
    (platform, file, field, views) => {
      const rows = addressed(read(file), platform, field);
      const scrapes = [
        ...new Map(
          rows
            .map((row) => scrapeOf(platform, String(row[field])))
            .map((scrape) => [scrape.videoId, scrape]),
        ).values(),
      ];
      expect(scrapes.length).toBeGreaterThan(2);
      const { results } = resultsOf(scrapes, rows.toReversed(), actorOf(platform), 'succeeded');
      for (const [i, scrape] of scrapes.entries()) {
        const own = rows
          .filter((row) => videoIdFrom(platform, String(row[field])) === scrape.videoId)
          .map((row) => Number(row[views]));
        expect(results[i]).toMatchObject({
          kind: 'observed',
          figures: { views: Math.max(...own), metric: views },
        });
      }
    },
  );

  it.each([
    ['tiktok', 'tiktok-2024-09', 'hj.lisahalaby', '7385428498402313222', true, 12_800],
    ['x', 'x-2025-11', 'ChidiOdinkalu', '3886771835', true, 148_619],
    ['youtube', 'youtube-2025-12', 'daegu_mido', null, false, 715],
    ['youtube', 'youtube-2025-10', '아이엘클리닉', 'any', false, undefined],
    ['youtube', 'youtube-2025-09', 'laurensinsa', 'any', false, undefined],
    ['instagram', 'instagram-2026-05-25-a', 'journeysbysam', 'any', false, undefined],
  ] as const)(
    '%s: %s names the account of each clip, its bio if it is known, and followers',
    (platform, file, handle, externalId, hasBio, followers) => {
      const actor = actorOf(platform);
      const seen = read(file).flatMap((row) => {
        const reading = readRow(row, actor, null);
        const post = postIn((path) => at(row, path), actor);
        return 'figures' in reading ? [{ figures: reading.figures, ...post }] : [];
      });
      expect(seen.length).toBeGreaterThan(20);
      expect(seen.filter(({ account }) => !account?.handle)).toEqual([]);
      expect(seen.every(({ bio }) => (bio !== null) === hasBio)).toBe(true);
      expect(seen.some(({ caption }) => caption?.text)).toBe(true);
      const found = seen.find(({ account }) => account!.handle === handle)!;
      if (externalId !== 'any') expect(found.account!.externalId).toBe(externalId);
      expect(found.figures.followers).toBe(followers);
      if (followers === undefined)
        expect(seen.every(({ figures }) => figures.followers === undefined)).toBe(true);
    },
  );

  it('1. TikTok rounds large counts, and each such count is marked with its unit', () => {
    const readings = read('tiktok-2024-09').map((row) => readRow(row, actorOf('tiktok'), null));
    const figures = readings.flatMap((reading) => ('figures' in reading ? [reading.figures] : []));
    const rounded = figures.filter(({ roundedTo }) => roundedTo);
    expect(rounded.length).toBeGreaterThan(10);
    for (const { views, roundedTo } of rounded) expect(views % roundedTo!).toBe(0);
    for (const { views, roundedTo } of figures)
      expect(roundedTo !== undefined).toBe(views >= 10_000);
  });

  it('2. Instagram shows two counts: a clip keeps the one it began with, and the other is no count of it', () => {
    const actor = actorOf('instagram');
    const [before, after] = [
      [...read('instagram-2026-05-25-a'), ...read('instagram-2026-05-25-b')],
      [...read('instagram-2026-06-29-a'), ...read('instagram-2026-06-29-b')],
    ];
    let dropped = 0;
    for (const row of before!) {
      const first = readRow(row, actor, null);
      if (!('figures' in first)) continue;
      expect(first.figures.metric).toBe('videoPlayCount');
      const again = after!.find((later) => later['shortCode'] === row['shortCode']);
      if (
        again &&
        typeof again['videoViewCount'] === 'number' &&
        again['videoViewCount'] < first.figures.views
      )
        dropped++;
      if (again) expect(readRow(again, actor, first.figures.metric).class).toBe('no_view_field');
    }
    expect(dropped).toBeGreaterThan(30);
    const newcomers = after!
      .map((row) => readRow(row, actor, null))
      .filter((reading) => 'figures' in reading);
    expect(new Set(newcomers.map(({ figures }) => figures.metric))).toEqual(
      new Set(['videoViewCount']),
    );
    expect(newcomers).toHaveLength(88);
  });

  it('4. a run that succeeded with nothing, or with noResults alone, has scraped nothing', () => {
    const items = (
      JSON.parse(readFileSync(`${FOLDER}error_items.json`, 'utf8')) as { items: { item: Row }[] }
    ).items.map(({ item }) => item);
    const scrape = scrapeOf('x', 'https://x.com/a/status/19');
    for (const rows of [[], items.filter((item) => item['noResults'] === true)]) {
      const { results, silent } = resultsOf([scrape], rows, actorOf('x'), 'succeeded');
      expect([silent, ...results.map(classOf)]).toEqual([true, 'blocked']);
    }
  });

  it('5. a restriction is no deletion, duplicates and hidden likes and zero views occur, and an item may hold an address alone', () => {
    const { items } = JSON.parse(readFileSync(`${FOLDER}error_items.json`, 'utf8')) as {
      items: { platform: Platform; actor: string; item: Row }[];
    };
    const classes = items.map(({ platform, item }) => [
      platform,
      item['error'] ?? item['errorCode'] ?? 'noResults',
      readRow(item, actorOf(platform), null).class,
    ]);
    expect(classes).toContainEqual(['instagram', 'restricted_page', 'restricted']);
    expect(classes).toContainEqual(['instagram', 'not_found', 'not_found']);
    expect(classes).toContainEqual(['tiktok', 'PRIVATE_POST', 'private']);
    expect(classes).toContainEqual(['youtube', 'NO_VIDEOS', 'blocked']);
    const hidden = read('instagram-2026-05-25-b').filter((row) => row['likesCount'] === -1);
    expect(hidden).toHaveLength(3);
    for (const row of hidden)
      expect(readRow(row, actorOf('instagram'), null)).not.toHaveProperty('figures.likes');
    const youtube = read('youtube-2025-09');
    expect(
      youtube
        .filter((row) => row['viewCount'] === 0)
        .every((row) => readRow(row, actorOf('youtube'), null).class === 'ok'),
    ).toBe(true);
    const bare = read('youtube-2025-12').filter((row) => Object.keys(row).length === 1);
    expect(
      bare.map((row) => [
        videoOf(row, actorOf('youtube'), new Map()),
        readRow(row, actorOf('youtube'), null).class,
      ]),
    ).toEqual([[null, 'no_view_field']]);
  });

  it('7. ids that a spreadsheet has damaged fit no clip', () => {
    expect(videoIdFrom('tiktok', '7.39739E+18')).toBeNull();
    expect(videoOf({ id: '7.39739E+18', playCount: 5 }, actorOf('tiktok'), new Map())).toBeNull();
  });

  it('Facebook: the reels of an export by their address', () => {
    const [header, ...lines] = readFileSync(`${FOLDER}facebook-2024-09.csv`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    // Texts with commas in them do not matter here: such lines are left out.
    const rows = lines
      .filter((cells) => cells.length === header!.length)
      .map((cells) =>
        Object.fromEntries(
          header!.map((name, i) => [
            name,
            /^\d+$/.test(cells[i]!) && !name.toLowerCase().endsWith('id')
              ? Number(cells[i])
              : cells[i]!,
          ]),
        ),
      );
    const reels = addressed(rows, 'facebook', 'url').filter(
      (row) => typeof row['viewsCount'] === 'number',
    );
    expect(reels.length).toBeGreaterThan(20);
    const scrapes = reels.map((row) => scrapeOf('facebook', String(row['url'])));
    const { results } = resultsOf(scrapes, reels, actorOf('facebook'), 'succeeded');
    results.forEach((result, i) =>
      expect(result).toMatchObject({
        kind: 'observed',
        figures: { views: reels[i]!['viewsCount'], likes: reels[i]!['likesCount'] },
      }),
    );
  });
});

describe('A16: a field of an object', () => {
  const row = {
    id: '7301234567890123456',
    item: { id: '7301234567890123456' },
    stats: { playCount: 5_000, diggCount: 12, at: '2026-05-01T00:00:00Z' },
    'flat.count': 7,
  };
  const actor = {
    ...ACTORS[0]!,
    viewFields: ['stats.playCount'],
    likes: ['stats.diggCount'],
    comments: ['flat.count'],
    shares: ['stats.none'],
    postedAt: 'stats.at',
    names: ['item.id'],
  };

  it('is read by the same path wherever a configuration may name one', () => {
    expect(readRow(row, actor, null)).toEqual({
      class: 'ok',
      figures: {
        views: 5_000,
        metric: 'stats.playCount',
        likes: 12,
        comments: 7,
        postedAt: '2026-05-01T00:00:00.000Z',
      },
    });
    expect(videoOf(row, actor, new Map([['https://x', row.id]]))).toBe(row.id);
  });

  it('that never reads anything is reported, once, after enough whole rows', () => {
    const unread = new UnreadFields(['stats.playCount', 'stats.none', 'item.no']);
    const failed = Array.from({ length: 50 }, () => ({ error: 'not_found' }));
    expect(unread.take(failed)).toEqual([]);
    expect(unread.take(Array.from({ length: 19 }, () => row))).toEqual([]);
    expect(unread.take([{ ...row, item: { no: 1 } }])).toEqual(['stats.none']);
    expect(unread.take([row])).toEqual([]);
  });
});
