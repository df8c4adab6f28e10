import type { KeyRing } from '@cliptally/contracts';
import { PersonalKeys } from './personal/keys.js';
import { PersonalStore } from './personal/personal-store.js';
import type { EventStore } from './port.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';
import { requireSessions } from './postgres/require-sessions.js';

export interface EventStoreSettings {
  /** PostgreSQL by default. */
  eventStore?: 'postgres' | 'kurrentdb' | undefined;
  /** Empty if the log is in KurrentDB and the caller keeps nothing in PostgreSQL. */
  databaseUrl: string;
  /**
   * Needed if `eventStore` is "kurrentdb": `kurrentdb://user:password@host:2113`, with
   * `?tls=false` for a server without certificates.
   */
  kurrentdbUrl?: string | undefined;
  /** Connections to PostgreSQL kept at most, if the log is there. */
  connections?: number;
  /** Seals and opens personal texts; without it they are appended and read as they are. */
  personalKeys?: KeyRing | null | undefined;
}

/** A fault of the configuration; shown as one sentence. */
export class EventStoreUnset extends Error {
  override readonly name = 'EventStoreUnset';
  readonly expected = true;
  constructor() {
    super(
      'EVENT_STORE=kurrentdb needs KURRENTDB_URL, for example kurrentdb://localhost:2113?tls=false.',
    );
  }
}

/** An optional package: its client takes some 40 MB of memory. */
const KURRENTDB_PACKAGE: string = '@cliptally/event-store-kurrentdb';

/** The package of the store is not there; shown as one sentence. */
export class EventStoreMissing extends Error {
  override readonly name = 'EventStoreMissing';
  readonly expected = true;
  constructor(options: ErrorOptions) {
    super(
      `EVENT_STORE=kurrentdb needs the package ${KURRENTDB_PACKAGE}, which is not installed: install it, or set EVENT_STORE=postgres.`,
      options,
    );
  }
}

interface KurrentDbPackage {
  KurrentDbEventStore: new (options: { url: string }) => EventStore;
}

async function loadKurrentDb(): Promise<KurrentDbPackage> {
  try {
    return (await import(KURRENTDB_PACKAGE)) as KurrentDbPackage;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Not for a module that the package itself lacks.
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${KURRENTDB_PACKAGE}'`))
      throw new EventStoreMissing({ cause: error });
    throw error;
  }
}

/**
 * The log as it is configured, its tables brought to the newest form. Throws
 * {@link EventStoreUnset} and {@link EventStoreMissing}, SessionsNotKept and SessionsTooFew.
 */
export async function openEventStore(settings: EventStoreSettings): Promise<EventStore> {
  const { databaseUrl, personalKeys } = settings;
  const store = await openStored(settings);
  if (!personalKeys) return store;
  try {
    return new PersonalStore(store, await PersonalKeys.open(databaseUrl, personalKeys));
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStored({
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
  // A service keeps its tables and leases in PostgreSQL all the same.
  if (databaseUrl) await requireSessions(databaseUrl);
  const { KurrentDbEventStore } = await loadKurrentDb();
  return new KurrentDbEventStore({ url: kurrentdbUrl });
}
