import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { checkOut } from './against.mjs';
import { SERIES, seriesSets } from './replay-world.mjs';
import { tablesOf } from './report.mjs';

const USAGE = `npm run bench -- scheduling [--against COMMIT] [--series FOLDER]... [--worlds N] [--quick | --small]
                            [--bounds] [--only TEXT] [--seed N] [--threads N] [--json]

  Which clip to scrape next, measured: policies of the scheduler side by side, on real view series first (clips that
  arrive within 1, 10 and 30 days), then in synthetic worlds. Differences are means over the same worlds, with standard errors.
  --against COMMIT  compares with the default policy of an earlier commit, world by world
  --series FOLDER   real series: files with the columns platform,video_id,observed_at,views,likes,comments[,metric]
  --worlds N        synthetic worlds (6 by default), and sets of campaigns over each set of series (half as many)
  --quick           2 worlds, 10 and 30 % of the scrapes, clips that arrive within 10 days
  --small           2 worlds of 200 clips in 6 days, in seconds: to see that it works, not how well
  --bounds          what nobody can pass, and the scrapes needed for what classic reaches: takes many times as long
  --part 0|1        one half of the real series by the hash of their ids: tune on one, judge by the other
  --policy NAME     no policies but these and classic
  --only TEXT       groups with the text in their titles
  --seed N          seed of the first world (9001 by default; worlds below 9000, and 20001-20006, were used before)
  --threads N       worlds at a time; as many as there are processors by default
  --json            prints the figures as one JSON object as well
`;
const BUILT = new URL('../../services/scheduler/dist/domain/index.js', import.meta.url);
const MILLION = { seconds: 5, megabytes: 500 };

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    series: { type: 'string', multiple: true, default: [SERIES] },
    worlds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    bounds: { type: 'boolean', default: false },
    part: { type: 'string' },
    only: { type: 'string', default: '' },
    policy: { type: 'string', multiple: true },
    seed: { type: 'string', default: '9001' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main() {
  const against = values.against === undefined ? undefined : checkOut(values.against);
  const { DEFAULT_POLICY } = await import(BUILT.href);
  const shares = values.quick ? [0.1, 0.3] : [0.1, 0.3, 1];
  const groups = groupsOf().filter(({ title }) => title.includes(values.only));
  const bounds = values.bounds || values.small;
  const tasks = groups.flatMap(({ title, of }) =>
    shares.flatMap((share) =>
      of.map((world) => ({ title, share, bounds, against, only: values.policy, ...world })),
    ),
  );
  const results = await inParallel(tasks);
  const measured = tasks.map((task, i) => ({ ...task, ...results[i] }));
  if (seriesOf().length === 0)
    process.stdout.write(
      `\nreal series\n  skipped: no .csv files in ${values.series.join(', ')}\n`,
    );
  for (const { title } of groups) {
    const worlds = measured.filter((one) => one.title === title);
    process.stdout.write(tablesOf(title, worlds, against?.name ?? DEFAULT_POLICY));
  }
  if (!values.small && values.only === '') reportMillion();
  if (values.json) process.stdout.write(`${JSON.stringify({ measured })}\n`);
}

const seriesOf = () => values.series.flatMap((folder) => seriesSets(folder));

function groupsOf() {
  const seed = Number(values.seed);
  const worlds = Number(values.worlds ?? (values.quick ? 2 : 6));
  const synthetic = (title, count, differing, from = seed) => ({
    title,
    of: Array.from({ length: count }, (_, i) => ({ kind: 'synthetic', seed: from + i, differing })),
  });
  const small = { clips: 200, days: 6 };
  if (values.small)
    return [
      synthetic('a small world', 1, small),
      synthetic('a small world with second bursts x6', 1, { ...small, burstSize: 3.6 }),
    ];
  const part = values.part === undefined ? {} : { part: Number(values.part) };
  const campaigns = Array.from({ length: Math.max(1, Math.ceil(worlds / 2)) }, (_, i) => i + 1);
  const real = seriesOf().flatMap(({ name, files }) =>
    (values.quick ? [10] : [1, 10, 30]).map((withinDays) => ({
      title: `${name}, clips that arrive within ${withinDays === 1 ? 'a day' : `${withinDays} days`}`,
      of: campaigns.map((set) => ({
        kind: 'replay',
        seed: set,
        differing: { files, withinDays, ...part },
      })),
    })),
  );
  return [
    ...real,
    synthetic(`${worlds} synthetic worlds`, worlds),
    synthetic('a synthetic world with second bursts x6', 1, { burstSize: 3.6 }, seed + worlds),
  ];
}

/** Every task on a thread of its own; a line is printed as soon as a world is known. */
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
        const { title, share, seed } = tasks[index];
        const done = results.filter(Boolean).length;
        process.stderr.write(
          `${done} of ${tasks.length}: ${title}, ${seed}, at ${share * 100} %\n`,
        );
      }
    } finally {
      await thread.terminate();
    }
  };
  const threads = Math.max(1, Math.min(tasks.length, Number(values.threads)));
  await Promise.all(Array.from({ length: threads }, worker));
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
