import { outcomeId, streams } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { StatusReport } from './status/status.js';
import type { MonitorService } from './monitor.js';
import { made } from './testing/history.js';
import { get, startMonitorWorld, type MonitorWorld } from './testing/monitor-world.js';
import { NOON, PAST } from './testing/noon.js';

describe('the monitor while it is reading the log', () => {
  it('gives no figures until it has read all of it, and says what it waits for', async () => {
    const world = await startMonitorWorld(NOON);
    await world.appendAll(PAST.slice(0, 50));
    // The holder of the lease of the projection keeps this monitor from reading.
    const other = new Client({ connectionString: world.database.url });
    await other.connect();
    await other.query(`select pg_advisory_lock(hashtext('monitor'), 2)`);
    const monitor = await world.start();
    try {
      for (const path of ['/metrics', '/status']) {
        const { status, type, text } = await get(monitor, path);
        expect([status, type]).toEqual([503, 'application/problem+json']);
        expect(text).toContain('still reading the log (position 0)');
      }
      expect((await get(monitor, '/healthz')).status).toBe(200);
      const ready = await get(monitor, '/readyz');
      expect(ready.status).toBe(503);
      expect(Object.keys((JSON.parse(ready.text) as { faults: object }).faults)).toEqual([
        'projection',
      ]);
      await other.end();
      await world.reached(monitor);
      for (const path of ['/metrics', '/status', '/healthz', '/readyz'])
        expect([path, (await get(monitor, path)).status]).toEqual([path, 200]);
      // Without NATS it is a second late, and goes on answering.
      await world.server.kill();
      await world.append(
        'campaign-nova',
        made(
          'CampaignToppedUp',
          { campaignId: 'nova', amount: 100, by: 'brand' },
          world.clock.now(),
        ),
      );
      await world.reached(monitor);
      expect((await get(monitor, '/readyz')).status).toBe(200);
      await world.server.restart();
      // On a stop it says so first, and goes on answering what it is still asked.
      monitor.readiness.stop();
      const stopping = await get(monitor, '/readyz');
      expect([stopping.status, JSON.parse(stopping.text)]).toEqual([
        503,
        { status: 'not ready', faults: { shutdown: 'the service is stopping' } },
      ]);
      for (const path of ['/healthz', '/metrics'])
        expect((await get(monitor, path)).status).toBe(200);
    } finally {
      await monitor.close();
      await world.close();
    }
  });
});

describe('the state that /status gives', () => {
  let world: MonitorWorld;
  let monitor: MonitorService;
  beforeAll(async () => {
    world = await startMonitorWorld(NOON);
    monitor = await world.start();
    await world.reached(monitor);
  });
  afterAll(async () => {
    await monitor?.close();
    await world?.close();
  });

  const outcome = (recorded: boolean) => {
    const requestId = randomUUID();
    const ofScrape = {
      clipId: 'x-1',
      platform: 'x' as const,
      requestId,
      runId: 'r',
      source: 'apify',
      costMicroUsd: 0,
    };
    const now = world.clock.now();
    return recorded
      ? made(
          'ViewsRecorded',
          { ...ofScrape, views: 1, metric: 'views', observedAt: now.toISOString(), cached: false },
          now,
          outcomeId(requestId),
        )
      : made(
          'ScrapeFailed',
          { ...ofScrape, reason: 'missing', retryable: true, attempts: 3 },
          now,
          outcomeId(requestId),
        );
  };

  it.each([
    [0, 0, 'UNKNOWN', null],
    [91, 9, 'HEALTHY', 0.91],
    [90, 10, 'DEGRADED', 0.9],
    [71, 29, 'DEGRADED', 0.71],
    [70, 30, 'UNHEALTHY', 0.7],
  ])(
    'after %i recorded and %i failed scrapes in 24 hours is %s',
    async (recorded, failed, expected, rate) => {
      // What came before has left the 24 hours.
      world.clock.advance(26 * 3_600_000);
      const events = Array.from({ length: recorded + failed }, (_, i) => outcome(i < recorded));
      if (events.length > 0) await world.append(streams.clip('x-1'), ...events);
      await world.reached(monitor);
      const report = JSON.parse((await get(monitor, '/status')).text) as StatusReport;
      expect(report).toMatchObject({
        status: expected,
        successRate: rate,
        last24h: { recorded, failed },
        lastRun: null,
      });
      expect(report.reasons).toContain('There has been no tracking run yet.');
    },
  );
});
