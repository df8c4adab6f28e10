import { testDatabase, testNats } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { connectNats, runRelay, silentLog } from '@cliptally/messaging';

/** A log on servers of its own, and a relay that publishes it. */
export async function startLog() {
  const [database, server] = await Promise.all([testDatabase(), testNats()]);
  await PostgresEventStore.migrate(database.url);
  const store = new PostgresEventStore({ url: database.url });
  const nats = await connectNats(server.url, 'test');
  const stop = new AbortController();
  const relay = runRelay({ store, nats, log: silentLog }, stop.signal);
  return {
    store,
    nats,
    databaseUrl: database.url,
    natsUrl: server.url,
    /** For services that are processes of their own. */
    environment: { DATABASE_URL: database.url, NATS_URL: server.url, PORT: '0' },
    async close() {
      stop.abort();
      await relay;
      await nats.connection.close();
      await store.close();
      await server.stop();
      await database.drop();
    },
  };
}
