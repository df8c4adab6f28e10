import type { EventStore } from './port.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';

export interface EventStoreSettings {
  /** PostgreSQL by default. */
  eventStore?: 'postgres' | 'kurrentdb' | undefined;
  databaseUrl: string;
  /**
   * Needed where `eventStore` is "kurrentdb": `kurrentdb://user:password@host:2113`, with
   * `?tls=false` for a server without certificates.
   */
  kurrentdbUrl?: string | undefined;
  /** Connections to PostgreSQL kept at most, where the log is there. */
  connections?: number;
}

/** A fault of the configuration, told as one sentence. */
export class EventStoreUnset extends Error {
  override readonly name = 'EventStoreUnset';
  readonly expected = true;
  constructor() {
    super(
      'EVENT_STORE=kurrentdb needs KURRENTDB_URL, for example kurrentdb://localhost:2113?tls=false.',
    );
  }
}

/**
 * The log as it is configured, its tables brought to the newest form. KurrentDB's client is loaded
 * only where it is chosen: it takes some 40 MB.
 */
export async function openEventStore({
  eventStore = 'postgres',
  databaseUrl,
  kurrentdbUrl,
  connections,
}: EventStoreSettings): Promise<EventStore> {
  if (eventStore === 'postgres') {
    await PostgresEventStore.migrate(databaseUrl);
    return new PostgresEventStore({
      url: databaseUrl,
      ...(connections !== undefined && { connections }),
    });
  }
  if (!kurrentdbUrl) throw new EventStoreUnset();
  const { KurrentDbEventStore } = await import('./kurrentdb/kurrentdb-event-store.js');
  return new KurrentDbEventStore({ url: kurrentdbUrl });
}
