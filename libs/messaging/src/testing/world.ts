import { newEvent, type NewEvent } from '@cliptally/contracts';
import { testDatabase, testNats, until as untilSo } from '@cliptally/dev/servers';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { randomUUID } from 'node:crypto';
import { silentLog } from '../log.js';
import { connectNats } from '../nats/connection.js';
import { runRelay } from '../relay/relay.js';

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

/** As the one of all tests, with the condition first. */
export const until = async (condition: () => unknown, what = String(condition)): Promise<void> =>
  void (await untilSo(what, condition));
