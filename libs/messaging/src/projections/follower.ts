import {
  ALL_EVENTS,
  systemTimers,
  type AnyEvent,
  type EventType,
  type Timers,
} from '@cliptally/contracts';
import { isTransient, type EventStore } from '@cliptally/event-store';
import type { Msg } from '@nats-io/transport-node';
import type { Log } from '../log.js';
import { logPositionOf } from '../nats/message.js';
import type { Nats } from '../nats/connection.js';

export interface Batch {
  /** Events of the wanted types, in order. */
  events: AnyEvent[];
  /** Everything up to here has now been given. */
  position: number;
}

export interface FollowerOptions {
  store: EventStore;
  nats: Nats;
  log: Log;
  types: readonly EventType[];
  /** Events a batch at most; 1,000 by default. */
  batch?: number;
  timers?: Timers;
}

/** A follower without a message for this long asks the store for its head. */
const SILENCE_MS = 1_000;

/**
 * Everything in the log after `position`, without gaps or repetitions, from the store alone. A
 * message on NATS says that there is more, by a plain subscription without a consumer on the
 * server; nothing else of it is believed, so that who can publish misleads nobody.
 */
export async function* followLog(
  position: number,
  options: FollowerOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { store, log, types, batch = 1_000, timers = systemTimers } = options;
  const news = subscribe(options.nats, timers);
  let at = position;
  try {
    for (let failures = 0; !signal.aborted;) {
      try {
        for await (const caughtUp of readUp(store, at, types, batch)) {
          yield caughtUp;
          at = caughtUp.position;
        }
        failures = 0;
        await news.after(at, SILENCE_MS, signal);
      } catch (error) {
        if (!isTransient(error) || signal.aborted) throw error;
        log.warn({ error: (error as Error).message }, 'the event store is away; retrying');
        failures = Math.min(failures + 1, 6);
        await timers.sleep(50 * 2 ** failures, signal);
      }
    }
  } finally {
    news.close();
  }
}

/**
 * Everything in the log after `from`, up to its end, in batches of at most `size` events. The log
 * may grow while it is read: its end is asked for once, and the position never goes back (case E2).
 */
export async function* readUp(
  store: Pick<EventStore, 'head' | 'readAll'>,
  from: number,
  types: readonly EventType[],
  size: number,
): AsyncGenerator<Batch> {
  const head = await store.head();
  if (head <= from) return;
  let reached = from;
  let events: AnyEvent[] = [];
  for await (const event of store.readAll(from, { types, upTo: head })) {
    events.push(event);
    if (events.length < size) continue;
    yield { events, position: (reached = event.position) };
    events = [];
  }
  const end = Math.max(head, reached, events.at(-1)?.position ?? 0);
  if (end > reached) yield { events, position: end };
}

/**
 * Hears of every message that the relay publishes from now on. Only the newest is parsed, and only
 * for who waits: the headers of each would cost a follower as much as its queries.
 */
function subscribe({ connection }: Nats, timers: Timers) {
  let newest: Msg | null = null;
  let wake = () => {};
  const subscription = connection.subscribe(ALL_EVENTS, {
    callback: (error, message) => {
      if (error) return;
      newest = message;
      wake();
    },
  });
  const isAfter = (position: number) =>
    newest !== null && (logPositionOf(newest)?.position ?? 0) > position;
  return {
    /** Waits up to `ms` for a message of an event after `position`. */
    async after(position: number, ms: number, signal: AbortSignal): Promise<void> {
      if (!isAfter(position) && !signal.aborted) {
        const received = new AbortController();
        const end = () => {
          wake = () => {};
          received.abort();
        };
        wake = () => isAfter(position) && end();
        signal.addEventListener('abort', end, { once: true });
        await timers.sleep(ms, received.signal);
        signal.removeEventListener('abort', end);
        wake = () => {};
      }
      // A position that the log never reaches wakes once, and not for ever.
      newest = null;
    },
    close: () => subscription.unsubscribe(),
  };
}
