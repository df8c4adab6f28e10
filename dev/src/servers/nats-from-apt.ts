import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where this machine's own package manager gets the distribution from. */
export interface AptSource {
  mirror: string;
  keyring: string;
  components: string;
  /**
   * Newer than the machine's own, tried in this order; their program needs no newer C library than
   * Debian 12 has.
   */
  suites: string[];
}

const DISTRIBUTIONS: Record<string, Omit<AptSource, 'mirror'> & { path: RegExp }> = {
  debian: {
    path: /\/debian\/?$/,
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    components: 'main',
    suites: ['forky', 'sid'],
  },
  ubuntu: {
    path: /\/ubuntu(-ports)?\/?$/,
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    components: 'main universe',
    suites: ['devel'],
  },
};

/** Null if this is neither Debian nor Ubuntu, or no mirror of it is configured. */
export function aptSource(etc = '/etc'): AptSource | null {
  const id = /^ID=["']?(\w+)/m.exec(read(join(etc, 'os-release')))?.[1] ?? '';
  const distribution = DISTRIBUTIONS[id];
  if (!distribution) return null;
  const { path, ...rest } = distribution;
  const mirror = configuredUris(join(etc, 'apt')).find((uri) => path.test(uri));
  return mirror ? { mirror, ...rest } : null;
}

/** Both formats: `deb [options] URI suite components` lines and `URIs:` fields. */
function configuredUris(apt: string): string[] {
  const parts = join(apt, 'sources.list.d');
  const files = [join(apt, 'sources.list'), ...(existsSync(parts) ? readdirSync(parts).sort().map((name) => join(parts, name)) : [])]; // prettier-ignore
  return files
    .filter((file) => /\.(list|sources)$/.test(file))
    .flatMap((file) => read(file).split('\n'))
    .flatMap(
      (line) =>
        /^deb\s+(?:\[[^\]]*\]\s*)?(\S+)/.exec(line)?.[1] ??
        /^URIs:\s*(.+)/i.exec(line)?.[1]?.split(/\s+/) ??
        [],
    )
    .filter((uri) => uri.startsWith('http'));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Downloads the suite's package with apt, which checks the distribution's signatures, and unpacks
 * it; nothing is installed and the machine's own apt state is not touched. Returns the program's
 * path.
 */
export async function unpackFromApt(
  source: AptSource,
  suite: string,
  into: string,
): Promise<string> {
  const options = privateApt(source, suite, into);
  await run('apt-get update', [...options], into);
  await run('apt-get download', [...options, 'nats-server'], into);
  const deb = readdirSync(into).find((name) => name.endsWith('.deb'));
  if (!deb) throw new Error('apt-get downloaded nothing');
  await run('dpkg-deb --extract', [deb, into], into);
  return join(into, 'usr/sbin/nats-server');
}

/** The machine's own configuration, proxies included, but sources, lists and cache of our own. */
function privateApt(source: AptSource, suite: string, work: string): string[] {
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, folder), { recursive: true });
  const list = join(work, 'sources.list');
  writeFileSync(
    list,
    `deb [signed-by=${source.keyring}] ${source.mirror} ${suite} ${source.components}\n`,
  );
  const settings = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(work, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(work, 'cache'),
    'Acquire::Languages': 'none',
    'APT::Update::Error-Mode': 'any', // Otherwise an unreachable mirror is only a warning.
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
    'Acquire::Retries': '1',
    'APT::Update::Post-Invoke': '',
    // As root, apt would download as a user who may not be able to enter this folder.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
  };
  return [
    '-qq',
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
}

function run(what: string, args: string[], cwd: string): Promise<void> {
  const [program = '', verb = ''] = what.split(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb, ...args], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 180_000,
      env: { ...process.env, LC_ALL: 'C' },
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve();
      else
        reject(new Error(`${what} failed: ${/^E: .*/m.exec(errors)?.[0] ?? `status ${status}`}`));
    });
  });
}
