import { until } from '@cliptally/dev/servers';
import { CLOSED } from '@cliptally/telemetry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { developmentToken, type Role } from '@cliptally/contracts/api';
import { request } from 'node:http';
import type { MonitorService } from './monitor.js';
import { get, startMonitorWorld, type MonitorWorld } from './testing/monitor-world.js';

const SECRET = 'a secret of the tests, long enough to sign with';
const METRICS = 'the token of Prometheus';

describe('who reads what operators read', () => {
  let world: MonitorWorld;
  let monitor: MonitorService;
  beforeAll(async () => {
    world = await startMonitorWorld('2026-03-15T12:20:00Z');
    monitor = await world.start({
      operators: { ...CLOSED, metricsToken: METRICS },
      keys: { secret: SECRET },
    });
    await world.reached(monitor);
  });
  afterAll(async () => {
    await monitor?.close();
    await world?.close();
  });

  const tokenOf = (role: Role) => developmentToken(SECRET, world.clock, { role, subject: 'ann' });
  /** With a Host of the caller's own, which fetch does not send. */
  const statusOf = (path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      request(`${monitor.url}${path}`, { headers }, (response) => {
        resolve(response.statusCode!);
        response.destroy();
      })
        .on('error', reject)
        .end();
    });

  it.each([
    // path, nobody, a creator, a brand, Prometheus, an admin
    ['/metrics', 401, 403, 403, 200, 200],
    ['/status', 401, 403, 403, 401, 200],
    ['/events', 401, 403, 403, 401, 200],
    ['/healthz', 200, 200, 200, 200, 200],
    ['/readyz', 200, 200, 200, 200, 200],
    ['/config.json', 200, 200, 200, 200, 200],
  ])('%s', async (path, ...statuses) => {
    const tokens = [null, tokenOf('creator'), tokenOf('brand'), METRICS, tokenOf('admin')];
    const asked = tokens.map((token) =>
      statusOf(path, token ? { authorization: `Bearer ${token}` } : {}),
    );
    expect(await Promise.all(asked)).toEqual(statuses);
  });

  it('tells who is refused nothing but why', async () => {
    const { status, type, headers, text } = await get(monitor, '/status');
    expect([status, type, headers.get('www-authenticate')]).toEqual([401, 'application/problem+json', 'Bearer']); // prettier-ignore
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['type', 'title', 'status', 'detail']);
  });

  it('answers no page of another host, and probes in any case', async () => {
    const foreign = { host: 'evil.example', authorization: `Bearer ${tokenOf('admin')}` };
    for (const path of ['/', '/config.json', '/status', '/events', '/metrics'])
      expect([path, await statusOf(path, foreign)]).toEqual([path, 403]);
    for (const path of ['/healthz', '/readyz'])
      expect([path, await statusOf(path, foreign)]).toEqual([path, 200]);
  });

  it('205 idle pages of one keep nobody out: its own oldest end', async () => {
    const open: AbortController[] = [];
    let ended = 0;
    const stream = async (subject: string) => {
      const stop = new AbortController();
      open.push(stop);
      const token = developmentToken(SECRET, world.clock, { role: 'admin', subject });
      const response = await fetch(`${monitor.url}/events`, {
        signal: stop.signal,
        headers: { authorization: `Bearer ${token}` },
      });
      const reader = response.body!.getReader();
      const first = await reader.read();
      const drain = async () => {
        while (!(await reader.read()).done);
        ended++;
      };
      void drain().catch(() => {});
      return new TextDecoder().decode(first.value);
    };
    for (let nth = 0; nth < 205; nth++) await stream('greedy');
    await until('its oldest end', () => ended === 185);
    expect(await stream('ann')).toContain('retry:');
    expect((await get(monitor, '/healthz')).status).toBe(200);
    expect(ended).toBe(185);
    for (const stop of open) stop.abort();
  });
});
