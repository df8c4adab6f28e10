import { openEventStore, type EventStore } from '@cliptally/event-store';
import { fields, personalDataKeys, readConfiguration } from '@cliptally/telemetry';
import { z } from 'zod';

/** Gives the database that a command is about, for as long as the command runs. */
export type OpenDatabase = () => Promise<{ url: string; close(): Promise<void> }>;

/** The database of DATABASE_URL. */
export const databaseOfEnvironment: OpenDatabase = async () => ({
  url: readConfiguration(z.object({ DATABASE_URL: fields.databaseUrl() }), process.env)
    .DATABASE_URL,
  close: async () => {},
});

/**
 * The log that EVENT_STORE names: in this database, or in KurrentDB. `opened` opens personal texts
 * for who has PERSONAL_DATA_KEYS; else they are read as sealed as they are stored.
 */
export async function openLog(databaseUrl: string, opened = false): Promise<EventStore> {
  const c = readConfiguration(
    z.object({ ...fields.eventStore(), ...personalDataKeys.variables }),
    process.env,
  );
  return openEventStore({
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    databaseUrl,
    connections: 2,
    personalKeys: opened ? personalDataKeys.read(c, {}) : null,
  });
}
