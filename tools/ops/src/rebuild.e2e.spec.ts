import { testDatabase } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { catchUp } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { LANES, beginning, stepOf } from '../../../dev/src/e2e/chaos/history.js';

const STEPS = 1_000;
const AT_ONCE = 10;

describe('npm run rebuild', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    await PostgresEventStore.migrate(database.url);
    const store = new PostgresEventStore({ url: database.url });
    pool = openPool(database.url, 'test', 2);
    await store.appendMany(beginning());
    for (let step = 0; step < STEPS; step += AT_ONCE) {
      const made = Array.from({ length: LANES * AT_ONCE }, (_, i) =>
        stepOf(i % LANES, step + Math.floor(i / LANES)),
      );
      await store.appendMany(made.flatMap(({ run, outcomes }) => [run, ...outcomes]));
    }
    await catchUp(earningsProjection, pool, store);
    await store.close();
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  /** Runs it; with a signal, sends that as soon as the bar shows that a part is done. */
  function rebuild(name: string, signal?: NodeJS.Signals) {
    const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const env = { PATH: process.env['PATH'], DATABASE_URL: database.url };
    const child = spawn(process.execPath, [program, 'rebuild', name], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
        if (!signal || stream !== 'stderr' || !/#/.test(text) || child.killed) return;
        child.kill(signal);
      });
    return new Promise<typeof said & { status: number | null }>((resolve) =>
      child.once('close', (status) => resolve({ ...said, status })),
    );
  }
  const copied = async () =>
    Number((await pool.query('select position from earnings_rebuild.checkpoint')).rows[0].position);

  it('stopped by SIGKILL and by SIGINT, goes on where it was, and ends equal to the projection that followed', async () => {
    expect((await rebuild('earnings', 'SIGKILL')).status).toBeNull();
    const first = await copied();
    expect(first).toBeGreaterThan(0);
    const interrupted = await rebuild('earnings', 'SIGINT');
    expect(interrupted).toMatchObject({ status: 1, stdout: '' });
    expect(interrupted.stderr).toContain('Stopped; the same command goes on from here.');
    const second = await copied();
    expect(second).toBeGreaterThan(first);
    const { status, stdout, stderr } = await rebuild('earnings');
    expect(status).toBe(0);
    expect(stderr).toContain(`goes on from position ${second}`);
    expect(stderr).toMatch(/\[#{30}\] 100 %  \d+ events  \d+\/s  0 s left/);
    expect(stdout).toContain('It equals the one it replaces, row for row.');
    await expect(copied()).rejects.toThrow('does not exist');
  });

  it('names what can be rebuilt', async () => {
    const { status, stderr } = await rebuild('nonsense');
    expect(status).toBe(1);
    expect(stderr).toContain('one of earnings, monitor, scheduler');
  });
});
