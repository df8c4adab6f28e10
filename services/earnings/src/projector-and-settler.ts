import type { Clock } from '@cliptally/contracts';
import {
  openEventStore,
  openPool,
  type EventStore,
  type EventStoreSettings,
} from '@cliptally/event-store';
import {
  Projector,
  connectNats,
  prepareProjection,
  type Log,
  type Nats,
} from '@cliptally/messaging';
import type { Pool } from 'pg';
import { earningsProjection } from './projection/earnings-projection.js';
import { Tables } from './queries/queries.js';
import { Settler } from './settlement/settler.js';

export interface CoreOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  clock: Clock;
  log: Log;
}

/**
 * The earnings service without its HTTP side: the projection, followed, and the settler that it
 * wakes.
 */
export interface EarningsCore {
  store: EventStore;
  pool: Pool;
  tables: Tables;
  nats: Nats;
  projector: Projector;
  settler: Settler;
  /** Calls `wake` after each batch that the projection has taken over. */
  afterBatch(wake: () => void): void;
  /**
   * Resolves once the projection has seen the whole log and nothing can be settled any more.
   * Rejects when `signal` aborts.
   */
  settled(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export async function startCore({
  databaseUrl,
  eventStore,
  kurrentdbUrl,
  natsUrl,
  clock,
  log,
}: CoreOptions): Promise<EarningsCore> {
  const nats = await connectNats(natsUrl, 'earnings');
  const store = await openEventStore({ databaseUrl, eventStore, kurrentdbUrl, connections: 4 });
  const pool = openPool(databaseUrl, 'earnings', 8);
  const questions = openPool(databaseUrl, 'earnings-tables', 8, earningsProjection.name);
  const tables = new Tables(questions, earningsProjection.name);
  const settler = new Settler({ pool, schema: earningsProjection.name, store, clock, log });
  const wakers = [() => settler.wake()];
  const projector = new Projector({
    projection: earningsProjection,
    url: databaseUrl,
    pool,
    store,
    nats,
    log,
    afterBatch: async () => wakers.forEach((wake) => wake()),
  });
  // The tables are there before the first question comes.
  await prepareProjection(earningsProjection, pool, store);
  projector.start();
  settler.start();
  return {
    store,
    pool,
    tables,
    nats,
    projector,
    settler,
    afterBatch: (wake) => void wakers.push(wake),
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
      await questions.end();
    },
  };
}
