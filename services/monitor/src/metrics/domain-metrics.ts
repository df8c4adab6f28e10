import { CURRENCIES, PLATFORMS, SCRAPE_FAILURES } from '@cliptally/contracts';
import { HEALTH_STATES } from '../domain/health.js';
import { VIEW_FIELDS } from '../projection/monitor-projection.js';
import { ATTEMPTS } from '../projection/monitor-tables.js';
import type { Figures } from '../status/reading.js';
import { LAG_METRICS } from './lag-metrics.js';
import { seconds, sum, type DomainMetric, type Sample } from './metric.js';
import { MONEY_METRICS } from './money-metrics.js';

const ofPlatform = { platform: PLATFORMS };

/**
 * Totals of the projection, read when Prometheus asks, so that a restart resets none. Times are of
 * the service's clock: compare them with `cliptally_world_timestamp_seconds`.
 */
export const DOMAIN_METRICS: readonly DomainMetric[] = [
  {
    name: 'cliptally_looks_total',
    help: 'Outcomes since the beginning, by platform and result (recorded, cached, or why the scrape failed).',
    labels: { ...ofPlatform, result: ['recorded', 'cached', ...SCRAPE_FAILURES] },
    read: ({ outcomes }) =>
      outcomes.map(({ scrapes, platform, result }) => [scrapes, { platform, result }]),
  },
  {
    name: 'cliptally_recent_attempts',
    help: `How the last ${ATTEMPTS} scrapes of each platform that asked a source ended, by result; none older than a week.`,
    labels: { ...ofPlatform, result: ['recorded', ...SCRAPE_FAILURES] },
    // A result that did not happen is 0: an absent one would hide that all others failed.
    read: ({ attempts }) =>
      PLATFORMS.flatMap((platform) =>
        ['recorded', ...SCRAPE_FAILURES].map((result): Sample => [
          sum(attempts, (a) => (a.platform === platform && a.result === result ? a.scrapes : 0)),
          { platform, result },
        ]),
      ),
  },
  {
    name: 'cliptally_view_field_observations_total',
    help: 'Observations since the beginning, by the field that views were read from.',
    labels: { ...ofPlatform, field: VIEW_FIELDS },
    read: ({ viewFields }) =>
      viewFields.map(({ observations, platform, field }) => [observations, { platform, field }]),
  },
  {
    name: 'cliptally_retired_clips',
    help: 'Clips that are gone from their platform, and only checked now and then.',
    labels: ofPlatform,
    read: ({ retiredClips }) =>
      PLATFORMS.map((platform) => [
        retiredClips.find((one) => one.platform === platform)?.clips ?? 0,
        { platform },
      ]),
  },
  {
    name: 'cliptally_runs_total',
    help: 'Tracking runs since the beginning.',
    read: ({ totals }) => [[totals.runs]],
  },
  {
    name: 'cliptally_requested_looks_total',
    help: 'Scrapes that tracking runs have requested since the beginning.',
    read: ({ totals }) => [[totals.requested]],
  },
  {
    name: 'cliptally_scrape_batches_total',
    help: 'Batches since the beginning, by how they ended.',
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
    help: 'Scrape requests without an outcome.',
    labels: ofPlatform,
    read: ({ openRequests }) =>
      PLATFORMS.map((platform) => [
        openRequests.find((o) => o.platform === platform)?.requests ?? 0,
        { platform },
      ]),
  },
  {
    name: 'cliptally_oldest_outstanding_look_seconds',
    help: 'Age of the oldest scrape request without an outcome; 0 if there is none.',
    read: ({ status }) => [[status.outstanding.oldestSeconds]],
  },
  {
    name: 'cliptally_failing_clips',
    help: 'Clips that are still tracked and whose last scrape failed, by reason.',
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
    labels: { status: HEALTH_STATES },
    read: ({ status }) =>
      HEALTH_STATES.map((state) => [state === status.status ? 1 : 0, { status: state }]),
  },
  {
    name: 'cliptally_success_ratio',
    help: 'Share of the scrapes of the last 24 hours that succeeded, 0 to 1; absent without scrapes.',
    read: ({ status }) => (status.successRate === null ? [] : [[status.successRate]]),
  },
  ...ofLastRun('timestamp_seconds', 'When the last tracking run began.', (run) =>
    seconds(run.startedAt),
  ),
  ...ofLastRun(
    'requested_looks',
    'Scrapes that the last tracking run requested.',
    (run) => run.requested,
  ),
  {
    name: 'cliptally_last_run_due_clips',
    help: 'Clips that the last tracking run could have chosen if nothing had limited it; absent if it did not say.',
    read: ({ status: { lastRun } }) => (lastRun?.due == null ? [] : [[lastRun.due]]),
  },
  ...ofLastRun(
    'recorded_looks',
    'Scrapes of the last tracking run that were recorded so far.',
    (run) => run.recorded,
  ),
  ...ofLastRun(
    'failed_looks',
    'Scrapes of the last tracking run that failed so far.',
    (run) => run.failed,
  ),
  ...ofLastRun(
    'cost_usd',
    'US dollars that the last tracking run has cost so far.',
    (run) => run.costMicroUsd / 1e6,
  ),
  ...ofLastRun(
    'duration_seconds',
    'Time from the start of the last tracking run to its last outcome so far.',
    (run) =>
      run.lastOutcomeAt ? Math.max(0, seconds(run.lastOutcomeAt) - seconds(run.startedAt)) : 0,
  ),
  {
    name: 'cliptally_last_run_success_ratio',
    help: "Share of the last tracking run's scrapes that succeeded so far, 0 to 1; absent before its first outcome.",
    read: ({ status: { lastRun } }) =>
      lastRun?.successRate == null ? [] : [[lastRun.successRate]],
  },
  {
    name: 'cliptally_last_run_mean_duration_seconds',
    help: 'Mean time from the start of the last tracking run to its outcomes; absent before its first outcome.',
    read: ({ status: { lastRun } }) =>
      lastRun?.meanDurationSeconds == null ? [] : [[lastRun.meanDurationSeconds]],
  },
  {
    name: 'cliptally_last_run_earned_minor_units',
    help: 'Minor units accrued since the last tracking run began.',
    labels: { currency: CURRENCIES },
    read: ({ status: { lastRun } }) =>
      Object.entries(lastRun?.earned ?? {}).map(([currency, amount]) => [amount, { currency }]),
  },
  {
    name: 'cliptally_run_interval_seconds',
    help: 'Time between two tracking runs, as it is configured.',
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
    help: "The clock's present instant, which in a sample world is not the machine's.",
    read: ({ now }) => [[seconds(now)]],
  },
  ...MONEY_METRICS,
  ...LAG_METRICS,
];

function ofLastRun(
  suffix: string,
  help: string,
  pick: (run: NonNullable<Figures['status']['lastRun']>) => number,
): DomainMetric[] {
  const read: DomainMetric['read'] = ({ status }) =>
    status.lastRun ? [[pick(status.lastRun)]] : [];
  return [
    {
      name: `cliptally_last_run_${suffix}`,
      help: `${help} Absent before the first tracking run.`,
      read,
    },
  ];
}
