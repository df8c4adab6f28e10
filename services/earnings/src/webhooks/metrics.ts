import type { Clock } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import { Gauge, type Registry } from 'prom-client';
import type { Pool } from 'pg';
import { SCHEMA } from './tables.sql.js';

interface Reading {
  dead: number;
  waiting: number;
  oldest: Date | null;
}

const READING = `
  select (select count(*)::int from endpoints where status = 'DEAD') as dead,
    count(*)::int as waiting, min(d.queued_at) as oldest
  from deliveries d join endpoints e using (endpoint_id)
  where d.status = 'PENDING' and e.status = 'ENABLED'`;

/** Who waits for webhooks, and who gets none any more until a person has checked it. */
export function webhookMetrics(registry: Registry, pool: Pool, clock: Clock): void {
  let reading: Promise<Reading> | null = null;
  // All metrics of one scrape by Prometheus get the same reading.
  const read = () =>
    (reading ??= inTransaction(
      pool,
      SCHEMA,
      async (db) => (await db.query<Reading>(READING)).rows[0]!,
    ).finally(() => (reading = null)));
  const gauge = (name: string, help: string, value: (of: Reading) => number) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        async collect() {
          this.set(value(await read()));
        },
      }),
    );
  gauge(
    'cliptally_webhook_endpoints_dead',
    'Endpoints of webhooks that were switched off for their failures, until a person enables or disables them.',
    ({ dead }) => dead,
  );
  gauge(
    'cliptally_webhooks_waiting',
    'Webhooks that are queued for enabled endpoints and have not arrived.',
    ({ waiting }) => waiting,
  );
  gauge(
    'cliptally_oldest_webhook_seconds',
    'Age of the oldest of those webhooks; 0 if none waits.',
    ({ oldest }) => (oldest ? Math.max(0, clock.now().getTime() - oldest.getTime()) / 1000 : 0),
  );
}
