import type { Clock } from '@cliptally/contracts';
import {
  openEventStore,
  openerOf,
  openPool,
  whileConnecting,
  type EventStore,
  type EventStoreSettings,
} from '@cliptally/event-store';
import {
  Projector,
  connectNats,
  positionOf,
  prepareProjection,
  type Log,
  type Nats,
} from '@cliptally/messaging';
import type { Pool } from 'pg';
import { earningsProjection } from './projection/earnings-projection.js';
import { Tables } from './queries/tables.js';
import { Settler } from './settlement/settler.js';

export interface ProjectorAndSettlerOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  clock: Clock;
  log: Log;
}

/** The earnings service without HTTP: the projector and the settler that it wakes. */
export interface ProjectorAndSettler {
  store: EventStore;
  pool: Pool;
  tables: Tables;
  nats: Nats;
  projector: Projector;
  settler: Settler;
  /** Calls `listener` after each batch that the projector has applied. */
  afterBatch(listener: () => void): void;
  /**
   * Resolves once the projection is at the end of the log and nothing can be settled any more.
   * Rejects when `signal` aborts.
   */
  settled(signal: AbortSignal): Promise<void>;
  /**
   * Whether the tables have what the log had when the process began. While they are built anew,
   * they show what was once to be done and is done.
   */
  complete(): Promise<boolean>;
  close(): Promise<void>;
}

export async function startProjectorAndSettler({
  databaseUrl,
  eventStore,
  kurrentdbUrl,
  natsUrl,
  clock,
  log,
  personalKeys,
}: ProjectorAndSettlerOptions): Promise<ProjectorAndSettler> {
  const nats = await connectNats(natsUrl, 'earnings');
  const store = await openEventStore({
    databaseUrl,
    eventStore,
    kurrentdbUrl,
    connections: 4,
    personalKeys,
  });
  const pool = openPool(databaseUrl, 'earnings', 8);
  const reading = openPool(databaseUrl, 'earnings-tables', 8, earningsProjection.name);
  const tables = new Tables(reading, earningsProjection.name, openerOf(store));
  const settler = new Settler({ pool, schema: earningsProjection.name, store, clock, log });
  const listeners = [() => settler.wake()];
  const projector = new Projector({
    projection: earningsProjection,
    url: databaseUrl,
    pool,
    store,
    nats,
    log,
    afterBatch: async () => listeners.forEach((listener) => listener()),
  });
  const began = await whileConnecting(() => store.head());
  // The tables exist before the first query.
  await whileConnecting(() => prepareProjection(earningsProjection, pool, store));
  projector.start();
  settler.start();
  return {
    store,
    pool,
    tables,
    nats,
    projector,
    settler,
    afterBatch: (listener) => void listeners.push(listener),
    complete: async () => (await positionOf(earningsProjection, pool)) >= began,
    async settled(signal) {
      for (let head = -1; ;) {
        const now = await store.head();
        if (now === head) return;
        while (!(await projector.waitFor(now, 1_000))) signal.throwIfAborted();
        signal.throwIfAborted();
        await settler.settleAll();
        head = now;
      }
    },
    async close() {
      await settler.stop();
      await projector.stop();
      await nats.connection.drain();
      await store.close();
      await pool.end();
      await reading.end();
    },
  };
}
