import { ManualClock, type NewEvent } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import type { StreamAppend } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import { OPEN } from '@cliptally/telemetry';
import { startPublishedWorld } from '../../../../libs/messaging/src/testing/world.js';
import { startMonitor, type MonitorOptions, type MonitorService } from '../monitor.js';

/**
 * A log with its relay on servers of their own, and monitors that can be started and closed over
 * it.
 */
export async function startMonitorWorld(now: string) {
  const clock = new ManualClock(now);
  const world = await startPublishedWorld();
  const { database, server, store } = world;
  const faults: string[] = [];
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (fields, message) => faults.push(`${message} ${JSON.stringify(fields)}`),
  };

  return {
    ...world,
    clock,
    faults,
    append: (stream: string, ...events: NewEvent[]) => store.append(stream, events, 'any'),
    async appendAll(appends: readonly StreamAppend[]) {
      for (let i = 0; i < appends.length; i += 500)
        await store.appendMany(appends.slice(i, i + 500));
    },
    start: (options: Partial<MonitorOptions> = {}): Promise<MonitorService> =>
      startMonitor({
        databaseUrl: database.url,
        natsUrl: server.url,
        port: 0,
        host: '127.0.0.1',
        clock,
        log,
        operators: OPEN,
        logLimitGb: 20,
        ...options,
      }),
    /** Until the monitor has taken over everything that is in the log now. */
    async reached(monitor: MonitorService) {
      const { projector } = monitor;
      const head = await store.head();
      await until(
        'the monitor to reach the end of the log',
        () => projector.position >= head && projector.caughtUp,
      );
    },
  };
}

export type MonitorWorld = Awaited<ReturnType<typeof startMonitorWorld>>;

export async function get(monitor: MonitorService, path: string, init: RequestInit = {}) {
  const response = await fetch(monitor.url + path, init);
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    headers: response.headers,
    text,
  };
}
