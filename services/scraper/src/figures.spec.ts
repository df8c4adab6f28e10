import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ACTORS } from './domain/actors.js';
import { readRow } from './domain/row.js';
import { clipWorld, type Row } from './testing/clip-world.js';

const ID: Record<Platform, string> = {
  tiktok: '7500000000000000001',
  youtube: 'YYYYYYYYYY1',
  instagram: 'CaAaAaAaAa1',
  x: '19',
  facebook: '1500000000000001',
};

/** A world with one clip; each step gives a row, and gets the views or the reason. */
function clip(platform: Platform, options = {}) {
  const world = clipWorld(platform, options);
  const id = ID[platform];
  const name = platform === 'instagram' ? 'shortCode' : 'id';
  const scrape = async (row: Row, hours = 2) => {
    world.source.rows = [{ [platform === 'facebook' ? 'postId' : name]: id, ...row }];
    const [result] = await world.scrape([id]);
    world.pass(hours);
    return result!;
  };
  return { world, id, scrape };
}

describe('a figure is plausible or it is none', () => {
  it('A4: a zero beside another field and likes: the field that can be believed is taken', async () => {
    const { scrape } = clip('instagram');
    const row = { videoPlayCount: 0, videoViewCount: 12_000, likesCount: 900 };
    expect(await scrape(row)).toBe(12_000);
  });

  it('A5: a zero with likes fixes no field; what comes next does', async () => {
    const { world, scrape } = clip('instagram');
    expect(await scrape({ videoViewCount: 0, likesCount: 10 })).toBe('implausible');
    expect(await scrape({ videoViewCount: 0, videoPlayCount: 50_000 })).toBe(50_000);
    expect((await world.lastOutcome()).data).toMatchObject({ metric: 'videoPlayCount' });
    expect(await scrape({ videoViewCount: 60_000 })).toBe('no_view_field');
  });

  it('A5: nor does such a zero that is in the log already', async () => {
    const { world, id, scrape } = clip('instagram');
    await world.append(id, 'ViewsRecorded', {
      clipId: `instagram-${id}`, platform: 'instagram', requestId: '00000000-0000-4000-8000-000000000001', runId: 'old', source: 's',
      costMicroUsd: 0, views: 0, likes: 10, metric: 'videoViewCount', observedAt: world.clock.now().toISOString(), cached: false,
    }); // prettier-ignore
    expect(await scrape({ videoViewCount: 0, videoPlayCount: 50_000 })).toBe(50_000);
  });

  it('A5: a person changes the field, also within the hour of the cache', async () => {
    const { world, id, scrape } = clip('instagram');
    expect(await scrape({ videoViewCount: 12_000, likesCount: 9 }, 0.1)).toBe(12_000);
    const change = { from: 'videoViewCount', to: 'videoPlayCount', reason: 'plays', by: 'ada' };
    const of = { clipId: `instagram-${id}`, platform: 'instagram' } as const;
    await world.append(id, 'ViewFieldChanged', { ...of, ...change });
    expect(await scrape({ videoViewCount: 12_100, videoPlayCount: 50_000 })).toBe(50_000);
    expect(await scrape({ videoViewCount: 12_200 })).toBe('no_view_field');
  });

  it('and a scrape that was under way meanwhile does not change it back', async () => {
    const { world, id, scrape } = clip('instagram');
    expect(await scrape({ videoViewCount: 12_000 })).toBe(12_000);
    const of = { clipId: `instagram-${id}`, platform: 'instagram' } as const;
    const change = { from: 'videoViewCount', to: 'videoPlayCount', reason: 'plays', by: 'ada' };
    await world.append(id, 'ViewFieldChanged', { ...of, ...change });
    await world.append(id, 'ViewsRecorded', { ...of, requestId: '00000000-0000-4000-8000-000000000009', runId: 'r', source: 's', costMicroUsd: 0, views: 12_050, metric: 'videoViewCount', observedAt: world.clock.now().toISOString(), cached: false }); // prettier-ignore
    expect(await scrape({ videoViewCount: 12_100, videoPlayCount: 50_000 })).toBe(50_000);
  });

  const cases: [string, Platform, Row, string][] = [
    ['A6: a slideshow without views', 'tiktok', { isSlideshow: true, playCount: 0, diggCount: 5_210 }, 'slideshow_uncounted'],
    ['a slideshow of which nothing was counted', 'tiktok', { isSlideshow: true, playCount: 0 }, 'slideshow_uncounted'],
    ['A7: a premiere', 'youtube', { viewCount: 0, isLive: true }, 'live'],
    ['viewers of a stream, which are no views (3dproger/AxelChat 517)', 'youtube', { viewCount: 812, isLive: true }, 'live'],
    ['those who wait for a premiere (yt-dlp 5152)', 'youtube', { viewCount: 44, live_status: 'is_upcoming' }, 'upcoming'],
    ['a stream on Facebook', 'facebook', { viewsCount: 310, isLive: true }, 'live'],
    ['A8: a retweet', 'x', { isRetweet: true, viewCount: 0, retweet: { id: '18', viewCount: 5_000 } }, 'repost'],
    ['A9: comments beyond views', 'tiktok', { playCount: 12, commentCount: 98_000 }, 'engagement_beyond_views'],
    ['plays and comments swapped (drawrowfly/tiktok-scraper 338)', 'tiktok', { playCount: 431, commentCount: 88_400, diggCount: 9_100 }, 'engagement_beyond_views'],
    ['likes beyond views', 'youtube', { viewCount: 301, likes: 4_120 }, 'engagement_beyond_views'],
    ['shares beyond views', 'tiktok', { playCount: 40, shareCount: 900 }, 'engagement_beyond_views'],
    ['"video_view_count" always 0 (arc298/instagram-scraper 144)', 'instagram', { videoViewCount: 0, likesCount: 900 }, 'zero_with_engagement'],
    ['a much liked post without impressions', 'x', { viewCount: 0, likeCount: 70 }, 'zero_with_engagement'],
    ['only comments', 'tiktok', { playCount: 0, commentCount: 31 }, 'zero_with_engagement'],
    ['views in place of likes (InstaPy/instagram-profilecrawl 114)', 'instagram', { videoPlayCount: 5_482, likesCount: 5_482 }, 'views_equal_likes'],
    ['more than any clip has (views of a hashtag, tiktok-scraper 375)', 'tiktok', { playCount: 6_040_500_000_000 }, 'beyond_any_clip'],
  ]; // prettier-ignore
  it.each(cases)('%s', async (_, platform, row, rule) => {
    const { world, scrape } = clip(platform);
    expect(await scrape(row)).toBe('implausible');
    const { data, type } = await world.lastOutcome();
    const views = row['playCount'] ?? row['viewCount'] ?? row['viewsCount'] ?? row['videoPlayCount'] ?? row['videoViewCount']; // prettier-ignore
    expect([type, data]).toMatchObject(['ScrapeFailed', { retryable: true, figure: { rule, views } }]); // prettier-ignore
  });

  it.each<[string, Platform, Row, number]>([
    ['a new clip that nobody has seen', 'youtube', { viewCount: 0, likes: 0 }, 0],
    ["a creator's own like", 'youtube', { viewCount: 0, likes: 1 }, 0],
    ['three likes, which Instagram shows for hidden ones (zeeschuimer 45)', 'instagram', { videoPlayCount: 0, likesCount: 3 }, 0],
    ['a few likes more than views (rows of Facebook)', 'facebook', { viewsCount: 22, likes: 29 }, 22],
    ['hidden likes, which are -1', 'instagram', { videoPlayCount: 90, likesCount: -1 }, 90],
    ['a slideshow that was counted', 'tiktok', { isSlideshow: true, playCount: 80_000, diggCount: 5_210 }, 80_000],
    ['a post that quotes another', 'x', { isQuote: true, isRetweet: false, viewCount: 31 }, 31],
    ['a small clip that everybody liked', 'tiktok', { playCount: 6, diggCount: 6 }, 6],
  ])('but %s', async (_, platform, row, views) => {
    expect(await clip(platform).scrape(row)).toBe(views);
  }); // prettier-ignore

  it('a clip does not fall back to no views at all (drawrowfly/tiktok-scraper 499)', async () => {
    const { world, scrape } = clip('tiktok');
    expect(await scrape({ playCount: 0 })).toBe(0);
    expect(await scrape({ playCount: 38_000 })).toBe(38_000);
    const nothing = { playCount: 0, diggCount: 0, commentCount: 0, shareCount: 0 };
    expect(await scrape(nothing)).toBe('implausible');
    expect((await world.lastOutcome()).data).toMatchObject({ figure: { rule: 'fell_to_zero' } });
    expect(await scrape({ playCount: 38_100 })).toBe(38_100);
  });
});

