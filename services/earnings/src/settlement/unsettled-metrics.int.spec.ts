import { ManualClock, newEvent, type AnyEvent } from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { openPool } from '@cliptally/event-store';
import { NO_SKIPS, advance, prepareProjection } from '@cliptally/messaging';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import type { Fact } from '../domain/fact.js';
import {
  accepted,
  CAMPAIGN,
  ended,
  eventId,
  fact,
  held,
  launched,
  observed,
  on,
  paused,
  released,
  resumed,
  toppedUp,
} from '../domain/testing/facts.js';
import { earningsProjection } from '../projection/earnings-projection.js';
import { unsettledMetrics } from './unsettled-metrics.js';

let database: TestDatabase;
let pool: Pool;
const clock = new ManualClock(on(2));
const registry = new Registry();
let position = 0;
beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.url, 'test', 2);
  await prepareProjection(earningsProjection, pool, { kind: 'postgres' });
  unsettledMetrics(registry, pool, clock);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function take(...facts: Fact[]): Promise<void> {
  const events = facts.map(({ type, id, data, time }, i) => {
    const stream = 'clipId' in data ? `clip-${data.clipId}` : `campaign-${CAMPAIGN}`;
    const context = { time, correlationId: 'test', causationId: 'test' };
    return {
      ...newEvent(type, id, data as never, context),
      stream,
      revision: position + i,
      position: position + i + 1,
    } as AnyEvent;
  });
  await advance(earningsProjection, pool, events, position, (position += events.length), NO_SKIPS);
}

/** Campaigns, and minutes of the oldest, at an hour and minute of 2 March. */
async function at(hour: number, minute: number): Promise<number[]> {
  clock.advance(Date.parse(on(2, hour, minute)) - clock.now().getTime());
  const metrics = await registry.getMetricsAsJSON();
  const value = (name: string) => metrics.find((metric) => metric.name === name)!.values[0]!.value;
  return [value('cliptally_unsettled_campaigns'), value('cliptally_oldest_unsettled_seconds') / 60];
}

it('counts a campaign of which something has been due for an hour, while it could be paid', async () => {
  await take(launched({ budget: 1_000 }), ...accepted('tiktok-1'), ...accepted('tiktok-2'));
  expect(await at(0, 0)).toEqual([0, 0]);
  await take(observed('tiktok-1', 2_000, on(2)), observed('tiktok-2', 500, on(2, 0, 30)));
  expect(await at(1, 0)).toEqual([0, 60]);
  expect(await at(1, 1)).toEqual([1, 61]);

  // What is on hold is not due.
  await take(held('tiktok-1', on(2, 1, 1)));
  expect(await at(1, 20)).toEqual([0, 50]);
  await take(released('tiktok-1', on(2, 1, 20)));
  expect(await at(1, 31)).toEqual([1, 61]);

  await take(paused(on(2, 1, 31)));
  expect(await at(5, 0)).toEqual([0, 0]);
  // The settlement's patience begins anew.
  await take(resumed(on(2, 5)));
  expect(await at(5, 30)).toEqual([0, 30]);
  expect(await at(6, 1)).toEqual([1, 61]);

  const line = {
    clipId: 'tiktok-1',
    creatorId: 'ann',
    fromViews: 0,
    toViews: 2_000,
    due: 400,
    observation: eventId(1),
  };
  const accrued = (amount: number) => fact('EarningsAccrued', { campaignId: CAMPAIGN, currency: 'USD', total: amount, lines: [{ ...line, amount }] }, on(2, 6)); // prettier-ignore
  await take(accrued(400));
  expect(await at(6, 1)).toEqual([1, 61]);
  await take(accrued(600));
  expect(await at(9, 0)).toEqual([0, 0]);
  await take(toppedUp(1, on(2, 9)), ended(on(2, 9)));
  expect(await at(9, 20)).toEqual([0, 20]);
  expect(await at(10, 1)).toEqual([1, 61]);
});
