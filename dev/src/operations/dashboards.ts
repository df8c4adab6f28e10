import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** `$f` in an expression stands for the matchers of the variables job and instance. */
interface Panel {
  title: string;
  description: string;
  unit: string;
  queries: [expression: string, legend: string][];
}

const FILTER = 'job=~"$job", instance=~"$instance"';
const SOURCE = { type: 'prometheus', uid: '$datasource' };
const panel = (
  title: string,
  unit: string,
  description: string,
  ...queries: Panel['queries']
): Panel => ({
  title,
  unit,
  description,
  queries,
});
/** Replicas of a service export the same, so the greatest is taken, never the sum. */
const one = (metric: string) => `max(${metric}{$f})`;
const by = (label: string, metric: string) => `max by (${label}) (${metric}{$f})`;
const rate = (label: string, metric: string, matchers = '') =>
  `max by (${label}) (rate(${metric}{${matchers}$f}[$__rate_interval]))`;

export const DASHBOARDS: Record<string, { title: string; panels: Panel[] }> = {
  operations: {
    title: 'Cliptally: operations',
    panels: [
      panel('State', 'none', 'The state that /status gives: 1 for the one that holds.', [by('status', 'cliptally_status'), '{{status}}']),
      panel('Success over 24 hours', 'percentunit', 'Share of scrapes that succeeded; healthy over 90 %.', [one('cliptally_success_ratio'), 'success']),
      panel('Outcomes', 'cps', 'Outcomes a second by platform and result.', [rate('platform, result', 'cliptally_looks_total'), '{{platform}} {{result}}']),
      panel('Failures by reason', 'cps', 'Failed scrapes a second, by reason.', [`sum by (result) (${rate('platform, result', 'cliptally_looks_total', 'result!~"recorded|cached", ')})`, '{{result}}']),
      panel('Scrapes of the last tracking run', 'short', 'Requested, recorded and failed so far.', [one('cliptally_last_run_requested_looks'), 'requested'], [one('cliptally_last_run_recorded_looks'), 'recorded'], [one('cliptally_last_run_failed_looks'), 'failed']),
      panel('Success of the last tracking run', 'percentunit', 'Share of its scrapes that succeeded so far.', [one('cliptally_last_run_success_ratio'), 'success']),
      panel('Time since the last tracking run', 's', 'More than an interval and four minutes: RunMissed.', [`${one('cliptally_world_timestamp_seconds')} - ${one('cliptally_last_run_timestamp_seconds')}`, 'since the last run'], [`${one('cliptally_run_interval_seconds')} + 240`, 'an interval and 4 min']),
      panel('Duration of the last tracking run', 's', 'Until its last outcome, and of a scrape on average.', [one('cliptally_last_run_duration_seconds'), 'run'], [one('cliptally_last_run_mean_duration_seconds'), 'scrape']),
      panel('Batch time by platform', 's', '95th percentile.', [`histogram_quantile(0.95, ${rate('platform, le', 'cliptally_scrape_duration_seconds_bucket')})`, '{{platform}}']),
      panel('Tracking runs', 'cps', 'Tracking runs a second.', ['max(rate(cliptally_runs_total{$f}[$__rate_interval]))', 'runs']),
    ],
  },
  cost: {
    title: 'Cliptally: cost',
    panels: [
      panel('This billing cycle', 'currencyUSD', 'Billed so far, and what the cycle may cost.', [one('cliptally_cycle_cost_usd'), 'billed'], [one('cliptally_cycle_budget_usd'), 'budget']),
      panel('Share of the budget', 'percentunit', 'UsageHigh over 80 %, UsageCritical over 95 %.', [`${one('cliptally_cycle_cost_usd')} / ${one('cliptally_cycle_budget_usd')}`, 'used']),
      panel('Cost by platform', 'currencyUSD', 'US dollars a second.', [rate('platform', 'cliptally_scrape_cost_usd_total'), '{{platform}}']),
      panel('Batches', 'cps', 'Batches a second by platform and how they ended.', [rate('platform, status', 'cliptally_scrape_batches_total'), '{{platform}} {{status}}']),
      panel('Cost of the last tracking run', 'currencyUSD', 'US dollars so far.', [one('cliptally_last_run_cost_usd'), 'cost']),
      panel('What Apify says', 'currencyUSD', "The account's usage and limit.", [one('cliptally_apify_usage_usd'), 'used'], [one('cliptally_apify_limit_usd'), 'limit']),
      panel('Not billed', 'currencyUSD', 'What the account has used beyond the bills; BillsIncomplete over a tenth of it.', [`${one('cliptally_apify_usage_usd')} - ${one('cliptally_cycle_cost_usd')}`, 'difference']),
      panel('Age of the reading', 's', 'UsageReadingStale over an hour.', [`min(cliptally_apify_usage_age_seconds{$f})`, 'age']),
    ],
  },
  campaigns: {
    title: 'Cliptally: campaigns and money',
    panels: [
      panel('Campaigns', 'short', 'By status.', [by('status', 'cliptally_campaigns'), '{{status}}']),
      panel('Budgets', 'short', 'Minor units by currency: promised and spent.', [`sum by (currency, kind) (${by('currency, status, kind', 'cliptally_campaign_money')})`, '{{currency}} {{kind}}']),
      panel('Completion', 'percentunit', 'Spent of what active campaigns promise, by currency.', [`${by('currency', 'cliptally_campaign_money').replace('{', '{kind="spent", status="ACTIVE", ')} / ${by('currency', 'cliptally_campaign_money').replace('{', '{kind="budget", status="ACTIVE", ')}`, '{{currency}}']),
      panel('Near the end', 'short', 'Campaigns that have spent 90 %, and all, of their budget.', [one('cliptally_campaigns_nearly_used'), 'nearly used'], [one('cliptally_campaigns_exhausted'), 'exhausted']),
      panel('Money by service', 'short', 'Minor units accrued, reversed and paid, as each service counts them.', [by('service, currency, kind', 'cliptally_book_minor_units'), '{{service}} {{currency}} {{kind}}']),
      panel('Earned since the last tracking run', 'short', 'Minor units by currency.', [by('currency', 'cliptally_last_run_earned_minor_units'), '{{currency}}']),
      panel('Invariants', 'short', 'Each must be 0.', [one('cliptally_overspend_minor_units'), 'overspent'], [one('cliptally_ledger_difference_minor_units'), 'ledger differs'], [one('cliptally_payouts_paid_twice'), 'paid twice'], [one('cliptally_payouts_beyond_earnings_minor_units'), 'paid beyond earnings']),
      panel('Not settled', 'short', 'Each must be 0: clips about which no settlement can make a decision, and campaigns of which something has been due for over an hour.', [one('cliptally_settlement_failures_open'), 'clips'], [one('cliptally_unsettled_campaigns'), 'campaigns']),
      panel('Oldest unsettled observation', 's', 'Whose money is due and within the budget; CampaignUnsettled over an hour.', [one('cliptally_oldest_unsettled_seconds'), 'age']),
      panel('Short links that wait for a person', 'short', 'ShortLinksWaiting over two days.', [one('cliptally_short_links_waiting'), 'links'], [`${one('cliptally_oldest_waiting_short_link_seconds')} / 86400`, 'days of the oldest']),
      panel('Webhooks', 'short', 'WebhookEndpointDead over 0 endpoints that were switched off.', [one('cliptally_webhook_endpoints_dead'), 'endpoints off'], [one('cliptally_webhooks_waiting'), 'waiting'], [`${one('cliptally_oldest_webhook_seconds')} / 3600`, 'hours of the oldest']),
      panel('Settlement failures', 'cps', 'Decisions a second about one clip that settlements could not make.', ['max(rate(cliptally_settlement_failures_total{$f}[$__rate_interval]))', 'failures']),
    ],
  },
  pipeline: {
    title: 'Cliptally: pipeline',
    panels: [
      panel('Log and followers', 'short', 'Positions: the end of the log, and how far each projection is.', [one('cliptally_log_head_position'), 'log'], [by('projection', 'cliptally_projection_position'), '{{projection}}'], [one('cliptally_relay_position'), 'relay']),
      panel('Not published', 'short', 'How far JetStream is behind the log.', [one('cliptally_unpublished_events'), 'positions']),
      panel('Oldest not published', 's', 'RelayLagging over a minute.', [one('cliptally_oldest_unpublished_seconds'), 'age']),
      panel('Pending requests', 'short', 'Not delivered yet, by consumer.', [by('consumer', 'cliptally_consumer_pending'), '{{consumer}}']),
      panel('Requests under way', 'short', 'Delivered and not acknowledged, and the limit.', [by('consumer', 'cliptally_consumer_ack_pending'), '{{consumer}}'], [by('consumer', 'cliptally_consumer_ack_pending_limit'), '{{consumer}} limit']),
      panel('Oldest request by consumer', 's', 'ConsumerLagging over 15 minutes.', [by('consumer', 'cliptally_consumer_oldest_pending_seconds'), '{{consumer}}']),
      panel('Scrape requests without an outcome', 'short', 'By platform.', [by('platform', 'cliptally_outstanding_looks'), '{{platform}}']),
      panel('Oldest request without an outcome', 's', 'RequestsWithoutOutcome over half an hour.', [one('cliptally_oldest_outstanding_look_seconds'), 'age']),
      panel('Clips that fail', 'short', 'Whose last scrape failed, by reason.', [by('reason', 'cliptally_failing_clips'), '{{reason}}']),
      panel('Stream', 'bytes', 'Bytes of the stream and its limit.', [by('stream', 'cliptally_stream_bytes'), '{{stream}}'], [by('stream', 'cliptally_stream_max_bytes'), '{{stream}} limit']),
      panel('Log', 'bytes', 'Bytes of the log in PostgreSQL and its limit; LogGrowing looks fourteen days ahead.', [one('cliptally_log_bytes'), 'log'], [one('cliptally_log_limit_bytes'), 'limit']),
      panel('Halted projections', 'short', '1 while one is halted.', [by('projection', 'cliptally_projection_halted'), '{{projection}}']),
      panel('Requests', 'reqps', 'Requests a second by service and class of status.', [`sum by (service, status) (rate(cliptally_http_requests_total{$f}[$__rate_interval]))`, '{{service}} {{status}}']),
      panel('Answer time', 's', '95th percentile of requests by service.', [`histogram_quantile(0.95, sum by (service, le) (rate(cliptally_http_request_duration_seconds_bucket{$f}[$__rate_interval])))`, '{{service}}']),
      panel('Messages handled', 'cps', 'Messages a second by consumer and outcome.', [`sum by (consumer, outcome) (rate(cliptally_handling_duration_seconds_count{$f}[$__rate_interval]))`, '{{consumer}} {{outcome}}']),
      panel('Handling time', 's', '95th percentile by consumer.', [`histogram_quantile(0.95, sum by (consumer, le) (rate(cliptally_handling_duration_seconds_bucket{$f}[$__rate_interval])))`, '{{consumer}}']),
      panel('Published', 'cps', 'Events a second that the relay published to JetStream, by outcome.', [`sum by (outcome) (rate(cliptally_relay_publishes_total{$f}[$__rate_interval]))`, '{{outcome}}']),
      panel('Waiting in a process', 'short', 'Listeners on long-lived abort signals, and timers still to fire; what grows is a leak.', ['max by (service, instance) (cliptally_abort_listeners{$f})', '{{service}} {{instance}} listeners'], ['max by (service, instance) (cliptally_pending_timers{$f})', '{{service}} {{instance}} timers']),
      panel('Memory', 'bytes', 'Resident memory of each process.', ['max by (service, instance) (process_resident_memory_bytes{$f})', '{{service}} {{instance}}']),
    ],
  },
}; // prettier-ignore

