import { abortListeners, pendingTimers, systemTimers, type Timers } from '@cliptally/contracts';
import { appendFileSync, writeFileSync } from 'node:fs';

const INTERVAL_MS = 10_000;
/** Fewer samples than this have no quarters to compare. */
const LEAST = 8;

/** What the process holds at one moment: bytes, and numbers of things. */
export interface Sample {
  seconds: number;
  rss: number;
  heapUsed: number;
  abortListeners: number;
  pendingTimers: number;
  /** Active resources of libuv by type, as process.getActiveResourcesInfo names them. */
  resources: Record<string, number>;
}

function sampleOf(seconds: number): Sample {
  const { rss, heapUsed } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  return {
    seconds,
    rss,
    heapUsed,
    abortListeners: abortListeners(),
    pendingTimers: pendingTimers(),
    resources,
  };
}

const HEADER = 'seconds,rss,heap_used,abort_listeners,pending_timers,active_resources\n';

function rowOf({
  seconds,
  rss,
  heapUsed,
  abortListeners,
  pendingTimers,
  resources,
}: Sample): string {
  const byType = Object.keys(resources)
    .toSorted()
    .map((type) => `${type}:${resources[type]}`);
  return `${[seconds, rss, heapUsed, abortListeners, pendingTimers, byType.join(' ')].join(',')}\n`;
}

/**
 * Growth from the first to the last quarter that is no leak: a tenth, and what caches and
 * connections of a pool take.
 */
const SLACK = { rss: 16_000_000, heapUsed: 8_000_000, count: 4 };

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

/**
 * The medians of the first and of the last quarter, one line for each thing, and whether all of
 * them are flat.
 */
export function judge(samples: readonly Sample[]): { flat: boolean; lines: string[] } {
  const size = Math.floor(samples.length / 4);
  const [first, last] = [samples.slice(0, size), samples.slice(-size)];
  const types = [...new Set(samples.flatMap(({ resources }) => Object.keys(resources)))].toSorted();
  const things: [name: string, slack: number, value: (sample: Sample) => number][] = [
    ['resident memory', SLACK.rss, ({ rss }) => rss],
    ['heap used', SLACK.heapUsed, ({ heapUsed }) => heapUsed],
    ['abort listeners', SLACK.count, ({ abortListeners }) => abortListeners],
    ['pending timers', SLACK.count, ({ pendingTimers }) => pendingTimers],
    ...types.map((type): [string, number, (sample: Sample) => number] => [
      type,
      SLACK.count,
      ({ resources }) => resources[type] ?? 0,
    ]),
  ];
  const judged = things.map(([name, slack, value]) => {
    const [before, after] = [median(first.map(value)), median(last.map(value))];
    return { name, before, after, flat: after <= before * 1.1 + slack };
  });
  const lines = judged.map(
    ({ name, before, after, flat }) =>
      `${name.padEnd(28)}${before} -> ${after}${flat ? '' : '   grows'}`,
  );
  return { flat: judged.every(({ flat }) => flat), lines };
}

/**
 * Writes a sample to the CSV file every ten seconds until `signal` aborts, then says whether the
 * process has grown.
 */
export async function soak(
  file: string,
  say: (line: string) => void,
  signal: AbortSignal,
  timers: Timers = systemTimers,
): Promise<void> {
  writeFileSync(file, HEADER);
  const samples: Sample[] = [];
  for (const began = timers.now(); !signal.aborted; await timers.sleep(INTERVAL_MS, signal)) {
    const sample = sampleOf(Math.round((timers.now() - began) / 1000));
    appendFileSync(file, rowOf(sample));
    samples.push(sample);
  }
  if (samples.length < LEAST)
    return say(`${samples.length} samples are in ${file}: too few to judge, which takes ${LEAST}.`);
  const { flat, lines } = judge(samples);
  say(
    `\nMedians of the first and of the last quarter of ${samples.length} samples (${file}):\n${lines.join('\n')}`,
  );
  say(flat ? 'All of them are flat.' : 'Not all of them are flat.');
}
