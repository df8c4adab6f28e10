import { CURRENCIES, PLATFORMS, SCRAPE_FAILURES } from '@cliptally/contracts';
import { SCRAPE_BUCKETS, type Labels } from '@cliptally/telemetry';
import { Counter, Gauge, Registry } from 'prom-client';
import { FLOW_METRICS } from './metrics/flow-metrics.js';
import { seconds, sum, type DomainMetric, type Progress } from './metrics/metric.js';
import { MONEY_METRICS } from './metrics/money-metrics.js';
import type { Figures } from './reading.js';

const STATES = ['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'UNKNOWN'];
const ofPlatform = { platform: PLATFORMS };

/**
 * Metrics of the domain: totals of the projection, read when Prometheus asks, so that a restart
 * resets none of them. Times are of the world's clock; `cliptally_world_timestamp_seconds` is what
 * they are to be compared with.
 */
export const DOMAIN_METRICS: readonly DomainMetric[] = [
  {
    name: 'cliptally_looks_total',
    help: 'Outcomes of looks since the beginning, by platform and result (recorded, cached, or why the look failed).',
    labels: { ...ofPlatform, result: ['recorded', 'cached', ...SCRAPE_FAILURES] },
    read: ({ outcomes }) =>
      outcomes.map(({ looks, platform, result }) => [looks, { platform, result }]),
  },
  {
    name: 'cliptally_runs_total',
    help: 'Runs of the scheduler since the beginning.',
    read: ({ totals }) => [[totals.runs]],
  },
  {
    name: 'cliptally_requested_looks_total',
    help: 'Looks that runs have asked for since the beginning.',
    read: ({ totals }) => [[totals.requested]],
  },
  {
    name: 'cliptally_scrape_batches_total',
    help: 'Batches that sources have been asked for since the beginning, by how they ended.',
    labels: {
      ...ofPlatform,
      status: ['succeeded', 'failed', 'timed_out', 'aborted', 'not_started'],
    },
    read: ({ usage }) =>
      usage.map(({ platform, status, batches }) => [batches, { platform, status }]),
  },
  {
    name: 'cliptally_scrape_cost_usd_total',
    help: 'US dollars that sources have billed since the beginning.',
    labels: ofPlatform,
    read: ({ usage }) =>
      PLATFORMS.map((platform) => [
        sum(usage, (u) => (u.platform === platform ? u.costMicroUsd : 0)) / 1e6,
        { platform },
      ]),
  },
  {
    name: 'cliptally_outstanding_looks',
    help: 'Looks that were requested and have no outcome yet.',
    labels: ofPlatform,
    read: ({ openLooks }) =>
      PLATFORMS.map((platform) => [
        openLooks.find((o) => o.platform === platform)?.looks ?? 0,
        { platform },
      ]),
  },
  {
    name: 'cliptally_oldest_outstanding_look_seconds',
    help: 'Age of the oldest look without an outcome; 0 where none is waiting.',
    read: ({ status }) => [[status.outstanding.oldestSeconds]],
  },
  {
    name: 'cliptally_failing_clips',
    help: 'Clips that are still tracked and whose last look failed, by reason.',
    labels: { reason: SCRAPE_FAILURES },
    read: ({ failingClips }) =>
      SCRAPE_FAILURES.map((reason) => [
        failingClips.find((f) => f.reason === reason)?.clips ?? 0,
        { reason },
      ]),
  },
  {
    name: 'cliptally_status',
    help: '1 for the state that /status gives, 0 for the others.',
    labels: { status: STATES },
    read: ({ status }) =>
      STATES.map((state) => [state === status.status ? 1 : 0, { status: state }]),
  },
  {
    name: 'cliptally_success_ratio',
    help: 'Share of the looks of the last 24 hours that brought a count, 0 to 1; absent without looks.',
    read: ({ status }) => (status.successRate === null ? [] : [[status.successRate]]),
  },
  ...ofLastRun('timestamp_seconds', 'When the last run began.', (run) => seconds(run.startedAt)),
  ...ofLastRun('requested_looks', 'Looks that the last run asked for.', (run) => run.requested),
  ...ofLastRun(
    'recorded_looks',
    'Looks of the last run that brought a count so far.',
    (run) => run.recorded,
  ),
  ...ofLastRun('failed_looks', 'Looks of the last run that failed so far.', (run) => run.failed),
  ...ofLastRun(
    'cost_usd',
    'US dollars that the last run has cost so far.',
    (run) => run.costMicroUsd / 1e6,
  ),
  ...ofLastRun(
    'duration_seconds',
    'Time from the start of the last run to its last outcome so far.',
    (run) =>
      run.lastOutcomeAt ? Math.max(0, seconds(run.lastOutcomeAt) - seconds(run.startedAt)) : 0,
  ),
  {
    name: 'cliptally_last_run_success_ratio',
    help: "Share of the last run's looks that brought a count so far, 0 to 1; absent before its first outcome.",
    read: ({ status: { lastRun } }) =>
      lastRun?.successRate == null ? [] : [[lastRun.successRate]],
  },
  {
    name: 'cliptally_last_run_mean_duration_seconds',
    help: 'Mean time from the start of the last run to an outcome of its looks; absent before its first outcome.',
    read: ({ status: { lastRun } }) =>
      lastRun?.meanDurationSeconds == null ? [] : [[lastRun.meanDurationSeconds]],
  },
  {
    name: 'cliptally_last_run_earned_minor_units',
    help: 'Minor units accrued while this was the last run.',
    labels: { currency: CURRENCIES },
    read: ({ status: { lastRun } }) =>
      Object.entries(lastRun?.earned ?? {}).map(([currency, amount]) => [amount, { currency }]),
  },
  {
    name: 'cliptally_run_interval_seconds',
    help: 'Time between two runs, as it is configured.',
    read: (_, { runIntervalMs }) => [[runIntervalMs / 1000]],
  },
  {
    name: 'cliptally_last_batch_timestamp_seconds',
    help: 'Beginning of the hour in which a source last reported what it billed; absent before the first time.',
    read: ({ totals }) => (totals.lastBatchAt ? [[seconds(totals.lastBatchAt)]] : []),
  },
  {
    name: 'cliptally_cycle_cost_usd',
    help: 'US dollars billed in this billing cycle.',
    read: ({ cost }) => [[cost.soFarMicroUsd / 1e6]],
  },
  {
    name: 'cliptally_cycle_budget_usd',
    help: 'US dollars that a billing cycle may cost.',
    read: ({ cost }) => [[cost.budgetMicroUsd / 1e6]],
  },
  {
    name: 'cliptally_cycle_forecast_usd',
    help: 'US dollars at the end of this billing cycle at the pace of the last days; absent without six hours of history.',
    labels: { bound: ['low', 'likely', 'high'] },
    read: ({ cost }) =>
      cost.forecast
        ? Object.entries(cost.forecast).map(([bound, microUsd]) => [microUsd / 1e6, { bound }])
        : [],
  },
  {
    name: 'cliptally_cycle_start_timestamp_seconds',
    help: 'When this billing cycle began.',
    read: ({ cost }) => [[seconds(cost.start)]],
  },
  {
    name: 'cliptally_cycle_end_timestamp_seconds',
    help: 'When this billing cycle ends.',
    read: ({ cost }) => [[seconds(cost.end)]],
  },
  {
    name: 'cliptally_world_timestamp_seconds',
    help: "The world's present instant, which in a sample world is not the machine's.",
    read: ({ now }) => [[seconds(now)]],
  },
  ...MONEY_METRICS,
  ...FLOW_METRICS,
];

function ofLastRun(
  suffix: string,
  help: string,
  pick: (run: NonNullable<Figures['status']['lastRun']>) => number,
): DomainMetric[] {
  const read: DomainMetric['read'] = ({ status }) =>
    status.lastRun ? [[pick(status.lastRun)]] : [];
  return [
    { name: `cliptally_last_run_${suffix}`, help: `${help} Absent before the first run.`, read },
  ];
}

/** The domain's part of /metrics, in Prometheus's text format. */
export async function domainMetrics(
  service: string,
  figures: Figures,
  progress: Progress,
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  for (const { name, help, labels = {}, read } of DOMAIN_METRICS) {
    const described = { name, help, labelNames: Object.keys(labels), registers: [registry] };
    if (name.endsWith('_total')) {
      const counter = new Counter(described);
      // A counter that appears out of nothing is invisible to increase().
      for (const combination of combinations(labels)) counter.inc(combination, 0);
      for (const [value, of = {}] of read(figures, progress)) counter.inc(of, value);
    } else {
      const gauge = new Gauge(described);
      // Without labels a gauge shows 0 from the start; here no sample means unknown.
      if (described.labelNames.length === 0) gauge.remove();
      for (const [value, of = {}] of read(figures, progress)) gauge.set(of, value);
    }
  }
  return `${await registry.metrics()}\n${durationHistogram(service, figures.durations)}`;
}

const combinations = (labels: Labels): Record<string, string>[] =>
  Object.entries(labels).reduce<Record<string, string>[]>(
    (found, [name, values]) =>
      found.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );

/** A histogram of totals; prom-client's own can only observe one value after the other. */
function durationHistogram(service: string, durations: Figures['durations']): string {
  const name = 'cliptally_scrape_duration_seconds';
  const lines = [
    `# HELP ${name} How long batches of looks took, by platform.`,
    `# TYPE ${name} histogram`,
  ];
  for (const platform of PLATFORMS) {
    const own = durations.filter((row) => row.platform === platform);
    const labels = `service="${service}",platform="${platform}"`;
    for (const [i, le] of [...SCRAPE_BUCKETS, '+Inf'].entries())
      lines.push(
        `${name}_bucket{${labels},le="${le}"} ${sum(own, (row) => (row.bucket <= i ? row.batches : 0))}`,
      );
    lines.push(`${name}_sum{${labels}} ${sum(own, (row) => row.durationMs) / 1000}`);
    lines.push(`${name}_count{${labels}} ${sum(own, (row) => row.batches)}`);
  }
  return `${lines.join('\n')}\n`;
}
