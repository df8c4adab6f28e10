import type { Clock } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import { Gauge, type Registry } from 'prom-client';
import type { Pool } from 'pg';
import { earningsProjection } from '../projection/earnings-projection.js';

/** What waits for somebody, since when, and of how much the date has passed ($1: now). */
const WAITING = `
  select 'submission' as what, count(*)::int as n, min(submitted_at) as oldest,
         count(*) filter (where review_at <= $1)::int as overdue from entries where status = 'PENDING' and not held
  union all
  select 'hold', count(*)::int, min(review_at), count(*) filter (where review_at <= $1)::int from entries where held
  union all
  select 'appeal', count(*)::int, min(appealed_at), 0 from entries where appealed_at is not null
  union all
  select 'payout', count(*)::int, min(changed_at), 0 from payouts where status in ('REQUESTED', 'APPROVED')
  union all
  select 'failed_scrape', count(*)::int, min(failed_at), 0 from failed_scrapes`;

interface Row {
  what: string;
  n: number;
  oldest: Date | null;
  overdue: number;
}

/**
 * How much waits for a person or a provider, and how long. Of a hold the age counts from its date
 * of review. Labels are closed.
 */
export function waitingMetrics(registry: Registry, pool: Pool, clock: Clock): void {
  let reading: Promise<Row[]> | null = null;
  // All metrics of one scrape by Prometheus get the same reading.
  const waiting = () => (reading ??= read(pool, clock.now()).finally(() => (reading = null)));
  const gauge = (name: string, help: string, of: (row: Row) => number) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames: ['what'],
        registers: [],
        async collect() {
          for (const row of await waiting()) this.set({ what: row.what }, of(row));
        },
      }),
    );
  const age = (oldest: Date | null) =>
    oldest === null ? 0 : Math.max(0, (clock.now().getTime() - oldest.getTime()) / 1000);
  gauge('cliptally_waiting', 'Submissions, holds, appeals, payouts and failed scrapes that wait.', (row) => row.n); // prettier-ignore
  gauge(
    'cliptally_waiting_oldest_seconds',
    'Age of the oldest of them; of a hold, since its date of review; 0 if none waits.',
    (row) => age(row.oldest),
  );
  gauge(
    'cliptally_waiting_overdue',
    'Submissions and holds whose date of review has passed.',
    (row) => row.overdue,
  );
}

function read(pool: Pool, now: Date): Promise<Row[]> {
  return inTransaction(pool, earningsProjection.name, async (db) => {
    const { rows } = await db.query<Row>(WAITING, [now]);
    return rows;
  });
}
