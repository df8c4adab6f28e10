import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../servers/index.js';
import { recovered } from '../calm.js';
import type { Fault } from '../fault.js';
import type { Machines } from '../machines.js';
import { operate } from '../operator.js';
import { residentBytes } from '../processes.js';
import { WrittenClips, clipsOf } from '../written-clips.js';

/** Scaled to a machine of two cores; a larger one takes CHAOS_SCALE times as much. */
const SCALE = Number(process.env['CHAOS_SCALE'] ?? 1);
const REQUESTS = 6_000 * SCALE;
const READERS = 1_000 * SCALE;
const READS = 10_000 * SCALE;
const CAMPAIGN_CLIPS = 10_000 * SCALE;
const REBUILT_CLIPS = 10_000;
const WAVES = 6 * SCALE;
const AT_ONCE = 8;
const WITHIN_MS = 900_000 * SCALE;
/** The slowest quarter of a steady rate, by the fastest. */
const STEADY = 0.3;
const FLAT = 1.3;

/** Work of these kinds leaves a long log: machines of their own. */
const world = { speed: 360 };
const whole = (n: number) => n.toLocaleString('en');
const count = async ({ pool }: Machines, type: string): Promise<number> =>
  (await pool.query<{ n: number }>(`select count(*)::int as n from events where type = $1`, [type])).rows[0]!.n; // prettier-ignore
const outcomes = async (machines: Machines) =>
  (await count(machines, 'ViewsRecorded')) + (await count(machines, 'ScrapeFailed'));

const RATE = 60 * SCALE;
const STEADY_S = 90 * SCALE;
/** A clip is asked for anew once its observation is too old: an hour, 10 s here. */
const AGAIN_S = 12;

const steady: Fault = {
  name: 'steady',
  family: 'load',
  what: `${whole(RATE)} scrapes a second for ${whole(STEADY_S)} s, with flat memory, and a lag that returns to zero`,
  world,
  async strike(machines) {
    const written = new WrittenClips(machines, 'steady', clipsOf(RATE * AGAIN_S));
    await written.begin(1_000_000_000, (nth) => `creator-${nth % 8}`);
    const before = await outcomes(machines);
    const memory = new Map([...machines.machines.values()].map((one) => [one, [] as number[]]));
    let behind = 0;
    for (let second = 0, began = performance.now(); second < STEADY_S; second++) {
      await written.request(`steady-${second}`, (second % AGAIN_S) * RATE, RATE);
      for (const [machine, samples] of memory) samples.push(residentBytes(machine.pid ?? 0));
      behind = Math.max(behind, (second + 1) * RATE - (await outcomes(machines)) + before);
      await pause(Math.max(0, began + (second + 1) * 1_000 - performance.now()));
    }
    const lag = await recovered(machines, WITHIN_MS);
    if (lag === null) throw new Error('The lag does not return to zero.');
    for (const [{ name }, samples] of memory) {
      const [middle, end] = [peakOf(samples, 0.25, 0.5), peakOf(samples, 0.5, 1)];
      if (end > middle * FLAT)
        throw new Error(`The memory of ${name} is not flat: ${megabytes(middle)} MB, then ${megabytes(end)} MB.`);
    }
    const had = (await outcomes(machines)) - before;
    if (had < RATE * STEADY_S) throw new Error(`${RATE * STEADY_S - had} requests have no outcome.`);
    return `at most ${whole(behind)} outcomes behind, and none ${(lag / 1_000).toFixed(1)} s after the end`;
  },
}; // prettier-ignore

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
/** The most in a part of the samples. */
const peakOf = (samples: readonly number[], from: number, to: number): number =>
  Math.max(...samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to)));

const backlog: Fault = {
  name: 'backlog',
  family: 'load',
  what: `${whole(REQUESTS)} scrape requests at once`,
  world,
  async strike(machines) {
    const written = new WrittenClips(machines, 'backlog', clipsOf(REQUESTS));
    await written.begin(1_000_000_000, (nth) => `creator-${nth % 8}`);
    const before = await outcomes(machines);
    const began = performance.now();
    await written.request('backlog');
    const quarters: number[] = [];
    for (let quarter = 1; quarter <= 4; quarter++) {
      const due = before + (REQUESTS * quarter) / 4;
      const done = async () => (await outcomes(machines)) >= due;
      await until(`${quarter} quarters of the backlog`, done, { withinMs: WITHIN_MS });
      quarters.push(performance.now());
    }
    const rates = quarters.map((at, n) => (REQUESTS / 4 / (at - (quarters[n - 1] ?? began))) * 1_000); // prettier-ignore
    const [slowest, fastest] = [Math.min(...rates), Math.max(...rates)];
    const shown = `${whole(Math.round(slowest))} to ${whole(Math.round(fastest))} outcomes a second`;
    if (slowest < fastest * STEADY)
      throw new Error(`It was not drained at a steady rate: ${shown}.`);
    return shown;
  },
};

