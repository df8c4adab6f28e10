import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { Pool } from 'pg';
import { whileConnecting } from './transient.js';

describe('what a process needs before it serves', () => {
  let database: TestDatabase;
  let server: Server;
  /** So many connections get no answer yet. */
  let silent = 0;
  let seen = 0;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    const { hostname, port } = new URL(database.url);
    server = createServer((socket) => {
      socket.on('error', () => {});
      seen++;
      if (silent-- > 0) return;
      const real = connect(Number(port), hostname).on('error', () => socket.destroy());
      socket.pipe(real).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(database.url);
    url.port = String((server.address() as AddressInfo).port);
    url.hostname = '127.0.0.1';
    pool = new Pool({ connectionString: url.href, max: 1, connectionTimeoutMillis: 3_000 });
  });
  afterAll(async () => {
    await pool.end();
    server.close();
    await database.drop();
  });
  const answer = async () => (await pool.query<{ n: number }>('select 1 as n')).rows[0]!.n;

  it('is asked three times if a connection takes too long', async () => {
    silent = 1;
    expect(await whileConnecting(answer)).toBe(1);
    await pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
    [silent, seen] = [Infinity, 0];
    await expect(whileConnecting(answer)).rejects.toThrow('timeout');
    expect(seen).toBe(3);
  });

  it('fails at once for any other reason', async () => {
    let tries = 0;
    const refused = async () => {
      tries++;
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    await expect(whileConnecting(refused)).rejects.toThrow('ECONNREFUSED');
    expect(tries).toBe(1);
  });
});
