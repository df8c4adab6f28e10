import { type Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { ACTORS } from './actors.js';
import { postIn } from './post-in-row.js';
import { at, readRow, resultsOf, videoOf } from './row.js';
import { UnreadFields } from './unread-fields.js';
import { type Row, actorOf, scrapeOf, classOf } from '../testing/rows.js';

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
