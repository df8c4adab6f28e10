import { isTransientInPostgres } from '@cliptally/contracts';
import { testDatabase, testNats, until } from '@cliptally/dev/servers';
import { openPool } from '@cliptally/event-store';
import { connectNats } from '@cliptally/messaging';
import { describe, expect, it } from '@jest/globals';
import { Proxy } from './proxy.js';

const portOf = (url: string) => Number(new URL(url).port);

/** As after a firewall has forgotten a connection: no error comes, and new ones work. */
describe('a connection that is dead and does not say so', () => {
  it('to PostgreSQL fails its query so that it may be asked again, and another takes its place', async () => {
    const database = await testDatabase();
    const proxy = await Proxy.open(portOf(database.url));
    const pool = openPool(proxy.through(database.url), 'test', 1, undefined, 2_000);
    try {
      await pool.query('select 1');
      proxy.become('half-open');
      const error = await pool.query('select 1').catch((caught: unknown) => caught);
      expect(String(error)).toContain('PostgreSQL was silent for 2 s');
      expect(isTransientInPostgres(error)).toBe(true);
      expect((await pool.query('select 2 as two')).rows).toEqual([{ two: 2 }]);
    } finally {
      await proxy.close();
      await pool.end();
      await database.drop();
    }
  });

  it('to NATS is made anew within a minute, not after six', async () => {
    const server = await testNats();
    const proxy = await Proxy.open(portOf(server.url));
    const nats = await connectNats(proxy.through(server.url), 'test');
    try {
      proxy.become('half-open');
      const answers = async () => (await nats.manager.getAccountInfo()).api.level;
      expect(await until('an answer by another connection', answers)).toBeGreaterThan(0);
    } finally {
      proxy.become('pass');
      await nats.connection.close();
      await proxy.close();
      await server.stop();
    }
  });
});
