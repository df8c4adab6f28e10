import { openEventStore } from '@cliptally/event-store';
import { expect, it } from '@jest/globals';
import { startKurrentDbTestServer } from './testing/kurrentdb-server/index.js';

/** The example of README.md. */
it('the store is opened if EVENT_STORE=kurrentdb', async () => {
  const server = await startKurrentDbTestServer();
  const store = await openEventStore({
    eventStore: 'kurrentdb',
    kurrentdbUrl: server.url,
    databaseUrl: '',
  });
  expect(store.kind).toBe('kurrentdb');
  expect(await store.head()).toBe(0);
  await store.close();
  await server.stop();
});
