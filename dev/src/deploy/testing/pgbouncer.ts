import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../servers/index.js';
import { postgresIdentity } from '../../servers/postgres-user.js';

const PATH = `${process.env['PATH']}:/usr/sbin`;
const env = { ...process.env, PATH };

/** Debian has it in a folder of root alone. */
export const hasPgBouncer = (): boolean =>
  spawnSync('pgbouncer', ['--version'], { env }).status === 0;

export interface PgBouncer {
  /** The database of the URL that it was started for, through it. */
  url: string;
  output: () => string;
  stop: () => Promise<void>;
}

/** In front of the database of `url`, set up as PgBouncer is by default but for these lines. */
export async function startPgBouncer(
  url: string,
  settings: Readonly<Record<string, string | number>>,
): Promise<PgBouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-pgbouncer-'));
  const port = await freePort();
  const { hostname, port: behind, username, password, pathname } = new URL(url);
  const own = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
  };
  const lines = Object.entries({ ...own, ...settings }).map(
    ([name, value]) => `${name} = ${value}`,
  );
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, `[databases]\n${pathname.slice(1)} = host=${hostname} port=${behind} user=${username} password=${password}\n[pgbouncer]\n${lines.join('\n')}\n`); // prettier-ignore
  // It does not run as root.
  const { uid, gid } = postgresIdentity(folder);
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
  let output = '';
  const child = spawn('pgbouncer', [file], {
    env,
    ...(uid !== undefined && gid !== undefined && { uid, gid }),
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/process up/.test(output)) resolve();
    });
    child.once('exit', () => reject(new Error(`PgBouncer ended: ${output}`)));
  });
  const through = new URL(url);
  through.port = String(port);
  return {
    url: through.href,
    output: () => output,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
