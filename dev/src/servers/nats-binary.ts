import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { MachineError } from './errors.js';
import type { Log } from './guarded.js';
import { aptSource, unpackFromApt } from './nats-from-apt.js';
import { downloadRelease, isGithubReachable } from './nats-from-github.js';

/** Older servers ignore per-message time limits and schedules without a word. */
const MINIMUM = [2, 12] as const;

export interface FindNatsOptions {
  /** Keeps a downloaded server for the next time. */
  cacheDir: string;
  log?: Log;
}

/**
 * The path of a nats-server of at least 2.12: the one NATS_SERVER names, else one on the PATH, else
 * the one downloaded before, else the official release, else (Debian, Ubuntu) the distribution's
 * newest package, unpacked into `cacheDir` without being installed.
 * @throws MachineError that names the three ways to get one
 */
export async function findNatsServer({
  cacheDir,
  log = () => {},
}: FindNatsOptions): Promise<string> {
  const named = process.env['NATS_SERVER'];
  if (named) return required(resolve(named));
  const cached = resolve(cacheDir, 'nats-server');
  const found = [...onPath(), cached].find(isNewEnough);
  return found ?? (await obtain(cached, log));
}

function required(file: string): string {
  if (isNewEnough(file)) return file;
  const version = existsSync(file)
    ? (versionOf(file)?.join('.') ?? 'not a nats-server')
    : 'missing';
  throw new MachineError(
    `NATS_SERVER names ${file}, which is ${version}; name a nats-server of at least ${MINIMUM.join('.')}, or unset NATS_SERVER.`,
  );
}

/** Debian puts servers into sbin, which is not on everybody's PATH. */
function onPath(): string[] {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
    '/usr/local/sbin',
    '/usr/sbin',
  ];
  return folders.map((folder) => join(folder, 'nats-server'));
}

function isNewEnough(file: string): boolean {
  const [major = 0, minor = 0] = versionOf(file) ?? [];
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/** For example [2, 15, 1]; null when the file does not run or is something else. */
export function versionOf(file: string): number[] | null {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return null;
  }
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return (
    /\bv?(\d+)\.(\d+)\.(\d+)/
      .exec(stdout ?? '')
      ?.slice(1)
      .map(Number) ?? null
  );
}

type Way = (into: string) => Promise<string>;

/**
 * Everything happens in a folder of its own beside the goal, and one rename ends it: callers at the
 * same time cannot see half a server.
 */
async function obtain(goal: string, log: Log): Promise<string> {
  const cacheDir = resolve(goal, '..');
  mkdirSync(cacheDir, { recursive: true });
  const reasons: string[] = [];
  for (const [name, way] of await ways()) {
    const work = mkdtempSync(join(cacheDir, 'download-'));
    try {
      log(`Getting nats-server from ${name} (once)`);
      const binary = await way(work);
      if (!isNewEnough(binary))
        throw new Error(
          `it gave version ${versionOf(binary)?.join('.') ?? 'unknown'}, which is too old or does not run here`,
        );
      const staged = join(work, 'ready');
      copyFileSync(binary, staged);
      chmodSync(staged, 0o755);
      renameSync(staged, goal);
      return goal;
    } catch (error) {
      reasons.push(`${name}: ${(error as Error).message}`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  throw new MachineError(waysOut(reasons));
}

/**
 * Behind a firewall the release's site is often out of reach where the distribution's mirror is
 * not: five seconds decide what is tried first.
 */
async function ways(): Promise<[string, Way][]> {
  const release: [string, Way] = ['the official release', downloadRelease];
  const source = aptSource();
  if (!source) return [release];
  const packaged = source.suites.map((suite): [string, Way] => [
    `${source.mirror} ${suite}`,
    (into) => unpackFromApt(source, suite, into),
  ]);
  return (await isGithubReachable()) ? [release, ...packaged] : [...packaged, release];
}

const waysOut = (
  reasons: string[],
): string => `A nats-server of at least ${MINIMUM.join('.')} is needed, and none could be had:
${reasons.map((reason) => `  - ${reason}`).join('\n')}
Any one of these helps:
  1. put nats-server on the PATH, or set NATS_SERVER to its path (https://github.com/nats-io/nats-server/releases)
  2. set NATS_URL to a server that runs already
  3. allow this machine to reach github.com or, on Debian and Ubuntu, its package mirror, and start again`;
