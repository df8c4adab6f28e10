import { openEventStore, type EventStore } from '@cliptally/event-store';
import { fields, readConfiguration } from '@cliptally/telemetry';
import { z } from 'zod';

/** Gives the database that a command is about, for as long as the command runs. */
export type OpenDatabase = () => Promise<{ url: string; close(): Promise<void> }>;

/** The database of DATABASE_URL. */
export const databaseOfEnvironment: OpenDatabase = async () => ({
  url: readConfiguration(z.object({ DATABASE_URL: fields.databaseUrl() }), process.env)
    .DATABASE_URL,
  close: async () => {},
});

/** The log that EVENT_STORE names: in this database, or in KurrentDB. */
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
