import { until } from '@cliptally/dev/servers';
import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { get, startMonitorWorld } from './testing/monitor-world.js';

const NOON = '2026-03-15T12:20:00Z';

describe('the monitor while PostgreSQL is away', () => {
  it('says so in its metrics, gives no figures of its tables, and goes on by itself', async () => {
    const world = await startMonitorWorld(NOON);
    const monitor = await world.start();
    const address = new URL(world.database.url);
    const name = address.pathname.slice(1);
    address.pathname = '/postgres';
    const admin = new Client({ connectionString: address.href });
    await admin.connect();
    const metrics = async () => {
      const { status, text } = await get(monitor, '/metrics');
      return { status, text, up: /^cliptally_database_up\{.*\} (\d)$/m.exec(text)?.[1] };
    };
    try {
      await world.reached(monitor);
      expect(await metrics()).toMatchObject({ status: 200, up: '1' });
      await admin.query(`alter database "${name}" with allow_connections false`);
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
        [name],
      );
      const away = await until('an answer without PostgreSQL', async () => {
        const answer = await metrics();
        return answer.up === '0' ? answer : undefined;
      });
      expect(away.status).toBe(200);
      expect(away.text).toMatch(/^cliptally_log_up\{.*\} 0$/m);
      expect(away.text).not.toMatch(/^cliptally_overspend/m);
      expect((await get(monitor, '/healthz')).status).toBe(200);
      await admin.query(`alter database "${name}" with allow_connections true`);
      await until('figures again', async () => {
        const { up, text } = await metrics();
        return up === '1' && text.includes('\ncliptally_overspend_minor_units');
      });
    } finally {
      await admin.query(`alter database "${name}" with allow_connections true`);
      await admin.end();
      await monitor.close();
      await world.close();
    }
  });
});