const statements: Fault = {
  name: 'statements',
  family: 'load',
  what: `${whole(READS)} statements of ${whole(READERS)} creators are read while settlements run`,
  world,
  async strike(machines, chance) {
    const written = new WrittenClips(machines, 'statements', clipsOf(READERS));
    await written.begin(1_000_000_000, (nth) => `reader-${nth}`);
    const headers = { authorization: `Bearer ${machines.tokens.admin}` };
    let [reads, lines, slow] = [0, 0, 0];
    let failed = 0;
    const reader = async () => {
      while (reads < READS) {
        reads++;
        const began = performance.now();
        const url = `${machines.machine('earnings').url}/creators/reader-${chance.below(READERS)}/statement`;
        const response = await fetch(url, { headers });
        const body = (await response.json()) as { lines?: unknown[] };
        if (!response.ok) failed++;
        lines += body.lines?.length ?? 0;
        slow = Math.max(slow, performance.now() - began);
      }
    };
    const began = performance.now();
    let wave = 0;
    const read = new AbortController();
    const observing = async () => {
      for (; !read.signal.aborted; await pause(1_000))
        await written.observe(`statements-${wave++}`);
    };
    const readers = Promise.all(Array.from({ length: AT_ONCE }, reader));
    await Promise.all([observing(), readers.finally(() => read.abort())]);
    if (failed > 0) throw new Error(`${failed} of ${reads} reads failed.`);
    if (lines === 0) throw new Error('No statement had a line.');
    const seconds = (performance.now() - began) / 1_000;
    return `${whole(Math.round(reads / seconds))} reads a second beside ${wave} waves of ${whole(READERS)} observations, the slowest ${(slow / 1_000).toFixed(1)} s`;
  },
};

const campaignEnds: Fault = {
  name: 'campaign-ends',
  family: 'load',
  what: `a campaign of ${whole(CAMPAIGN_CLIPS)} clips ends its budget`,
  world,
  async strike(machines) {
    const written = new WrittenClips(machines, 'crowd', clipsOf(CAMPAIGN_CLIPS));
    await written.begin(5_000_000, (nth) => `crowd-${nth % 2_000}`);
    const before = await count(machines, 'CampaignBudgetExhausted');
    await written.observe('crowd');
    const began = performance.now();
    const ended = async () => (await count(machines, 'CampaignBudgetExhausted')) > before;
    await until('the end of the budget', ended, { withinMs: WITHIN_MS });
    return `${((performance.now() - began) / 1_000).toFixed(1)} s after the last observation`;
  },
};

const rebuild: Fault = {
  name: 'rebuild',
  family: 'load',
  what: `a rebuild of some ${whole(WAVES * REBUILT_CLIPS * 2)} events, with flat memory`,
  world,
  async strike(machines) {
    const written = new WrittenClips(machines, 'rebuilt', clipsOf(REBUILT_CLIPS));
    await written.begin(1_000_000_000, (nth) => `creator-${nth % 8}`);
    for (let wave = 0; wave < WAVES; wave++) await written.observe(`rebuilt-${wave}`);
    if ((await recovered(machines, WITHIN_MS)) === null) throw new Error('It is never taken over.');
    const events = await machines.store.head();
    const began = performance.now();
    const { child, ended, output } = operate(machines.postgres.url, 'rebuild', 'earnings');
    const samples: number[] = [];
    const over = new AbortController();
    const status = ended.finally(() => over.abort());
    for (; !over.signal.aborted; await pause(200)) samples.push(residentBytes(child.pid!));
    if ((await status) !== 0) throw new Error(output());
    const seconds = (performance.now() - began) / 1_000;
    const alive = samples.filter((bytes) => bytes > 0);
    const [middle, end] = [peakOf(alive, 0.25, 0.5), peakOf(alive, 0.5, 1)];
    const shown = `${whole(events)} events in ${seconds.toFixed(1)} s; ${megabytes(middle)} MB in the second quarter, ${megabytes(end)} MB after it`;
    if (end > middle * FLAT) throw new Error(`Memory is not flat: ${shown}.`);
    return shown;
  }, // prettier-ignore
};

export const HEAVY: readonly Fault[] = [steady, backlog, statements, campaignEnds, rebuild];
