/**
 * The whole path, from a request to scrape a clip to the event that pays for it, beside queues
 * whose jobs do the same work in a transaction each. Ratios are what to read; times are noisy.
 */
import { findNatsServer } from '@cliptally/dev/servers';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBullMq } from './limit.mjs';
import { JOBS, STEADY } from './measure.mjs';
import { measurePath } from './path.mjs';
import { measurePeer, redisIsHere } from './peers/measure.mjs';
import { QUEUES } from './peers/queues.mjs';
import { compare } from './ratios.mjs';

const HELP = `npm run bench -- pipeline [--json] [--runs N] [--quick] [--only ours,bullmq,...]

20,000 scrapes at once, then 500 a second, in one campaign and in 40. The source answers at once,
and a batch does not wait to fill up. BullMQ needs redis-server on the PATH.

  --json    the figures, ratios and goals for programs
  --runs N  all of it so often
  --quick   a tenth of it: whether it works at all
  --only    some of: limit, ours, bullmq, pg-boss, graphile-worker
`;
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(HELP);
  process.exit();
}
const only = options.only?.split(',');
const say = (text) => options.json || process.stdout.write(`${text}\n`);
const natsServer = await findNatsServer({ cacheDir: '.cliptally/cache' });

const SAME_WORK = Object.entries(QUEUES).flatMap(([id, { name, durability, needsRedis }]) =>
  [1, 40].map((campaigns) => ({
    id,
    name,
    campaigns,
    durability,
    needsRedis,
    measure: (dir) => measurePeer(dir, id, campaigns),
  })),
);
const MEASURED = [
  {
    id: 'limit',
    name: 'limit: BullMQ, jobs that do nothing',
    campaigns: null,
    durability: 'jobs: Redis AOF each second',
    needsRedis: true,
    measure: measureBullMq,
  },
  ...[1, 40].map((campaigns) => ({
    id: 'ours',
    name: 'ours, the whole path',
    campaigns,
    durability: 'events: PostgreSQL, each commit; messages: made anew from the log',
    measure: (dir) => measurePath(dir, natsServer, campaigns),
  })),
  ...SAME_WORK,
].filter(({ id }) => !only || only.includes(id));

async function runOnce() {
  const figures = [];
  for (const { measure, needsRedis, ...what } of MEASURED) {
    if (needsRedis && !redisIsHere()) {
      say(`${what.name}: skipped, redis-server is not on the PATH`);
      continue;
    }
    const dir = mkdtempSync(join(tmpdir(), 'cliptally-bench-'));
    try {
      const figure = { ...what, ...(await measure(dir)) };
      figures.push(figure);
      const { name, campaigns, perSecond, p50, p99, durability } = figure;
      say(`${name.padEnd(38)}${campaigns === null ? '' : String(campaigns).padStart(4)}${`${Math.round(perSecond)}/s`.padStart(10)}${`${p50.toFixed(1)} / ${p99.toFixed(1)} ms`.padStart(20)}  ${durability}`); // prettier-ignore
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  const ratios = compare(figures);
  for (const { what, ratio, goal, met } of ratios)
    say(`${what}: ${ratio.toFixed(2)} (goal ${goal}: ${met ? 'met' : 'MISSED'})`);
  return { figures, ratios };
}

const runs = [];
for (let run = 1; run <= Number(options.runs); run++) {
  say(`\n${JOBS} at once, and p50 / p99 at ${STEADY.perSecond} a second for ${STEADY.seconds} s (run ${run})\n`); // prettier-ignore
  runs.push(await runOnce());
}
if (options.json) process.stdout.write(`${JSON.stringify({ jobs: JOBS, steady: STEADY, runs }, null, 2)}\n`); // prettier-ignore
