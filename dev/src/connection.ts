import { openEventStore, type EventStore } from '@cliptally/event-store';
import { fields, readConfiguration } from '@cliptally/telemetry';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openWorkspaceDir, startPostgres } from './servers/index.js';
import { UsageError } from './options.js';

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

function readRunning(dir = '.cliptally'): RunningWorld | null {
  try {
    const world = JSON.parse(readFileSync(runningFile(dir), 'utf8')) as RunningWorld;
    process.kill(world.pid, 0);
    return world;
  } catch {
    return null;
  }
}

/** The log of this folder, as EVENT_STORE says: in this database, or in KurrentDB. */
export async function openLog(databaseUrl: string): Promise<EventStore> {
  const { EVENT_STORE, KURRENTDB_URL } = readConfiguration(
    z.object(fields.eventStore()),
    process.env,
  );
  return openEventStore({
    eventStore: EVENT_STORE,
    kurrentdbUrl: KURRENTDB_URL,
    databaseUrl,
    connections: 2,
  });
}

/**
 * The database that a command of this folder is about: DATABASE_URL, else that of a running
 * `npm start`, else the one that it left behind, started for the time of the command.
 */
export async function openDatabase(
  dir = '.cliptally',
): Promise<{ url: string; close(): Promise<void> }> {
  const given = process.env['DATABASE_URL'] ?? readRunning(dir)?.databaseUrl;
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
}