/** The file of a dashboard, as deploy/grafana/dashboards holds it. */
export function dashboardJson(name: string): string {
  const { title, panels } = DASHBOARDS[name]!;
  const dashboard = new DashboardBuilder(title)
    .uid(`cliptally-${name}`)
    .tags(['cliptally', 'generated'])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .timezone('browser')
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    )
    .withVariable(choice('job', 'label_values(up, job)'))
    .withVariable(choice('instance', 'label_values(up{job=~"$job"}, instance)'));
  for (const [i, { title: heading, description, unit, queries }] of panels.entries()) {
    const made = new PanelBuilder()
      .id(i + 1)
      .title(heading)
      .description(description)
      .unit(unit)
      .datasource(SOURCE)
      .span(12)
      .height(8);
    for (const [n, [expression, legend]] of queries.entries())
      made.withTarget(
        new DataqueryBuilder()
          .refId(String.fromCodePoint(65 + n))
          .expr(expression.replaceAll('$f', FILTER))
          .legendFormat(legend)
          .datasource(SOURCE),
      );
    dashboard.withPanel(made);
  }
  return `${JSON.stringify(dashboard.build(), null, 2)}\n`;
}

const choice = (name: string, query: string) =>
  new QueryVariableBuilder(name)
    .label(name)
    .datasource(SOURCE)
    .query(query)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .refresh(VariableRefresh.OnTimeRangeChanged);
