/**
 * What both sides are measured by: how many a second at once, and how long each takes at a steady
 * rate.
 */
const quick = process.argv.includes('--quick');
export const JOBS = quick ? 2_000 : 20_000;
export const STEADY = { perSecond: 500, seconds: quick ? 2 : 10 };
export const CLIPS = JOBS + STEADY.perSecond * STEADY.seconds;
/** Settings of everybody's PostgreSQL. */
export const POSTGRES = { track_commit_timestamp: 'on', max_wal_size: '2GB' };
/** How often a steady rate is fed. */
const EVERY_MS = 10;

/**
 * Calls `add` with the next few of `count` numbers each hundredth of a second; resolves when all
 * were added.
 */
export async function steadily(count, perSecond, add) {
  const began = performance.now();
  const adding = [];
  for (let added = 0; added < count;) {
    const due = Math.min(count, Math.ceil(((performance.now() - began) / 1000) * perSecond));
    if (due > added) adding.push(add(added, due));
    added = due;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  await Promise.all(adding);
}

export async function until(done, what, seconds = 120) {
  for (const give = performance.now() + seconds * 1000; ;) {
    if (await done()) return;
    if (performance.now() > give) throw new Error(`${what} did not happen within ${seconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The p-th part of sorted values: `quantile(values, 0.99)`. */
export function quantile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
}
