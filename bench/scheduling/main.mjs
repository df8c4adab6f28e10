import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const USAGE = `node bench/scheduling/main.mjs [--worlds N] [--quick | --small] [--seed N] [--json]

  Which clip to scrape next, measured: policies of the scheduler side by side in synthetic worlds and on real view series.
  --worlds N  synthetic worlds (6 by default), beside one with strong second bursts and real series where they are present
  --quick     2 worlds, and 10 % and 30 % only
  --small     2 worlds of 200 clips in 6 days, in seconds: to see that it works, not how well
  --seed N    seed of the first world (9001 by default; worlds below 9000 were looked at while policies were made)
  --json      prints the figures as one JSON object as well
`;
const BUILT = new URL('../../services/scheduler/dist/domain/index.js', import.meta.url);
/**
 * Scrapes needed for what `classic` reaches with all of them, and share of the bound, at most and
 * at least.
 */
const GOALS = {
  0.1: { scrapes: 0.4, bound: 0.3 },
  0.3: { scrapes: 0.36, bound: 0.4 },
  1: { scrapes: 0.27, bound: 0.47 },
};
const WORST_SCRAPES = 0.6;
const WORST_DELAY = 0.25;
const WORST_OVERSPEND = 0.1;
const MILLION = { seconds: 5, megabytes: 500 };
const WIDTHS = [26, 10, 18, 18, 22, 17, 11, 11, 11, 10, 12];

