import { JETSTREAM_STREAM, systemTimers, type AnyEvent, type Timers } from '@cliptally/contracts';
import { StorageType, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Log } from './log.js';
import { eventOfMessage } from './message.js';
import { ensureDurable, isNameInUse, take, type Nats } from './nats.js';

/**
 * Keeps what the server says of messages that it hands out no more: past the last delivery they
 * count as neither pending nor in flight.
 */
export const GIVEN_UP_STREAM = 'CLIPTALLY_GIVEN_UP';
export const GIVEN_UP_DURABLE = 'given-up';
const ADVISORIES = ['MAX_DELIVERIES', 'MSG_TERMINATED'].map(
  (kind) => `$JS.EVENT.ADVISORY.CONSUMER.${kind}.${JETSTREAM_STREAM}`,
);
const KEPT_MS = 30 * 86_400_000;
const ACK_WAIT_MS = 30_000;
const RETRY_MS = 5_000;

/** What the server says of one message. */
interface Advisory {
  consumer: string;
  stream_seq: number;
  deliveries: number;
  /** Of a message that was terminated, where it was said. */
  reason?: string;
}

export interface GivenUpOptions {
  nats: Nats;
  log: Log;
  /** Consumers whose messages are meant. */
  durables: readonly string[];
  /** Must do nothing for a message that it was told of before; when it fails, it is told again. */
  onGivenUp: (event: AnyEvent | null, reason: string) => Promise<void>;
  timers?: Timers;
}

/**
 * Makes the stream and its durable where they are missing. To be done before anything is taken from
 * the consumers.
 */
export async function ensureGivenUp(
  { manager, replicas }: Nats,
  durables: readonly string[],
): Promise<void> {
  await manager.streams
    .add({
      name: GIVEN_UP_STREAM,
      subjects: ADVISORIES.map((subject) => `${subject}.>`),
      storage: StorageType.File,
      max_age: nanos(KEPT_MS),
      max_bytes: 64 * 1024 ** 2,
      num_replicas: replicas,
    })
    .catch((error: unknown) => {
      // Somebody made it with other settings: theirs stand.
      if (!isNameInUse(error)) throw error;
    });
  await ensureDurable(manager, GIVEN_UP_STREAM, GIVEN_UP_DURABLE, {
    ack_wait: nanos(ACK_WAIT_MS),
    filter_subjects: ADVISORIES.flatMap((subject) =>
      durables.map((durable) => `${subject}.${durable}`),
    ),
  });
}

/** Tells of each message that the server has given up, once at least, until `signal` aborts. */
export async function followGivenUp(
  { nats, log, durables, onGivenUp, timers = systemTimers }: GivenUpOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await ensureGivenUp(nats, durables);
      const consumer = await nats.client.consumers.get(GIVEN_UP_STREAM, GIVEN_UP_DURABLE);
      while (!signal.aborted)
        for await (const message of take(consumer, 10, signal))
          await tell(message, nats, log, onGivenUp);
    } catch (error) {
      if (signal.aborted) return;
      log.warn(
        { durable: GIVEN_UP_DURABLE, error: (error as Error).message },
        'pulling was interrupted',
      );
      await timers.sleep(RETRY_MS, signal);
    }
  }
}

async function tell(
  message: JsMsg,
  { manager }: Nats,
  log: Log,
  onGivenUp: GivenUpOptions['onGivenUp'],
): Promise<void> {
  const { consumer, stream_seq: sequence, deliveries, reason } = message.json<Advisory>();
  const why = reason ?? `given up after ${deliveries} deliveries, none of which was answered`;
  try {
    const stored = await manager.streams.getMessage(JETSTREAM_STREAM, { seq: sequence });
    if (stored) await onGivenUp(eventOfMessage({ headers: stored.header, data: stored.data }), why);
    else
      log.error(
        { durable: consumer, sequence, reason: why },
        'a message was given up, and is gone from the stream by now',
      );
    message.ack();
  } catch (error) {
    log.error(
      { durable: consumer, sequence, error: (error as Error).message },
      'a dead letter could not be recorded; it comes again',
    );
    message.nak(RETRY_MS);
  }
}
