import { testDatabase } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { catchUp } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { LANES, beginning, stepOf } from '../../../dev/src/e2e/chaos/history.js';

const STEPS = 1_000;
const AT_ONCE = 10;

describe('npm run rebuild, of a log whose finished work is archived', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-rebuild-'));
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
    for (const projection of [earningsProjection, monitorProjection, schedulerProjection])
      await catchUp(projection, pool, store);
    await store.close();
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const rebuild = (name: string, signal?: NodeJS.Signals) => operate(['rebuild', name], signal);
  /** Runs it; with a signal, sends that as soon as the bar shows that a part is done. */
  function operate(words: string[], signal?: NodeJS.Signals) {
    const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const ARCHIVE_AFTER = '1h, ClipTrackingRequested=0s';
    const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, ARCHIVE_AFTER };
    const child = spawn(process.execPath, [program, ...words], {
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

  it('has its finished work in files, by ages of two types', async () => {
    expect(await operate(['events', 'archive', folder])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d{5,} events .* archived; the archive covers the log up to position \d+ \(.*\) and \d+ \(ClipTrackingRequested\)\.\n$/),
    }); // prettier-ignore
    const left = `select count(*)::int as events from events where type = 'ClipTrackingRequested' and data is not null`;
    expect((await pool.query(left)).rows).toEqual([{ events: 0 }]);
  });

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

  it('names the file that is missing', async () => {
    renameSync(folder, `${folder}-away`);
    const { status, stderr } = await rebuild('scheduler');
    renameSync(`${folder}-away`, folder);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining(`are in the archive file ${folder}`),
    });
  });

  it.each(['monitor', 'scheduler'])('builds %s equal to what it was', async (name) => {
    const { status, stdout, stderr } = await rebuild(name);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: expect.stringContaining('It equals the one it replaces, row for row.'),
      stderr: expect.anything(),
    });
  });

  it('names what can be rebuilt', async () => {
    const { status, stderr } = await rebuild('nonsense');
    expect(status).toBe(1);
    expect(stderr).toContain('one of earnings, monitor, scheduler');
  });
});
