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
import { eventOfMessage, logPositionOf, typeOf } from '../nats/message.js';
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
/** Messages buffered for a slow follower; what is dropped beyond that is read from the store. */
const BUFFER = 20_000;

/**
 * Everything in the log after `position`, without gaps or repetitions: first from the store, then
 * live from NATS, by a plain subscription without a consumer on the server. Each message names the
 * position before it, and a follower at another position reads from the store again. So nothing
 * here depends on NATS for correctness, only for speed.
 */
export async function* followLog(
  position: number,
  options: FollowerOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { store, log, types, batch = 1_000, timers = systemTimers } = options;
  const subscription = subscribe(options.nats, timers);
  let at = position;
  try {
    for (let failures = 0; !signal.aborted;) {
      try {
        for await (const caughtUp of readUp(store, at, types, batch)) {
          yield caughtUp;
          at = caughtUp.position;
        }
        failures = 0;
        for (let live = true; live && !signal.aborted;) {
          const messages = await subscription.take(batch, SILENCE_MS, signal);
          const { events, position: reached, gap } = inOrder(messages, at, new Set(types));
          if (reached > at) yield { events, position: (at = reached) };
          live = !gap && (messages.length > 0 || (await store.head()) <= at);
        }
      } catch (error) {
        if (!isTransient(error) || signal.aborted) throw error;
        log.warn({ error: (error as Error).message }, 'the event store is away; retrying');
        failures = Math.min(failures + 1, 6);
        await timers.sleep(50 * 2 ** failures, signal);
      }
    }
  } finally {
    subscription.close();
  }
}

/**
 * Everything in the log after `from`, up to its end, in batches of at most `size` events. The log
 * may grow while it is read: a batch then ends after the end that was found first, and the position
 * never goes back (case E2).
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
  for await (const event of store.readAll(from, { types })) {
    events.push(event);
    if (events.length < size) continue;
    yield { events, position: (reached = event.position) };
    events = [];
  }
  const end = Math.max(head, reached, events.at(-1)?.position ?? 0);
  if (end > reached) yield { events, position: end };
}

/** The messages that continue from `from`, up to the first gap. */
function inOrder(messages: Msg[], from: number, types: Set<EventType>): Batch & { gap: boolean } {
  const events: AnyEvent[] = [];
  let position = from;
  for (const message of messages) {
    const at = logPositionOf(message);
    if (!at || at.position <= position) continue;
    if (at.previous !== position) return { events, position, gap: true };
    const type = typeOf(message);
    if (type && types.has(type)) {
      const event = eventOfMessage(message);
      if (!event) return { events, position, gap: true };
      events.push(event);
    }
    position = at.position;
  }
  return { events, position, gap: false };
}

/** Receives every message that the relay publishes from now on. */
function subscribe({ connection }: Nats, timers: Timers) {
  let buffer: Msg[] = [];
  let wake = () => {};
  const subscription = connection.subscribe(ALL_EVENTS, {
    callback: (error, message) => {
      if (error) return;
      if (buffer.length < BUFFER) buffer.push(message);
      wake();
    },
  });
  return {
    /** Up to `count` messages; waits for the first one up to `ms`. */
    async take(count: number, ms: number, signal: AbortSignal): Promise<Msg[]> {
      if (buffer.length === 0 && !signal.aborted) {
        const received = new AbortController();
        wake = () => received.abort();
        signal.addEventListener('abort', wake, { once: true });
        await timers.sleep(ms, received.signal);
        signal.removeEventListener('abort', wake);
        wake = () => {};
      }
      if (buffer.length <= count) {
        const all = buffer;
        buffer = [];
        return all;
      }
      return buffer.splice(0, count);
    },
    close: () => subscription.unsubscribe(),
  };
}
