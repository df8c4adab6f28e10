import type { OpenDatabase } from '@cliptally/ops';
import { UsageError } from '@cliptally/telemetry';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openWorkspaceDir, startPostgres } from './servers/index.js';

const RUNNING = 'running.json';

/** Where a running `npm start` of this folder listens. */
export interface RunningWorld {
  pid: number;
  databaseUrl: string;
  natsUrl: string;
  apiUrl: string;
  clock: string;
}

export const runningFile = (dir: string): string => join(dir, RUNNING);

/** Passwords are in it: nobody else of this machine reads it, whatever was there before. */
export function writePrivately(file: string, text: string): void {
  chmodSync(dirname(file), 0o700);
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
}

function readRunning(dir: string): RunningWorld | null {
  try {
    const world = JSON.parse(readFileSync(runningFile(dir), 'utf8')) as RunningWorld;
    process.kill(world.pid, 0);
    return world;
  } catch {
    return null;
  }
}

/** A secret of a folder's own, made once. */
export function randomIn(file: string, form: 'base64' | 'base64url'): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString(form), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/** What `npm start` seals the personal texts of its log with, as PERSONAL_DATA_KEYS has it. */
export const personalKeysIn = (dir: string): string =>
  `here:${randomIn(join(dir, 'personal-data-key'), 'base64')}`;

/**
 * The database that a command of this folder is about: DATABASE_URL, else that of a running
 * `npm start`, else the one that it left behind, started for the time of the command.
 */
export const openDatabase: OpenDatabase = async () => {
  const dir = '.cliptally';
  const given = process.env['DATABASE_URL'] ?? readRunning(dir)?.databaseUrl;
  const ofHere = process.env['DATABASE_URL'] === undefined && existsSync(join(dir, 'postgres'));
  if (ofHere) process.env['PERSONAL_DATA_KEYS'] ??= personalKeysIn(dir);
  if (given) return { url: given, close: async () => {} };
  if (!existsSync(join(dir, 'postgres')))
    throw new UsageError('There is no log here yet: set DATABASE_URL, or run npm start once.');
  const workspace = await openWorkspaceDir(dir);
  const postgres = await startPostgres({ dataDir: join(workspace.path, 'postgres') });
  return {
    url: postgres.url,
    async close() {
      await postgres.stop();
      workspace.release();
    },
  };
};