const { values } = parseArgs({
  options: {
    worlds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    seed: { type: 'string', default: '9001' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
async function main() {
  const worlds = Number(values.worlds ?? (values.quick ? 2 : 6));
  const shares = values.quick ? [0.1, 0.3] : [0.1, 0.3, 1];
  const seed = Number(values.seed);
  const small = { clips: 200, days: 6 };
  const groups = values.small
    ? [
        {
          title: '2 small worlds',
          of: [
            { kind: 'synthetic', seed, differing: small },
            { kind: 'synthetic', seed, differing: { ...small, burstSize: 3.6 } },
          ],
        },
      ]
    : [
        {
          title: `${worlds} synthetic worlds`,
          of: Array.from({ length: worlds }, (_, i) => ({ kind: 'synthetic', seed: seed + i })),
        },
        {
          title: 'a world with second bursts x6',
          of: [{ kind: 'synthetic', seed: seed + worlds, differing: { burstSize: 3.6 } }],
        },
        {
          title: 'real series, all within a day, over three sets of campaigns',
          of: [1, 2, 3].map((seed) => ({ kind: 'replay', seed })),
        },
        {
          title: 'real series that come over ten days, over three sets of campaigns',
          of: [1, 2, 3].map((seed) => ({ kind: 'replay', seed, differing: { withinDays: 10 } })),
        },
      ];
  const tasks = groups.flatMap(({ title, of }) =>
    shares.flatMap((share) => of.map((world) => ({ title, share, ...world }))),
  );
  const results = await inParallel(tasks);
  const measured = tasks.map((task, i) => ({ ...task, ...results[i] }));
  for (const { title } of groups) report(title, shares, measured);
  if (!values.small) reportMillion();
  if (values.json) process.stdout.write(`${JSON.stringify({ measured })}\n`);
}

function report(title, shares, measured) {
  const own = measured.filter((one) => one.title === title);
  process.stdout.write(`\n${title}\n`);
  if (own[0]?.skipped) {
    process.stdout.write(`  skipped: ${own[0].skipped}\n`);
    return;
  }
  for (const share of shares) {
    const worlds = own.filter((one) => one.share === share);
    const rowsOf = (name) => worlds.map(({ rows }) => rows.find((row) => row.name === name));
    const classic = rowsOf('classic');
    const cells = [
      '',
      'waiting $',
      'of bound (worst)',
      'one price (worst)',
      'scrapes needed (worst)',
      'noticed after h',
      'x classic',
      'overspend',
      'x classic',
      'oldest h',
      'over cap h',
    ];
    process.stdout.write(
      `\n  scrapes a day = ${share * 100} % of active clips x 6\n${line(cells)}`,
    );
    for (const { name } of worlds[0].rows) {
      const rows = rowsOf(name);
      const over = (key) => mean(rows, key) / mean(classic, key);
      process.stdout.write(
        line([
          name,
          mean(rows, 'waiting').toFixed(0),
          withWorst(rows, 'ofBound', Math.min),
          withWorst(rows, 'ofOnePrice', Math.min),
          rows[0].scrapesNeeded === null ? '' : withWorst(rows, 'scrapesNeeded', Math.max),
          mean(rows, 'delay').toFixed(1),
          over('delay').toFixed(2),
          `${(100 * mean(rows, 'overspend')).toFixed(2)} %`,
          over('overspend').toFixed(2),
          Math.max(...rows.map(({ oldest }) => oldest)).toFixed(0),
          Math.max(...rows.map(({ overCap }) => overCap)).toFixed(1),
        ]),
      );
    }
    const least = mean(classic, 'unavoidable');
    process.stdout.write(
      `  scrapes needed by whoever knows the future: at least ${withWorst(worlds, 'leastScrapes', Math.max)}\n  overspend of whoever knows every budget's end: ${(100 * least).toFixed(2)} %, ${(least / mean(classic, 'overspend')).toFixed(2)} x classic\n`,
    );
    for (const { name, offered } of worlds[0].rows)
      if (offered) process.stdout.write(goals(name, share, rowsOf(name), classic));
  }
}

function goals(name, share, rows, classic) {
  const { scrapes, bound } = GOALS[share];
  const verdicts = [
    ...(rows[0].scrapesNeeded === null
      ? []
      : [
          [`scrapes ${scrapes}`, mean(rows, 'scrapesNeeded') <= scrapes],
          [
            `every world under ${WORST_SCRAPES}`,
            rows.every(({ scrapesNeeded }) => scrapesNeeded < WORST_SCRAPES),
          ],
        ]),
    [`bound ${bound}`, mean(rows, 'ofBound') >= bound],
    [`bound of one price ${bound}`, mean(rows, 'ofOnePrice') >= bound],
    [`delay ${WORST_DELAY}`, mean(rows, 'delay') <= WORST_DELAY * mean(classic, 'delay')],
    ['age cap', rows.every(({ overCap }) => overCap <= 0)],
    [
      `overspend ${WORST_OVERSPEND}`,
      mean(rows, 'overspend') <= WORST_OVERSPEND * mean(classic, 'overspend'),
    ],
  ];
  return `  goals, ${name}: ${verdicts.map(([what, met]) => `${what} ${met ? 'met' : 'MISSED'}`).join(', ')}\n`;
}

const mean = (rows, key) => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
const withWorst = (rows, key, worst) =>
  `${mean(rows, key).toFixed(2)} (${worst(...rows.map((row) => row[key])).toFixed(2)})`;
const line = (cells) =>
  `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i]))).join('')}\n`;

/** What the default did in one world, told as soon as it is known: all worlds take a while. */
function lineOf({ kind, seed, share }, { rows }, count) {
  const row = rows?.find(({ scrapesNeeded }) => scrapesNeeded !== null);
  const classic = rows?.find(({ name }) => name === 'classic');
  const figures = row
    ? `bound ${row.ofBound.toFixed(3)}, scrapes ${row.scrapesNeeded.toFixed(3)}, delay ${(row.delay / classic.delay).toFixed(3)}, overspend ${(row.overspend / classic.overspend).toFixed(3)} (at least ${(classic.unavoidable / classic.overspend).toFixed(3)}), over cap ${row.overCap.toFixed(2)} h`
    : 'skipped';
  return `${count}: ${kind} ${seed} at ${share * 100} %: ${figures}\n`;
}

/** Every task on a thread of its own, as many at a time as there are processors. */
async function inParallel(tasks) {
  const results = [];
  let next = 0;
  const worker = async () => {
    const thread = new Worker(new URL('./measure.mjs', import.meta.url));
    try {
      while (next < tasks.length) {
        const index = next++;
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        thread.postMessage(tasks[index]);
        [results[index]] = await once(thread, 'message');
        process.stderr.write(
          lineOf(
            tasks[index],
            results[index],
            `${results.filter(Boolean).length} of ${tasks.length}`,
          ),
        );
      }
    } finally {
      await thread.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(tasks.length, availableParallelism()) }, worker));
  return results;
}

/**
 * In a process of its own, so that its memory is its own; with a small heap, or the collector lets
 * garbage lie.
 */
function reportMillion() {
  process.stdout.write('\none million active clips, 10,000 scrapes\n');
  for (const policy of ['dollar-hours', 'decaying-dollar-hours']) {
    const output = execFileSync(
      process.execPath,
      [
        '--max-old-space-size=300',
        fileURLToPath(new URL('./million.mjs', import.meta.url)),
        policy,
      ],
      { encoding: 'utf8' },
    );
    const { chosen, seconds, cpuSeconds, megabytes } = JSON.parse(output);
    const met = seconds < MILLION.seconds && megabytes < MILLION.megabytes ? 'met' : 'MISSED';
    process.stdout.write(
      `  ${policy}: ${chosen} chosen in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time) with ${megabytes.toFixed(0)} MB; ${MILLION.seconds} s and ${MILLION.megabytes} MB ${met}\n`,
    );
  }
}

if (values.help) {
  process.stdout.write(USAGE);
} else if (!existsSync(BUILT)) {
  process.stderr.write(
    'The scheduler is not built, and the bench measures what the service runs: run "npx tsc -b services/scheduler" first.\n',
  );
  process.exitCode = 1;
} else {
  await main();
}
