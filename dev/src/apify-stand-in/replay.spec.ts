import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { replayCurves, replayedVideos } from './replay.js';

const worldStart = new Date('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;
const HEADER = 'platform,video_id,observed_at,views,likes,comments,metric';
const real = join(process.cwd(), '../shared/data/series');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'curves-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const csv = (name: string, ...rows: string[]) =>
  writeFileSync(join(dir, name), [HEADER, ...rows, ''].join('\n'));

/** Counts of the only video, `hours` after it became known. */
function at(hours: number) {
  const [video] = replayedVideos(dir);
  return replayCurves(dir, worldStart).at(
    video!.platform,
    video!.videoId,
    new Date(worldStart.getTime() + video!.startsAfterMs + hours * HOUR),
  );
}

describe('replayed curves', () => {
  it('grow evenly between two observations, stand still after the last, and are unknown before the first', () => {
    csv(
      'a.csv',
      'youtube,dQw4w9WgXcQ,2017-09-13T12:00:00Z,1000,10,,',
      'youtube,dQw4w9WgXcQ,2017-09-13T22:00:00Z,2000,20,5,',
    );
    expect(at(-0.001)).toBeNull();
    expect(at(0)).toMatchObject({ views: 1_000, likes: 10, comments: null });
    expect(at(2.5)).toMatchObject({ views: 1_250, likes: 13, comments: null });
    expect(at(10)).toMatchObject({ views: 2_000, comments: 5 });
    expect(at(10_000)).toMatchObject({ views: 2_000, likes: 20 });
    expect(
      replayCurves(dir, worldStart).at('youtube', 'AAAAAAAAAAA', new Date('2027-01-01')),
    ).toBeNull();
  });

  it('begin within the first day of the world, each at a moment fixed by its id', () => {
    csv(
      'a.csv',
      ...Array.from({ length: 200 }, (_, i) => `x,${10_000 + i},2020-01-01T00:00:00Z,7,,,`),
    );
    const starts = replayedVideos(dir).map((v) => v.startsAfterMs);
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...starts)).toBeLessThan(24 * HOUR);
    expect(new Set(starts.map((ms) => Math.floor(ms / HOUR))).size).toBeGreaterThan(15);
    expect(replayedVideos(dir)[0]).toEqual({
      platform: 'x',
      videoId: '10000',
      url: 'https://x.com/i/status/10000',
      startsAfterMs: starts[0],
    });
  });

  it("keep Instagram's two counts apart, and hidden likes hidden", () => {
    csv(
      'a.csv',
      'instagram,DK5AxrFxbwN,2026-05-01T00:00:00Z,8000,-1,3,play',
      'instagram,DK5AxrFxbwN,2026-05-01T02:00:00Z,1000,-1,3,view',
      'instagram,DK5AxrFxbwN,2026-05-01T04:00:00Z,9000,40,,play',
    );
    expect(at(1)).toMatchObject({ views: 8_250, secondViews: null, likes: -1 });
    expect(at(3)).toMatchObject({ views: 8_750, secondViews: 1_000, likes: -1, comments: 3 });
    expect(at(4)).toMatchObject({ views: 9_000, likes: 40 });
  });

  it('take a blank for unknown, and read files without a metric, with quotes, in any order', () => {
    const rows = [
      'tiktok,"7533731959172861206",2026-05-01 10:00:00,,,',
      'tiktok,7533731959172861206,2026-05-01T00:00:00+00:00,20049,1,1',
    ];
    writeFileSync(
      join(dir, 'b.csv'),
      `\uFEFF${HEADER.replace(',metric', '')}\r\n${rows.join('\r\n')}\r\n\r\n`,
    );
    expect(at(10)).toMatchObject({ views: 20_000, likes: 1 });
  });

  it.each([
    [
      'platform',
      'vine,abcdefghijk,2026-05-01T00:00:00Z,1,1,1,',
      /a\.csv, line 2: the platform is "vine"/,
    ],
    [
      'damaged id',
      'tiktok,7.53373E+18,2026-05-01T00:00:00Z,1,1,1,',
      /line 2: "7.53373E\+18" is no tiktok video id/,
    ],
    ['instant', 'x,12345,yesterday,1,1,1,', /line 2: observed_at is "yesterday"/],
    [
      'views',
      'x,12345,2026-05-01T00:00:00Z,1.5k,1,1,',
      /line 2: views is "1.5k", expected a whole number or nothing/,
    ],
    ['negative views', 'x,12345,2026-05-01T00:00:00Z,-1,1,1,', /line 2: views is "-1"/],
    ['metric', 'instagram,DK5AxrFxbwN,2026-05-01T00:00:00Z,1,1,1,', /line 2: the metric is ""/],
    ['short row', 'x,12345,2026-05-01T00:00:00Z', /line 2: 3 fields, but the header has 7/],
  ])('refuse a row with a bad %s, naming file and line', (_, row, message) => {
    csv('a.csv', row);
    expect(() => replayCurves(dir, worldStart)).toThrow(message);
  });

  it('refuse a folder that is missing, or has no usable CSV', () => {
    expect(() => replayCurves(join(dir, 'nowhere'), worldStart)).toThrow(
      /nowhere" cannot be read \(ENOENT\)/,
    );
    expect(() => replayedVideos(dir)).toThrow(/has no .csv file/);
    writeFileSync(join(dir, 'a.csv'), 'platform,video_id,views\n');
    expect(() => replayedVideos(dir)).toThrow(
      /a\.csv, line 1: the column observed_at, likes, comments is missing/,
    );
    csv('a.csv');
    expect(() => replayedVideos(dir)).toThrow(/holds no series/);
  });
});

(existsSync(real) ? describe : describe.skip)('the real series [needs ../shared/data]', () => {
  it('are read whole', () => {
    const videos = replayedVideos(real);
    expect(videos.length).toBeGreaterThan(1_600);
    const curves = replayCurves(real, worldStart);
    const month = new Date(worldStart.getTime() + 30 * 24 * HOUR);
    const seen = videos.map((v) => curves.at(v.platform, v.videoId, month)!);
    expect(seen.every((c) => c.views !== null || c.secondViews !== null)).toBe(true);
    expect(seen.some((c) => c.views! > 1_000_000)).toBe(true);
  });
});
