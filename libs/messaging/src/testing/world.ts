import { newEvent, type NewEvent } from '@cliptally/contracts';
import { testDatabase, testNats } from '@cliptally/dev/servers';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { randomUUID } from 'node:crypto';
import { silentLog } from '../log.js';
import { connectNats } from '../nats.js';
import { runRelay } from '../relay.js';

/** A log on a fresh database and a nats-server of its own. */
export async function startWorld() {
  const [database, server] = await Promise.all([testDatabase(), testNats()]);
  await PostgresEventStore.migrate(database.url);
  const store = new PostgresEventStore({ url: database.url });
  const nats = await connectNats(server.url, 'test');
  const pool = openPool(database.url, 'test', 4);
  return {
    database,
    server,
    store,
    nats,
    pool,
    async close() {
      await nats.connection.close();
      await store.close();
      await pool.end();
      await server.stop();
      await database.drop();
    },
  };
}

/** As {@link startWorld}, with a relay that publishes the log. */
export async function startPublishedWorld() {
  const world = await startWorld();
  const stop = new AbortController();
  const relay = runRelay({ ...world, log: silentLog }, stop.signal);
  return {
    ...world,
    async close() {
      stop.abort();
      await relay;
      await world.close();
    },
  };
}

export const toppedUp = (amount = 1, campaignId = 'a'): NewEvent =>
  newEvent(
    'CampaignToppedUp',
    randomUUID(),
    { campaignId, amount, by: 'test' },
    { time: '2026-01-01T00:00:00.000Z', correlationId: 'żółć', causationId: 'c' },
  );

/** Resolves once `condition` holds; fails with its last answer after 25 seconds, which only a machine with very much else to do needs. */
export async function until(condition: () => unknown, what = 'the condition'): Promise<void> {
  let fault: unknown;
  for (let i = 0; i < 1_000; i++) {
    try {
      if (await condition()) return;
    } catch (error) {
      // A server that is away at this moment may be back at the next.
      fault = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Waited 25 seconds in vain for ${what}.`, { cause: fault });
}
