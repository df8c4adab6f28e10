/**
 * The whole path, from a request to scrape a clip to money that is owed, against BullMQ whose jobs
 * do nothing: 20,000 at once, then 500 a second. Ratios are what to read; times are noisy. The
 * source answers at once, and a batch does not wait to fill up: with a real one both take longer
 * than all the rest.
 *
 * npm run bench -- pipeline about a minute; BullMQ needs redis-server on the PATH
 */
import { findNatsServer } from '@cliptally/dev/servers';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measurePath } from './path.mjs';
import { measureBullMq, redisIsHere } from './peer.mjs';
import { JOBS, STEADY } from './measure.mjs';

/** Of BullMQ's rate at least, and of its slowest hundredth at most so many times. */
const GOALS = { rate: 0.5, p99: 3 };
const line = (name, { perSecond, p50, p99 }) => process.stdout.write(`${name.padEnd(48)}${`${Math.round(perSecond)}/s`.padStart(10)}${`${p50.toFixed(1)} / ${p99.toFixed(1)} ms`.padStart(22)}\n`); // prettier-ignore
const verdict = (met) => (met ? 'met' : 'MISSED');

const dir = mkdtempSync(join(tmpdir(), 'cliptally-bench-'));
try {
  process.stdout.write(
    `\n${JOBS} at once, and p50 / p99 at ${STEADY.perSecond} a second for ${STEADY.seconds} s\n`,
  );
  let peer;
  if (redisIsHere()) {
    mkdirSync(join(dir, 'redis'));
    peer = await measureBullMq(join(dir, 'redis'));
    line('BullMQ, jobs that do nothing, AOF every second', peer);
  } else process.stdout.write('BullMQ: skipped, redis-server is not on the PATH\n');
  const path = await measurePath(dir, await findNatsServer({ cacheDir: '.cliptally/cache' }));
  line('request, scrape, append, relay, earnings projected', path);
  if (peer) {
    const [rate, p99] = [path.perSecond / peer.perSecond, path.p99 / peer.p99];
    process.stdout.write(`${rate.toFixed(2)} of its rate (goal ${GOALS.rate}: ${verdict(rate >= GOALS.rate)}), ${p99.toFixed(1)} times its p99 (goal ${GOALS.p99}: ${verdict(p99 <= GOALS.p99)})\n`); // prettier-ignore
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
