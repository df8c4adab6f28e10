import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalUrl, PLATFORMS, videoIdFrom, type Platform } from '@cliptally/contracts';
import { draw } from './chance.js';
import { shown, type ViewCurves } from './curves.js';

const DAY = 86_400_000;
const COLUMNS = ['platform', 'video_id', 'observed_at', 'views', 'likes', 'comments'];

interface Point {
  at: number;
  value: number;
}

/**
 * The observations of one video, each count by itself: a blank in one says nothing about the
 * others.
 */
interface Series {
  platform: Platform;
  videoId: string;
  first: number;
  /** By metric: `play` and `view` on Instagram, which are different numbers, `views` elsewhere. */
  counts: Record<'play' | 'view' | 'views' | 'likes' | 'comments', Point[]>;
}

/**
 * Real view curves, read from the CSV files of a folder
 * (`platform,video_id,observed_at,views,likes,comments[,metric]`, UTC, blank = unknown). Each
 * series begins in the first day of the world, at a moment fixed by its id; before it the video is
 * not known, between two observations it grows evenly, after the last it stands still. Throws an
 * Error that names file and line.
 */
export function replayCurves(dir: string, worldStart: Date): ViewCurves {
  const byVideo = new Map(readSeries(dir).map((s) => [`${s.platform} ${s.videoId}`, s]));
  return {
    at(platform, videoId, instant) {
      const series = byVideo.get(`${platform} ${videoId}`);
      if (!series) return null;
      const t = instant.getTime() - worldStart.getTime() - startsAfterMs(series) + series.first;
      if (t < series.first) return null;
      const { counts } = series;
      const views = interpolated(platform === 'instagram' ? counts.play : counts.views, t);
      return {
        views: views === null ? null : shown(platform, views),
        secondViews: platform === 'instagram' ? interpolated(counts.view, t) : null,
        likes: interpolated(counts.likes, t),
        comments: interpolated(counts.comments, t),
        shares: null,
        saves: null,
        postedAt: null,
      };
    },
  };
}

export interface ReplayedVideo {
  platform: Platform;
  videoId: string;
  url: string;
  /** When the video becomes known, in milliseconds after the world's start; less than a day. */
  startsAfterMs: number;
}

/** Every video that {@link replayCurves} knows, ordered by platform and id. */
export const replayedVideos = (dir: string): ReplayedVideo[] =>
  readSeries(dir).map((s) => ({
    platform: s.platform,
    videoId: s.videoId,
    url: canonicalUrl(s.platform, s.videoId),
    startsAfterMs: startsAfterMs(s),
  }));

const startsAfterMs = (s: Pick<Series, 'platform' | 'videoId'>): number =>
  Math.floor(draw('replay', s.platform, s.videoId) * DAY);

function interpolated(points: Point[], t: number): number | null {
  const i = points.findLastIndex((point) => point.at <= t);
  const before = points[i];
  const after = points[i + 1];
  if (!before) return null;
  // -1 means "hidden": there is nothing halfway between hidden and a number.
  if (!after || before.value < 0 || after.value < 0) return before.value;
  return Math.round(
    before.value + ((after.value - before.value) * (t - before.at)) / (after.at - before.at),
  );
}

function readSeries(dir: string): Series[] {
  const all = new Map<string, Series>();
  for (const file of csvFilesOf(dir)) readFile(join(dir, file), all);
  if (all.size === 0)
    throw new Error(
      `The folder "${dir}" holds no series to replay: its CSV files have a header and nothing below it.`,
    );
  for (const series of all.values()) {
    // Where two rows speak of one instant the later row wins: two points at one instant have no
    // line between them.
    for (const [name, points] of Object.entries(series.counts)) {
      const byInstant = new Map(points.map((p) => [p.at, p]));
      series.counts[name as keyof Series['counts']] = [...byInstant.values()].sort(
        (a, b) => a.at - b.at,
      );
    }
  }
  return [...all.values()].sort((a, b) =>
    `${a.platform} ${a.videoId}` < `${b.platform} ${b.videoId}` ? -1 : 1,
  );
}

function csvFilesOf(dir: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    throw new Error(
      `The folder of view curves "${dir}" cannot be read (${(error as NodeJS.ErrnoException).code}). Give an existing folder.`,
      { cause: error },
    );
  }
  const files = names.filter((name) => name.toLowerCase().endsWith('.csv')).sort();
  if (files.length === 0)
    throw new Error(
      `The folder "${dir}" has no .csv file; view curves come as ${COLUMNS.join(',')}[,metric].`,
    );
  return files;
}

function readFile(path: string, all: Map<string, Series>): void {
  const lines = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const header = fields(lines[0] ?? '');
  const absent = COLUMNS.filter((name) => !header.includes(name));
  if (absent.length > 0)
    throw new Error(
      `${path}, line 1: the column ${absent.join(', ')} is missing; expected ${COLUMNS.join(',')}[,metric].`,
    );

  lines.slice(1).forEach((line, i) => {
    if (line.trim() === '') return;
    const bad = (what: string) => new Error(`${path}, line ${i + 2}: ${what}.`);
    const cells = fields(line);
    if (cells.length !== header.length)
      throw bad(`${cells.length} fields, but the header has ${header.length}`);
    const cell = (name: string) => cells[header.indexOf(name)] ?? '';
    const count = (name: string, hidden = false) => {
      const text = cell(name);
      if (text === '') return null;
      if (!/^\d{1,15}$/.test(text) && !(hidden && text === '-1'))
        throw bad(`${name} is "${text}", expected a whole number or nothing`);
      return Number(text);
    };
    const platform = PLATFORMS.find((p) => p === cell('platform'));
    if (!platform)
      throw bad(`the platform is "${cell('platform')}", expected one of ${PLATFORMS.join(', ')}`);
    const videoId = cell('video_id');
    if (videoIdFrom(platform, videoId) !== videoId)
      throw bad(`"${videoId}" is no ${platform} video id (was the file saved by a spreadsheet?)`);
    const at = instantOf(cell('observed_at'));
    if (Number.isNaN(at))
      throw bad(
        `observed_at is "${cell('observed_at')}", expected an instant in UTC such as 2026-01-31T12:00:00Z`,
      );
    const metric = platform === 'instagram' ? cell('metric') : 'views';
    if (metric !== 'play' && metric !== 'view' && metric !== 'views') {
      throw bad(
        `the metric is "${metric}", expected play or view: Instagram's two counts must not be mixed`,
      );
    }

    const key = `${platform} ${videoId}`;
    const series = all.get(key) ?? {
      platform,
      videoId,
      first: at,
      counts: { play: [], view: [], views: [], likes: [], comments: [] },
    };
    all.set(key, series);
    series.first = Math.min(series.first, at);
    const seen = {
      [metric]: count('views'),
      likes: count('likes', true),
      comments: count('comments'),
    };
    for (const [name, value] of Object.entries(seen))
      if (value !== null) series.counts[name as keyof Series['counts']].push({ at, value });
  });
}

const fields = (line: string): string[] =>
  line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

function instantOf(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|\+00:00| UTC)?$/.exec(
    text,
  );
  return match ? Date.parse(`${match[1]}T${match[2]}Z`) : NaN;
}
