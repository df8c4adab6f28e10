import type { Clock } from '@cliptally/contracts';
import { openEventStore, openPool, type EventStoreSettings } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import { Scheduler } from './scheduler.js';
import type { SchedulerSettings } from './settings.js';

export interface SchedulerOptions extends Omit<EventStoreSettings, 'connections'> {
  clock: Clock;
  log: Log;
  settings?: Partial<SchedulerSettings>;
}

/** Connects. Close it after use. */
export async function openScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { databaseUrl, eventStore, kurrentdbUrl } = options;
  const store = await openEventStore({ databaseUrl, eventStore, kurrentdbUrl, connections: 2 });
  return new Scheduler(store, openPool(databaseUrl, 'scheduler', 2), options);
}
