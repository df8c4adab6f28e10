import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MachineError } from './errors.js';
import { startGuarded, StartFailed, type Guarded, type Log } from './guarded.js';
import { takeLock } from './lock.js';
import { assertPortFree } from './ports.js';
import { commandLineOf, endLeftover } from './processes.js';

export interface NatsConfig {
  /** Bytes a message may have; default 8 MiB. */
  maxPayload?: number;
  /**
   * How often JetStream forces its files to the disk: a NATS duration such as `30s`, or `always`.
   * Default: the server's own, two minutes.
   */
  syncInterval?: string;
  /** Configuration taken in as it is, such as users. */
  more?: string;
}

export interface NatsOptions {
  /** A nats-server of at least 2.12, see findNatsServer. */
  binary: string;
  /** Made when missing; the same folder gives the same streams next time. */
  dataDir: string;
  /** Default: a free one, chosen by the server. */
  port?: number;
  config?: NatsConfig;
  log?: Log;
}

export interface RunningNats {
  url: string;
  port: number;
  pid: number;
  monitorUrl: string;
  /** Resolves with null after `stop` or `kill`, with a reason when the server ended by itself. */
  ended: Promise<string | null>;
  stop: () => Promise<void>;
  /** SIGKILL, as a power cut would. */
  kill: () => Promise<void>;
}

const READY_MS = 60_000;

/**
 * Starts a nats-server with JetStream on 127.0.0.1 that ends with this process, however this
 * process ends.
 * @throws MachineError with a sentence for a person: port taken, data held by another process, server not
 *   starting
 */
export async function startNats({
  binary,
  dataDir: dir,
  port,
  config = {},
  log = () => {},
}: NatsOptions): Promise<RunningNats> {
  if (port !== undefined) await assertPortFree(port, "NATS' port");
  mkdirSync(dir, { recursive: true });
  const dataDir = realpathSync(dir); // One name for one folder: leftover servers are known by it.
  const release = await takeLock(
    join(dataDir, 'lock'),
    (pid) => `The NATS data in ${dataDir} are in use by process ${pid}; stop it first.`,
  );
  try {
    await endLeftoverServer(dataDir);
    const file = join(dataDir, 'nats.conf');
    writeFileSync(file, configuration(dataDir, port, config));
    const server = await startGuarded(
      'NATS',
      { kind: 'command', command: resolve(binary), args: ['--config', file] },
      log,
    );
    const stopWith = (how: () => Promise<void>) => () => how().finally(release);
    try {
      const { url, monitorUrl } = await ready(
        server,
        join(dataDir, `${basename(binary)}_${server.pid}.ports`),
      );
      return {
        url,
        port: Number(new URL(url).port),
        pid: server.pid,
        monitorUrl,
        ended: server.ended,
        stop: stopWith(server.stop),
        kill: stopWith(server.kill),
      };
    } catch (error) {
      await server.stop();
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Port -1 lets the server choose and write down what it chose: no other program can take the port
 * between choosing and listening.
 */
function configuration(
  dataDir: string,
  port: number | undefined,
  { maxPayload = 8 * 1024 * 1024, syncInterval, more = '' }: NatsConfig,
): string {
  const text = JSON.stringify;
  return `server_name: cliptally
listen: "127.0.0.1:${port ?? -1}"
http: "127.0.0.1:-1"
ports_file_dir: ${text(dataDir)}
pid_file: ${text(join(dataDir, 'nats.pid'))}
max_payload: ${maxPayload}
jetstream {
  store_dir: ${text(dataDir)}${syncInterval === undefined ? '' : `\n  sync_interval: ${text(syncInterval)}`}
}
${more}`;
}

/**
 * Ready is when the server says so itself: its streams are recovered then. Bounded, as recovering
 * very many messages takes seconds, not minutes.
 */
async function ready(
  server: Guarded,
  portsFile: string,
): Promise<{ url: string; monitorUrl: string }> {
  const until = performance.now() + READY_MS;
  for (;;) {
    const ports = readPorts(portsFile);
    if (ports && (await isHealthy(ports.monitorUrl))) return ports;
    const ended = await Promise.race([server.ended, pause(20, 'running')]);
    if (ended !== 'running')
      throw new StartFailed('NATS', ended ?? 'it was stopped', server.lastLines);
    if (performance.now() > until)
      throw new StartFailed(
        'NATS',
        `it was not ready after ${READY_MS / 1000} s`,
        server.lastLines,
      );
  }
}

function readPorts(file: string): { url: string; monitorUrl: string } | null {
  try {
    const { nats, monitoring } = JSON.parse(readFileSync(file, 'utf8')) as {
      nats: string[];
      monitoring: string[];
    };
    return nats[0] && monitoring[0] ? { url: nats[0], monitorUrl: monitoring[0] } : null;
  } catch {
    return null; // Not written yet, or not to its end.
  }
}

const isHealthy = (monitorUrl: string): Promise<boolean> =>
  fetch(`${monitorUrl}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );

/**
 * The server of a killed parent normally ends with it. If even its guard was killed, it still runs
 * on these data and must go first.
 */
async function endLeftoverServer(dataDir: string): Promise<void> {
  for (const name of readdirSync(dataDir)) if (name.endsWith('.ports')) rmSync(join(dataDir, name));
  const file = join(dataDir, 'nats.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  if (!(pid > 0) || !commandLineOf(pid)?.includes(join(dataDir, 'nats.conf'))) return;
  if (!(await endLeftover(pid, ['SIGTERM', 'SIGKILL']))) {
    throw new MachineError(
      `A nats-server of an earlier run (process ${pid}) still holds ${dataDir} and does not stop; stop it with: kill -9 ${pid}`,
    );
  }
}
