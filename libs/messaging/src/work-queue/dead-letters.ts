import { JETSTREAM_STREAM, systemTimers, type AnyEvent, type Timers } from '@cliptally/contracts';
import { StorageType, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Log } from '../log.js';
import { eventOfMessage } from '../nats/message.js';
import type { Nats } from '../nats/connection.js';
import { ensureDurable, isNameInUse, take } from '../nats/streams.js';

/**
 * Keeps the server's advisories on messages that it delivers no more: after the last delivery they
 * count as neither pending nor in flight.
 */
export const DEAD_LETTER_STREAM = 'CLIPTALLY_GIVEN_UP';
export const DEAD_LETTER_DURABLE = 'given-up';
const ADVISORIES = ['MAX_DELIVERIES', 'MSG_TERMINATED'].map(
  (kind) => `$JS.EVENT.ADVISORY.CONSUMER.${kind}.${JETSTREAM_STREAM}`,
);
const KEPT_MS = 30 * 86_400_000;
const ACK_WAIT_MS = 30_000;
const RETRY_MS = 5_000;

/** The server's advisory on one message. */
interface Advisory {
  consumer: string;
  stream_seq: number;
  deliveries: number;
  /** Of a message that was terminated, if a reason was given. */
  reason?: string;
}

export interface DeadLetterOptions {
  nats: Nats;
  log: Log;
  /** Durable consumers whose messages are meant. */
  durables: readonly string[];
  /** Called once at least for each dead letter, and again if it fails; null if it is unreadable. */
  onDeadLetter: (event: AnyEvent | null, reason: string) => Promise<void>;
  timers?: Timers;
}

/**
 * Creates the stream and its durable consumer if they are missing. Call it before anything is taken
 * from the consumers.
 */
export async function ensureDeadLetters(
  { manager, replicas }: Nats,
  durables: readonly string[],
): Promise<void> {
  await manager.streams
    .add({
      name: DEAD_LETTER_STREAM,
      subjects: ADVISORIES.map((subject) => `${subject}.>`),
      storage: StorageType.File,
      max_age: nanos(KEPT_MS),
      max_bytes: 64 * 1024 ** 2,
      num_replicas: replicas,
    })
    .catch((error: unknown) => {
      // Somebody created it with other settings, which it keeps.
      if (!isNameInUse(error)) throw error;
    });
  await ensureDurable(manager, DEAD_LETTER_STREAM, DEAD_LETTER_DURABLE, {
    ack_wait: nanos(ACK_WAIT_MS),
    filter_subjects: ADVISORIES.flatMap((subject) =>
      durables.map((durable) => `${subject}.${durable}`),
    ),
  });
}

/** Calls `onDeadLetter` for each message that the server gives up, until `signal` aborts. */
export async function consumeDeadLetters(
  { nats, log, durables, onDeadLetter, timers = systemTimers }: DeadLetterOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await ensureDeadLetters(nats, durables);
      const consumer = await nats.client.consumers.get(DEAD_LETTER_STREAM, DEAD_LETTER_DURABLE);
      while (!signal.aborted)
        for await (const message of take(consumer, 10, signal))
          await handle(message, nats, log, onDeadLetter);
    } catch (error) {
      if (signal.aborted) return;
      log.warn(
        { durable: DEAD_LETTER_DURABLE, error: (error as Error).message },
        'pulling was interrupted',
      );
      await timers.sleep(RETRY_MS, signal);
    }
  }
}

async function handle(
  message: JsMsg,
  { manager }: Nats,
  log: Log,
  onDeadLetter: DeadLetterOptions['onDeadLetter'],
): Promise<void> {
  const { consumer, stream_seq: sequence, deliveries, reason } = message.json<Advisory>();
  const why = reason ?? `given up after ${deliveries} deliveries, none of which was answered`;
  try {
    const stored = await manager.streams.getMessage(JETSTREAM_STREAM, { seq: sequence });
    if (stored)
      await onDeadLetter(eventOfMessage({ headers: stored.header, data: stored.data }), why);
    else
      log.error(
        { durable: consumer, sequence, reason: why },
        'a dead letter is gone from the stream by now',
      );
    message.ack();
  } catch (error) {
    log.error(
      { durable: consumer, sequence, error: (error as Error).message },
      'a dead letter could not be recorded; it is delivered again',
    );
    message.nak(RETRY_MS);
  }
}
