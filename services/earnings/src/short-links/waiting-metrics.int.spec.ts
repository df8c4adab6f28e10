import {
  ManualClock,
  newEvent,
  streams,
  type AnyEvent,
  type EventData,
} from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { openPool } from '@cliptally/event-store';
import { NO_SKIPS, advance, prepareProjection } from '@cliptally/messaging';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import { linkIdOf } from '../domain/short-link.js';
import { earningsProjection } from '../projection/earnings-projection.js';
import { waitingLinkMetrics } from './waiting-metrics.js';

let database: TestDatabase;
let pool: Pool;
const clock = new ManualClock('2026-03-02T00:00:00Z');
const registry = new Registry();
beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.url, 'test', 2);
  await prepareProjection(earningsProjection, pool, { kind: 'postgres' });
  waitingLinkMetrics(registry, pool, clock);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

let position = 0;
async function submitted(n: number, said: Partial<EventData<'ShortLinkSubmitted'>>) {
  const url = `https://vm.tiktok.com/ZM${n}`;
  const linkId = linkIdOf('spring', url);
  const asked = { linkId, url, submittedUrl: url, campaignId: 'spring', creatorId: 'ann' };
  const data = { ...asked, reason: 'elsewhere', detail: 'It leads elsewhere.', ...said };
  const context = { time: clock.now(), correlationId: 't', causationId: 't' };
  const made = newEvent('ShortLinkSubmitted', linkId, data, context);
  const event = { ...made, stream: streams.shortLink(linkId), revision: 0, position: position + 1 };
  await advance(earningsProjection, pool, [event as AnyEvent], position, ++position, NO_SKIPS);
}
const read = async () => (await registry.getMetricsAsJSON()).map(({ values }) => values[0]!.value);

it('B2: says how many short links wait for a person, and how long; one that is tried does not', async () => {
  expect(await read()).toEqual([0, 0]);
  await submitted(1, {});
  expect(await read()).toEqual([0, 0]);
  await submitted(2, { forPerson: true });
  clock.advance(3_600_000);
  await submitted(3, { forPerson: true });
  expect(await read()).toEqual([2, 3_600]);
});
