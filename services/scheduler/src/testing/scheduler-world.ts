import {
  newEvent,
  type Clock,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import { testDatabase } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { randomUUID } from 'node:crypto';
import { openScheduler } from '../open-scheduler.js';

export type SchedulerWorld = Awaited<ReturnType<typeof startSchedulerWorld>>;

/** A scheduler on a database of its own, and its log, which tests write. */
export async function startSchedulerWorld(clock: Clock) {
  const database = await testDatabase();
  await PostgresEventStore.migrate(database.url);
  const store = new PostgresEventStore({ url: database.url });
  const scheduler = await openScheduler({ databaseUrl: database.url, clock, log: silentLog });
  return {
    database,
    store,
    scheduler,
    add<T extends EventType>(
      stream: string,
      type: T,
      data: EventInput<T>,
      id: string = randomUUID(),
    ) {
      const context = { time: clock.now(), correlationId: 't', causationId: 't' };
      return store.append(stream, [newEvent(type, id, data, context) as NewEvent], 'any');
    },
    async close() {
      await scheduler.close();
      await store.close();
      await database.drop();
    },
  };
}
