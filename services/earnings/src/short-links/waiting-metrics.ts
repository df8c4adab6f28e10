import type { Clock } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import { Gauge, type Registry } from 'prom-client';
import type { Pool } from 'pg';
import { earningsProjection } from '../projection/earnings-projection.js';

const WAITING = `
  select count(*)::int as links, min((state->>'waitsSince')::timestamptz) as oldest
  from short_links where status = 'WAITING'`;

/** Creators wait as long as nobody says which clips their short links are. */
export function waitingLinkMetrics(registry: Registry, pool: Pool, clock: Clock): void {
  const registers: Registry[] = [];
  let reading: ReturnType<typeof readWaiting> | null = null;
  // Both metrics of one scrape by Prometheus get the same reading.
  const waiting = () =>
    (reading ??= readWaiting(pool, clock.now()).finally(() => (reading = null)));
  const links = new Gauge({
    name: 'cliptally_short_links_waiting',
    help: 'Short links of which a person has to say which clip they are.',
    registers,
    async collect() {
      this.set((await waiting()).links);
    },
  });
  const oldest = new Gauge({
    name: 'cliptally_oldest_waiting_short_link_seconds',
    help: 'How long a short link has waited for a person at most; 0 if none waits.',
    registers,
    async collect() {
      this.set((await waiting()).seconds);
    },
  });
  for (const metric of [links, oldest]) registry.registerMetric(metric);
}

function readWaiting(pool: Pool, now: Date): Promise<{ links: number; seconds: number }> {
  return inTransaction(pool, earningsProjection.name, async (db) => {
    const { rows } = await db.query<{ links: number; oldest: Date | null }>(WAITING);
    const { links, oldest } = rows[0]!;
    const seconds = oldest ? Math.max(0, now.getTime() - oldest.getTime()) / 1000 : 0;
    return { links, seconds };
  });
}
