import { countListeners, systemTimers, type AnyEvent, type Timers } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { messageOf } from '../nats/message.js';
import type { Nats } from '../nats/connection.js';
import { Causes } from '../tracing/causes.js';
import { inPublishSpan } from '../tracing/message-spans.js';
import { exporting } from '../tracing/tracing.js';
import { checkEnd, type Checkpoint } from './checkpoint.js';

export interface PublisherOptions {
  store: EventStore;
  nats: Nats;
  /** Publishes under way at most; 256 by default. */
  window?: number;
  /** Called after each publish, for metrics; `seconds` of real time. */
  onPublished?: ((outcome: 'done' | 'failed', seconds: number) => void) | undefined;
  timers?: Timers;
}

export interface RelayState {
  /** Position of the last event that JetStream has acknowledged. */
  position: number;
  published: number;
  /**
   * How often the relay read JetStream's last message again, after a fault or another relay's
   * publish.
   */
  resynchronised: number;
}

/**
 * A relay with nothing to publish checks this often that JetStream still has what it was given:
 * nobody else would notice.
 */
const CHECK_MS = 2_000;

/**
 * Publishes the log after the checkpoint, in order, until `signal` aborts. Rejects if the server
 * refuses a publish, or does not hold what it was given.
 */
export async function publishFrom(
  at: Checkpoint,
  { store, nats, window = 256, onPublished = () => {}, timers = systemTimers }: PublisherOptions,
  signal: AbortSignal,
  state: RelayState,
): Promise<void> {
  const stop = new AbortController();
  const either = countListeners(AbortSignal.any([signal, stop.signal]));
  let underWay = 0;
  let burst: AnyEvent[] = [];
  let roomMade = () => {};
  let fault: Error | undefined;
  let { position, sequence } = at;
  const fail = (error: Error) => {
    fault ??= error;
    stop.abort();
  };
  const traced = exporting();
  const causes = new Causes(store);

  const publish = async (event: AnyEvent, previous: number, expected: number) => {
    const since = timers.now();
    try {
      const message = messageOf(event, previous, nats.connection.info?.max_payload ?? 1_048_576);
      const { subject, payload, headers } = message;
      const settings = { msgID: event.id, headers, expect: { lastSequence: expected } };
      const send = () => nats.client.publish(subject, payload, settings);
      const ack = await (traced ? inPublishSpan(event, subject, send) : send());
      if (ack.seq !== expected + 1)
        throw new Error(`event ${event.position} is at sequence ${ack.seq}, not ${expected + 1}`);
      state.position = Math.max(state.position, event.position);
      state.published++;
      onPublished('done', (timers.now() - since) / 1_000);
      if (traced) causes.published(event);
    } catch (error) {
      onPublished('failed', (timers.now() - since) / 1_000);
      fail(error as Error);
    }
    underWay--;
    roomMade();
  };
  // What comes within one turn of the event loop is published without a pause: the client sends it
  // as one write.
  const publishBurst = () => {
    for (const event of either.aborted ? [] : burst) {
      underWay++;
      void publish(event, position, sequence++);
      position = event.position;
    }
    burst = [];
    roomMade();
  };
  const untilAtMost = async (count: number) => {
    while (underWay + burst.length > count)
      await new Promise<void>((resolve) => {
        roomMade = resolve;
      });
  };
  const endChecking = timers.every(CHECK_MS, () => {
    if (underWay === 0) void checkEnd(nats, () => ({ position, sequence })).catch(fail);
  });

  try {
    for await (const event of store.subscribe(position, either)) {
      if (burst.push(event) === 1) void timers.turn().then(publishBurst);
      if (underWay + burst.length >= window) await untilAtMost(window / 2);
    }
  } finally {
    stop.abort();
    endChecking();
  }
  await untilAtMost(0);
  if (fault) throw fault;
}
