import { startPublishedWorld } from '../../../../libs/messaging/src/testing/world.js';

/**
 * A log on servers of its own, a relay that publishes it, and what services that are processes of
 * their own need to know of them.
 */
export async function startLog() {
  const world = await startPublishedWorld();
  const { store, nats, database, server } = world;
  const environment = { DATABASE_URL: database.url, NATS_URL: server.url, PORT: '0' };
  return {
    store,
    nats,
    databaseUrl: database.url,
    natsUrl: server.url,
    environment,
    close: () => world.close(),
  };
}
