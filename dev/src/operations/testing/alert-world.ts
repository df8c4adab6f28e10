import {
  derivedId,
  newEvent,
  systemClock,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import { testDatabase, testNats } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { startMonitor } from '@cliptally/monitor';
import { silentLog } from '@cliptally/messaging';
import { OPEN } from '@cliptally/telemetry';

/** A log and the monitor over it, at the machine's own time. */
export async function startAlertWorld() {
  const [database, server] = await Promise.all([testDatabase(), testNats()]);
  await PostgresEventStore.migrate(database.url);
  const store = new PostgresEventStore({ url: database.url });
  const monitor = await startMonitor({
    databaseUrl: database.url,
    natsUrl: server.url,
    port: 0,
    host: '127.0.0.1',
    clock: systemClock,
    log: silentLog,
    operators: OPEN,
  });
  const now = () => systemClock.now();
  return {
    monitor,
    now,
    made: <T extends EventType>(
      type: T,
      data: EventInput<T>,
      id = derivedId(type, JSON.stringify(data)),
    ): NewEvent =>
      newEvent(type, id, data, {
        time: now(),
        correlationId: 'test',
        causationId: 'test',
      }) as NewEvent,
    append: (stream: string, ...events: NewEvent[]) => store.append(stream, events, 'any'),
    async close() {
      await monitor.close();
      await store.close();
      await server.stop();
      await database.drop();
    },
  };
}

export type AlertWorld = Awaited<ReturnType<typeof startAlertWorld>>;
