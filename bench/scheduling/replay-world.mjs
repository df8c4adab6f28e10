import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomOf } from './random.mjs';
import { finishWorld, TICKS_AN_HOUR } from './world.mjs';

/** Where real series are looked for, unless `--series` names folders. */
export const SERIES = fileURLToPath(new URL('../../../shared/data/series/', import.meta.url));
/** A file with fewer series makes no world of its own: all such files of a folder make one. */
const ENOUGH = 200;
const DAYS = 14;
const CAMPAIGNS = 48;
const HOUR_MS = 3_600_000;

/** Sets of real series in a folder: a name and the files of each. */
export function seriesSets(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.csv')).sort().map((name) => `${folder}/${name}`); // prettier-ignore
  const large = files.filter((file) => readSeries(file).length >= ENOUGH);
  const small = files.filter((file) => !large.includes(file));
  const nameOf = (file) => file.slice(file.lastIndexOf('/') + 1, -'.csv'.length);
  return [
    ...large.map((file) => ({ name: nameOf(file), files: [file] })),
    ...(small.length > 0 ? [{ name: small.map(nameOf).join(' and '), files: small }] : []),
  ];
}

/**
 * A fortnight or more in which real series are the clips, all of them submitted within so many
 * days. Only what the files hold is served: see `viewsAt`. `part` keeps one of two halves of the
 * series, so that what was tuned on one is judged by the other.
 */
export function replayWorld(seed, { files, withinDays = 1, part, campaigns: count = CAMPAIGNS }) {
  const random = randomOf(seed);
  const hours = Math.max(DAYS, withinDays + 7) * 24;
  const series = files.flatMap((file) => readSeries(file)).filter(({ id }) => part === undefined || (hashOf(`${id}/part`) & 1) === part); // prettier-ignore
  const campaigns = Array.from({ length: count }, () => ({
    launched: -24 * random.uniform() * 10,
    rate: random.lognormal(1.2, 0.9),
  }));
  const clips = series.map(({ id, platform, points }) => {
    const submitted = Math.floor((hashOf(id) % (24_000 * withinDays)) / 1000) * TICKS_AN_HOUR;
    return {
      id,
      platform,
      campaign: Math.floor(random.uniform() * campaigns.length),
      // When it was posted is not in the files; views before the first observation are nobody's
      // news.
      posted: submitted / TICKS_AN_HOUR,
      submitted,
      viewsAt: (hour) =>
        viewsAt(points, points[0].at + hour * HOUR_MS - (submitted / TICKS_AN_HOUR) * HOUR_MS) -
        points[0].views,
    };
  });
  return finishWorld(`real series ${seed}`, {
    hours,
    campaigns,
    clips,
    budgetOf: (worth) => worth * random.between(0.35, 1.6),
  });
}

const known = new Map();
function readSeries(path) {
  if (!known.has(path)) known.set(path, parsed(readFileSync(path, 'utf8')));
  return known.get(path);
}

function parsed(text) {
  const series = new Map();
  for (const line of text.trim().split('\n').slice(1)) {
    const [platform, id, observedAt, views, , , metric] = line.split(',');
    if (views === '') continue;
    // Plays and views of one Instagram reel are two different counts.
    const key = metric === 'view' && platform === 'instagram' ? `${id}/view` : id;
    const point = { at: Date.parse(observedAt), views: Number(views) };
    const one = series.get(key) ?? { id: key, platform, points: [] };
    // A count that falls is a passing correction: payable views are the highest seen.
    point.views = Math.max(point.views, one.points.at(-1)?.views ?? 0);
    one.points.push(point);
    series.set(key, one);
  }
  return [...series.values()].filter(({ points }) => points.length > 2);
}

/** Straight between two observations, held after the last. */
function viewsAt(points, time) {
  let low = 0;
  let high = points.length - 1;
  if (time >= points[high].at) return points[high].views;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle].at <= time) low = middle;
    else high = middle;
  }
  const share = Math.max(0, (time - points[low].at) / (points[high].at - points[low].at));
  return Math.floor(points[low].views + share * (points[high].views - points[low].views));
}

const hashOf = (id) =>
  [...id].reduce((hash, char) => (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0, 7);
