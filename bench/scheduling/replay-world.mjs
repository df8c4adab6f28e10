import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomOf } from './random.mjs';
import { finishWorld, TICKS_AN_HOUR } from './world.mjs';

const SERIES = fileURLToPath(new URL('../../../shared/data/series/', import.meta.url));
const FILES = ['youtube-trending-2017.csv', 'youtube-half-hourly.csv', 'instagram-weekly.csv'];
const DAYS = 14;
const HOUR_MS = 3_600_000;

/**
 * A fortnight in which real series are the clips, or the reason why there is none: all of them
 * submitted within so many days. Only what the files hold is served: see `viewsAt`.
 */
export function replayWorld(seed, { withinDays = 1 } = {}) {
  const missing = FILES.filter((file) => !existsSync(SERIES + file));
  if (missing.length > 0)
    return { skipped: `no real series here (${missing.join(', ')} not found in ${SERIES})` };
  const random = randomOf(seed);
  const hours = DAYS * 24;
  const series = FILES.flatMap((file) => readSeries(SERIES + file));
  const campaigns = Array.from({ length: 48 }, () => ({
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

function readSeries(path) {
  const series = new Map();
  for (const line of readFileSync(path, 'utf8').trim().split('\n').slice(1)) {
    const [platform, id, observedAt, views, , , metric] = line.split(',');
    if (views === '') continue;
    // Plays and views of one Instagram reel are two different counts.
    const key = metric === 'view' && platform === 'instagram' ? `${id}/view` : id;
    const point = { at: Date.parse(observedAt), views: Number(views) };
    const known = series.get(key) ?? { id: key, platform, points: [] };
    // A count that falls is a passing correction: payable views are the highest seen.
    point.views = Math.max(point.views, known.points.at(-1)?.views ?? 0);
    known.points.push(point);
    series.set(key, known);
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
