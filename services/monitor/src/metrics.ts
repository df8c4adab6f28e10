import { CURRENCIES } from '@cliptally/contracts';
import type { Projector } from '@cliptally/messaging';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Reading } from './reading.js';

const STATUSES = ['ACTIVE', 'PAUSED', 'ENDED'];

/**
 * Metrics of the domain. They are totals of a projection, read when Prometheus asks, so a restart resets none of them;
 * labels are closed enumerations, never ids.
 */
export function registerDomainMetrics(registry: Registry, reading: Reading, projector: Projector): void {
  const gauge: Make = (name, help, labelNames, collect) =>
    name.endsWith('_total')
      ? new Counter({
          name,
          help,
          labelNames,
          registers: [registry],
          async collect() {
            // A counter only adds: it begins anew at each reading, and the projection gives the whole.
            const values: [number, Record<string, string>][] = [];
            await collect((value, labels = {}) => values.push([value, labels]));
            this.reset();
            for (const [value, labels] of values) this.inc(labels, value);
          },
        })
      : new Gauge({
          name,
          help,
          labelNames,
          registers: [registry],
          async collect() {
            await collect((value, labels = {}) => this.set(labels, value));
          },
        });

  gauge('cliptally_looks_total', 'Outcomes of looks since the beginning, by platform and result.', ['platform', 'result'], async (set) => {
    for (const { platform, result, count } of await reading.outcomes()) set(count, { platform, result });
  });
  gauge('cliptally_outstanding_looks', 'Looks that were requested and have no outcome yet.', [], async (set) =>
    set((await reading.outstanding()).looks),
  );
  gauge('cliptally_oldest_outstanding_look_seconds', 'Age of the oldest look without an outcome, in seconds.', [], async (set) =>
    set((await reading.outstanding()).oldestSeconds),
  );
  totals(gauge, reading);
  lastRun(gauge, reading);
  gauge(
    'cliptally_campaign_money',
    'Minor units of campaigns, by currency, status and kind (budget or spent).',
    ['currency', 'status', 'kind'],
    async (set) => {
      const rows = await reading.money();
      for (const { currency, status, budget, spent } of rows) {
        set(budget, { currency, status, kind: 'budget' });
        set(spent, { currency, status, kind: 'spent' });
      }
    },
  );
  gauge('cliptally_campaigns', 'Campaigns by status.', ['status'], async (set) => {
    const rows = await reading.money();
    for (const status of STATUSES)
      set(
        rows.filter((row) => row.status === status && CURRENCIES.includes(row.currency)).reduce((sum, row) => sum + row.campaigns, 0),
        { status },
      );
  });
  gauge('cliptally_projection_position', 'Position in the log that the projection has reached.', ['projection'], async (set) =>
    set(projector.position, { projection: 'monitor' }),
  );
  gauge(
    'cliptally_projection_halted',
    '1 while a projection stands still at an event that it cannot take over.',
    ['projection'],
    async (set) => set(projector.halted ? 1 : 0, { projection: 'monitor' }),
  );
  gauge('cliptally_status', '1 for the state that /status gives, 0 for the others.', ['status'], async (set) => {
    const { status } = await reading.status();
    for (const one of ['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'UNKNOWN']) set(one === status ? 1 : 0, { status: one });
  });
}

type Make = (
  name: string,
  help: string,
  labels: string[],
  collect: (set: (value: number, labels?: Record<string, string>) => void) => Promise<void>,
) => unknown;

function totals(gauge: Make, reading: Reading): void {
  const of = (name: string, help: string, pick: (totals: Awaited<ReturnType<Reading['totals']>>) => number) =>
    gauge(name, help, [], async (set) => set(pick(await reading.totals())));
  of('cliptally_runs_total', 'Runs of the scheduler since the beginning.', (t) => t.runs);
  of('cliptally_requested_looks_total', 'Looks that runs have asked for since the beginning.', (t) => t.requested);
  of('cliptally_scrape_batches_total', 'Batches that sources have been asked for since the beginning.', (t) => t.batches);
  of('cliptally_scrape_cost_usd_total', 'US dollars that sources have billed since the beginning.', (t) => t.costMicroUsd / 1e6);
  of('cliptally_campaigns_exhausted', 'Campaigns whose budget is used up.', (t) => t.exhausted);
  of('cliptally_overspend_minor_units', 'Accrued minus reversed beyond the budget, over all campaigns; must be 0.', (t) => t.overspend);
  of('cliptally_payouts_paid_twice', 'Payouts that were marked as paid more than once; must be 0.', (t) => t.paidTwice);
}

function lastRun(gauge: Make, reading: Reading): void {
  const of = (name: string, help: string, pick: (run: NonNullable<Awaited<ReturnType<Reading['lastRun']>>>) => number) =>
    gauge(name, help, [], async (set) => {
      const run = await reading.lastRun();
      if (run) set(pick(run));
    });
  of('cliptally_last_run_timestamp_seconds', 'When the last run began (world time).', (run) => run.startedAt.getTime() / 1000);
  of('cliptally_last_run_requested_looks', 'Looks that the last run asked for.', (run) => run.requested);
  of('cliptally_last_run_recorded_looks', 'Looks of the last run that brought a count so far.', (run) => run.recorded);
  of('cliptally_last_run_failed_looks', 'Looks of the last run that failed so far.', (run) => run.failed);
  of('cliptally_last_run_cost_usd', 'US dollars that the last run has cost so far.', (run) => run.costMicroUsd / 1e6);
}
