import { videoIdFrom, type Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { postIn } from './post-in-row.js';
import { at, readRow, resultsOf, videoOf } from './row.js';
import { type Row, actorOf, scrapeOf, classOf } from '../testing/rows.js';

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