const ROWS = fileURLToPath(new URL('../../../../shared/data/apify/', import.meta.url));
const withRows = existsSync(ROWS) ? describe : describe.skip;

withRows('rows of actors [needs ../shared/data]', () => {
  it('are believed, all of them', () => {
    const rows = readdirSync(ROWS).flatMap((file): [Platform, Row][] => {
      const platform = file.split('-')[0] as Platform;
      if (!file.endsWith('.json') || !ACTORS.some((actor) => actor.platform === platform))
        return [];
      return (JSON.parse(readFileSync(`${ROWS}${file}`, 'utf8')) as Row[]).map((row) => [platform, row]); // prettier-ignore
    });
    expect(rows.length).toBeGreaterThan(1_600);
    const doubted = rows.flatMap(([platform, row]) => {
      const actor = ACTORS.find((one) => one.platform === platform)!;
      const reading = readRow(row, actor, null);
      return 'why' in reading ? [[platform, row['url'], reading.why.detail]] : [];
    });
    expect(doubted).toEqual([]);
  });
});

describe('a second scrape', () => {
  const odd = { playCount: 12, commentCount: 98_000 };

  it('confirms a figure that is the same an hour later', async () => {
    const { scrape } = clip('tiktok');
    expect(await scrape(odd, 0.5)).toBe('implausible');
    expect(await scrape({ ...odd, playCount: 15 }, 1)).toBe('implausible');
    expect(await scrape({ ...odd, playCount: 11 }, 1)).toBe('implausible');
    expect(await scrape({ ...odd, playCount: 14 })).toBe(14);
  });

  it('does not confirm a zero, a repost, or what no clip has', async () => {
    const rows: [Platform, Row][] = [
      ['tiktok', { playCount: 0, diggCount: 5_210 }],
      ['x', { isRetweet: true, viewCount: 9 }],
      ['youtube', { viewCount: 9e12 }],
    ];
    for (const [platform, row] of rows) {
      const { scrape } = clip(platform);
      for (let n = 0; n < 3; n++) expect(await scrape(row, 30)).toBe('implausible');
    }
  });

  it('that is plausible needs no confirmation, and ends the doubt', async () => {
    const { scrape } = clip('tiktok');
    expect(await scrape(odd)).toBe('implausible');
    expect(await scrape({ playCount: 99_000, commentCount: 98_000 })).toBe(99_000);
    expect(await scrape(odd)).toBe('implausible');
  });
});

describe('A10: a platform whose rows have no play count', () => {
  it('gives no zero, and no other source is asked for it', async () => {
    const world = clipWorld('instagram', { second: true });
    const ids = ['CaAaAaAaAa1', 'CaAaAaAaAa2', 'CaAaAaAaAa3'];
    world.source.rows = ids.map((shortCode) => ({ shortCode, likesCount: 40 }));
    for (let n = 0; n < 24; n++) {
      expect(await world.scrape(ids)).toEqual(ids.map(() => 'no_view_field'));
      world.pass(1);
    }
    expect([world.source.runs.length, world.other.runs]).toEqual([24, []]);
  });
});
