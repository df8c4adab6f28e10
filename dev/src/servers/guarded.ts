import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { MachineError } from './errors.js';
import type { FromGuard, Job, ToGuard } from './guard.js';

export const GUARD = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './guard.ts' : './guard.js', import.meta.url),
);

export type Log = (line: string) => void;

/** How to start a process under another user. */
export interface Identity {
  uid?: number;
  gid?: number;
  /** A command and arguments to put in front. */
  prefix: string[];
  /** A folder for temporary files which that user may write. */
  tmp?: string;
}

export interface Guarded {
  pid: number;
  /** What the server said last. */
  lastLines: readonly string[];
  /** Resolves with null after `stop` or `kill`, with the reason when the server ended by itself. */
  ended: Promise<string | null>;
  stop: () => Promise<void>;
  /** SIGKILL, as a power cut would. */
  kill: () => Promise<void>;
}

export class StartFailed extends MachineError {
  readonly lines: readonly string[];
  constructor(name: string, reason: string, lines: readonly string[]) {
    super(
      `${name} did not start: ${reason}.${lines.length ? `\n${lines.map((line) => `  ${line}`).join('\n')}` : ''}`,
    );
    this.lines = lines;
  }
}

/**
 * Starting includes initdb, which takes a second here and half a minute on a busy small machine.
 */
const READY_MS = 120_000;
/** Longer than the grace the guard gives its server. */
const STOP_MS = 20_000;
/**
 * For glibc, in bytes. Else a session of PostgreSQL gives the memory of each large statement back,
 * and meets a page fault for each of its pages again: an append of 500 events has 160.
 */
const KEEP_MEMORY = { MALLOC_MMAP_THRESHOLD_: '4194304', MALLOC_TRIM_THRESHOLD_: '8388608' };

/**
 * Starts a server behind a guard (see guard.ts), so that it never outlives this process. Resolves
 * once the guard calls it ready.
 */
export function startGuarded(
  name: string,
  job: Job,
  log: Log,
  as: Identity = { prefix: [] },
): Promise<Guarded> {
  const argv = [...as.prefix, process.execPath, GUARD];
  const { prefix: _, tmp, ...ids } = as;
  // No other variable: a database server has no business with the product's tokens, and
  // NODE_OPTIONS is meant for the product.
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TMPDIR: tmp ?? process.env['TMPDIR'],
    ...KEEP_MEMORY,
  };
  const guard = spawn(argv[0]!, argv.slice(1), {
    ...ids,
    env,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const lastLines: string[] = [];
  const keep = (line: string) => {
    if (lastLines.push(line) > 12) lastLines.shift();
    log(line);
  };
  guard
    .stderr!.setEncoding('utf8')
    .on('data', (text: string) => text.split('\n').forEach((line) => line.trim() && keep(line)));

  let reason: string | null = null;
  let asked = false;
  const exited = new Promise<void>((resolve) =>
    guard.once('close', () => resolve()).once('error', () => resolve()),
  );
  const ended = exited.then(() => (asked ? null : (reason ?? 'its guard was killed')));
  const end = async (message: ToGuard) => {
    asked = true;
    guard.ref();
    if (guard.connected) guard.send(message, () => {});
    const timer = setTimeout(() => guard.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
  };

  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reason = `it was not ready after ${READY_MS / 1000} s`;
      guard.kill('SIGTERM');
    }, READY_MS);
    guard.once('error', (error) => (reason = error.message));
    guard.on('message', (message: FromGuard) => {
      if ('log' in message) keep(message.log);
      else if ('failed' in message) reason ??= message.failed;
      else {
        clearTimeout(timer);
        // A server is no reason for a process to live on: one that forgets it ends, and the guard
        // then ends the server.
        guard.unref();
        guard.channel?.unref();
        (guard.stderr as Socket).unref();
        resolve({
          pid: message.ready,
          lastLines,
          ended,
          stop: () => end('stop'),
          kill: () => end('kill'),
        });
      }
    });
    void exited.then(() => {
      clearTimeout(timer);
      reject(new StartFailed(name, reason ?? 'its guard ended', lastLines));
    });
    guard.send(job, () => {});
  });
}
