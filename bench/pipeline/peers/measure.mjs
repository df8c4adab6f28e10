/** A peer does the same work as the whole path: the same scrapes, two workers, the same clocks. */
import { freePort, startPostgres } from '@cliptally/dev/servers';
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { CLIPS, JOBS, POSTGRES, STEADY, quantile, steadily, until } from '../measure.mjs';
import { QUEUES } from './queues.mjs';
import { clipOf, prepare } from './transaction.mjs';

const WORKERS = 2;
const worker = fileURLToPath(new URL('./worker.mjs', import.meta.url));

export function redisIsHere() {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.end());
  });

/** A Redis that writes its log to the disk every second. */
export async function startRedis(dir) {
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const server = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'].map(String), { stdio: 'ignore' }); // prettier-ignore
  await until(() => accepts(port), 'Redis');
  return { port, stop: () => server.kill() };
}

/**
 * Jobs a second, from the first that is added to the last that is paid for; and milliseconds from
 * adding to the commit at a steady rate.
 */
export async function measurePeer(dir, name, campaigns) {
  const queue = QUEUES[name];
  const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), settings: POSTGRES });
  const redis = queue.needsRedis ? await startRedis(join(dir, 'redis')) : undefined;
  const pool = new Pool({ connectionString: postgres.url, max: 2 });
  // Its connections end with the server.
  pool.on('error', () => {});
  const world = { databaseUrl: postgres.url, redisPort: redis?.port };
  const workers = [];
  let opened;
  try {
    await prepare(pool, CLIPS, campaigns);
    opened = await queue.open(world);
    for (let n = 0; n < WORKERS; n++)
      workers.push(fork(worker, [name, postgres.url, String(redis?.port ?? 0)]));
    await Promise.all(workers.map((child) => once(child, 'message')));
    const done = async () =>
      (await pool.query('select count(*)::int as n from observations')).rows[0].n;
    const jobs = (from, count) =>
      Array.from({ length: count }, (_, i) => ({
        requestId: `request-${from + i}`,
        clipId: clipOf(from + i),
        addedAt: Date.now(),
      }));
    const began = performance.now();
    for (let n = 0; n < JOBS; n += 1_000) await opened.add(jobs(n, 1_000));
    await until(async () => (await done()) === JOBS, 'the last job', 300);
    const perSecond = JOBS / ((performance.now() - began) / 1000);
    await steadily(CLIPS - JOBS, STEADY.perSecond, (from, to) =>
      opened.add(jobs(JOBS + from, to - from)),
    );
    await until(async () => (await done()) === CLIPS, 'the last job', 300);
    const { rows } = await pool.query(
      `select extract(epoch from pg_xact_commit_timestamp(xmin) - added_at)::float8 * 1000 as ms
       from observations where substring(request_id from 9)::int >= $1`,
      [JOBS],
    );
    const took = rows.map(({ ms }) => ms);
    await assertPaid(pool);
    return { perSecond, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
  } finally {
    const ended = workers.map(async (child) => child.exitCode ?? once(child, 'exit'));
    for (const child of workers) child.disconnect();
    await Promise.all(ended);
    await opened?.close();
    await pool.end();
    redis?.stop();
    await postgres.stop();
  }
}

/** A peer that pays wrongly is no peer. */
async function assertPaid(pool) {
  const { rows } = await pool.query(`
    select (select sum(spent) from campaigns) as campaigns, (select sum(balance) from creators) as creators,
      (select sum(amount) from ledger) as ledger, (select sum(views) from observations) as due`);
  const sums = Object.values(rows[0]);
  if (new Set(sums).size !== 1) throw new Error(`The peer's sums differ: ${sums.join(', ')}.`);
}
