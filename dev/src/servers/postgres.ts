import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { MachineError } from './errors.js';
import type { PostgresJob } from './guard.js';
import { startGuarded, StartFailed, type Guarded, type Identity, type Log } from './guarded.js';
import { takeLock } from './lock.js';
import { assertPortFree, freePort } from './ports.js';
import { postgresIdentity } from './postgres-user.js';
import { commandLineOf, endLeftover, startOf } from './processes.js';

const USER = 'cliptally';
const DATABASE = 'cliptally';

export interface PostgresOptions {
  /**
   * Made when missing; holds the cluster, its password and its lock. The same folder gives the same
   * databases next time.
   */
  dataDir: string;
  /** Default: a free one. */
  port?: number;
  /** Default true. False trades the data after a crash of the machine for speed: for tests. */
  durable?: boolean;
  /** Of the server's own settings, those that shall be others. */
  settings?: Record<string, string>;
  log?: Log;
}

export interface RunningPostgres {
  /** Of the database `cliptally`, with its owner's password. */
  url: string;
  port: number;
  /** Of the postmaster. */
  pid: number;
  /** Resolves with null after `stop`, with a reason when the server ended by itself. */
  ended: Promise<string | null>;
  stop: () => Promise<void>;
  /**
   * SIGKILL of the postmaster, as a power cut would; its sessions end by themselves a moment later.
   */
  kill: () => Promise<void>;
}

/**
 * Encoding and order of text are PostgreSQL's own, so that a cluster behaves alike on every system
 * whatever locales it has.
 */
const INITDB = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

/**
 * For a machine that also runs everything else: little memory, short WAL, no parallel workers,
 * loopback TCP only.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  shared_buffers: '128MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '64MB',
  max_wal_size: '512MB',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_checkpoints: 'off',
};
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts a real PostgreSQL on 127.0.0.1 that ends with this process, however this process ends.
 * @throws MachineError with a sentence for a person: port taken, data held by another process, folder not
 *   usable, server not starting
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { durable = true, log = () => {} } = options;
  if (options.port !== undefined) await assertPortFree(options.port, "PostgreSQL's port");
  mkdirSync(options.dataDir, { recursive: true });
  // One name for one folder: leftover servers are known by it.
  const dataDir = realpathSync(options.dataDir);
  const release = await takeLock(
    join(dataDir, 'lock'),
    (pid) => `The PostgreSQL data in ${dataDir} are in use by process ${pid}; stop it first.`,
  );
  try {
    chmodSync(dataDir, 0o700);
    const databaseDir = join(dataDir, 'data');
    await endLeftoverPostmaster(databaseDir);
    const password = passwordOf(dataDir);
    const initialise = !existsSync(join(databaseDir, 'PG_VERSION'));
    if (initialise) removeHalves(dataDir);
    const identity = postgresIdentity(dataDir);
    const { server, port } = await startWithRetries(options.port, identity, log, {
      kind: 'postgres',
      databaseDir,
      initialise,
      user: USER,
      password,
      initdbFlags: durable ? INITDB : [...INITDB, '--no-sync'],
      postgresFlags: Object.entries({
        ...SETTINGS,
        ...(durable ? {} : NOT_DURABLE),
        ...options.settings,
      }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    });
    const urlOf = (database: string) =>
      `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
    await createDatabase(urlOf('postgres')).catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    const stopWith = (how: () => Promise<void>) => () => how().finally(release);
    return {
      url: urlOf(DATABASE),
      port,
      pid: server.pid,
      ended: server.ended,
      stop: stopWith(server.stop),
      kill: stopWith(server.kill),
    };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Two starts fail for reasons that pass: another program took the free port first, and the last
 * sessions of a killed server still hold its shared memory for a moment.
 */
async function startWithRetries(
  wanted: number | undefined,
  identity: Identity,
  log: Log,
  job: Omit<PostgresJob, 'port'>,
): Promise<{ server: Guarded; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort());
    const initialise = job.initialise && !existsSync(join(job.databaseDir, 'PG_VERSION'));
    try {
      return {
        server: await startGuarded('PostgreSQL', { ...job, initialise, port }, log, identity),
        port,
      };
    } catch (error) {
      const passing =
        error instanceof StartFailed &&
        error.lines.some((line) =>
          /could not bind|shared memory block .* is still in use/.test(line),
        );
      if (!passing || attempt === 5) throw error;
      await new Promise((done) => setTimeout(done, 1_000));
    }
  }
}

/**
 * The server of a killed parent normally ends with it. If even its guard was killed, it still runs
 * on these data and must go first.
 */
async function endLeftoverPostmaster(databaseDir: string): Promise<void> {
  const file = join(databaseDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  // PostgreSQL itself sees that its file is out of date.
  if (!(pid > 0) || startOf(pid) === null) return;
  if (!commandLineOf(pid)?.includes(databaseDir)) {
    // The number belongs to another program by now; PostgreSQL could only tell that for programs of
    // other users, and would refuse to start.
    rmSync(file);
  } else if (!(await endLeftover(pid, ['SIGINT', 'SIGQUIT']))) {
    throw new MachineError(
      `A PostgreSQL of an earlier run (process ${pid}) still holds ${databaseDir} and does not stop; stop it with: kill -9 ${pid}`,
    );
  }
}

/** What interrupted first starts left. One of them may still be cleaning up after itself. */
function removeHalves(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (/^(data\.new|pg-password)-/.test(name))
      rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 10 });
  }
}

function passwordOf(dataDir: string): string {
  const file = join(dataDir, 'password');
  if (!existsSync(file)) {
    if (existsSync(join(dataDir, 'data')))
      throw new MachineError(
        `${file} is missing, and the databases beside it cannot be opened without it; restore it or delete ${dataDir}.`,
      );
    writeFileSync(file, randomBytes(18).toString('hex'), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
