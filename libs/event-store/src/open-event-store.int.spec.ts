import { testDatabase } from '@cliptally/dev/servers';
import { describe, expect, it } from '@jest/globals';
import { openEventStore } from './open-event-store.js';
import { collect, freshStream, paused } from './testing/conformance.js';
import { startKurrentDbTestServer } from '../../event-store-kurrentdb/src/testing/kurrentdb-server/index.js';

describe('opening the log', () => {
  it.each(['postgres', 'kurrentdb'] as const)(
    'gives a log on %s that can be used at once',
    async (eventStore) => {
      const [database, server] = [await testDatabase(), await startKurrentDbTestServer()];
      const store = await openEventStore({
        eventStore,
        databaseUrl: database.url,
        kurrentdbUrl: server.url,
        connections: 2,
      });
      const [stream, event] = [freshStream(), paused()];
      await store.append(stream, [event], 'none');
      expect(await collect(store.readStream(stream))).toMatchObject([event]);
      await store.close();
      await server.stop();
      await database.drop();
    },
  );
});
