import type { Clock } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import { Gauge, type Registry } from 'prom-client';
import type { Pool } from 'pg';
import { TAKEN } from './taken.js';
import { earningsProjection } from '../projection/earnings-projection.js';

/** Twice the longest that a settlement waits for outstanding scrapes. */
const UNSETTLED_AFTER_MS = 60 * 60_000;

/**
 * Without clips whose creator has all that the campaign pays one: they wait for nothing.
 * As the patience of a settlement, the time counts from the oldest unsettled observation, but not
 * from before there was money.
 */
const UNSETTLED = `
  select (count(*) filter (where since < $1))::int as campaigns, min(since) as oldest from (
    select greatest(min((e.state->>'unsettledSince')::timestamptz), (c.state->>'openedAt')::timestamptz) as since
    from campaigns c join entries e using (campaign_id)
    where e.due > 0 and c.remaining > 0 and c.status <> 'PAUSED'
      and (c.state -> 'terms' ->> 'maxPayoutPerCreator' is null
        or (c.state -> 'terms' ->> 'maxPayoutPerCreator')::numeric > (
          select sum(${TAKEN.replaceAll('e.', 'o.')}) from entries o where o.campaign_id = e.campaign_id and o.creator_id = e.creator_id))
    group by c.campaign_id
  ) unsettled`;

/**
 * Money that is due, and that the budget has, must be settled soon, whatever becomes of one clip.
 * Without labels: ids are no labels.
 */
export function unsettledMetrics(registry: Registry, pool: Pool, clock: Clock): void {
  const registers: Registry[] = [];
  let reading: ReturnType<typeof readUnsettled> | null = null;
  // Both metrics of one scrape by Prometheus get the same reading.
  const unsettled = () =>
    (reading ??= readUnsettled(pool, clock.now()).finally(() => (reading = null)));
  const campaigns = new Gauge({
    name: 'cliptally_unsettled_campaigns',
    help: 'Campaigns that are not paused and have budget left, of which something has been due for over 60 minutes; must be 0.',
    registers,
    async collect() {
      this.set((await unsettled()).campaigns);
    },
  });
  const oldest = new Gauge({
    name: 'cliptally_oldest_unsettled_seconds',
    help: 'Age of the oldest observation that is due money in a campaign that is not paused and has budget left; 0 if nothing is due.',
    registers,
    async collect() {
      this.set((await unsettled()).seconds);
    },
  });
  for (const metric of [campaigns, oldest]) registry.registerMetric(metric);
}

function readUnsettled(pool: Pool, now: Date): Promise<{ campaigns: number; seconds: number }> {
  return inTransaction(pool, earningsProjection.name, async (db) => {
    const { rows } = await db.query<{ campaigns: number; oldest: Date | null }>(UNSETTLED, [
      new Date(now.getTime() - UNSETTLED_AFTER_MS),
    ]);
    const { campaigns, oldest } = rows[0]!;
    return {
      campaigns,
      seconds: oldest ? Math.max(0, now.getTime() - oldest.getTime()) / 1000 : 0,
    };
  });
}
