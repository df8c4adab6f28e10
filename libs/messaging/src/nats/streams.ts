import { ALL_EVENTS, JETSTREAM_STREAM } from '@cliptally/contracts';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type Consumer,
  type ConsumerUpdateConfig,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

/**
 * JetStream's error codes: for a durable that does not exist, and for a stream that exists with
 * another configuration.
 */
const CONSUMER_NOT_FOUND = 10014;
const STREAM_NAME_IN_USE = 10058;
export const isNameInUse = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE;
/**
 * For a write that expected another last message of the stream or the subject; a cluster answers
 * with the second while the first write is under way.
 */
const WRONG_LAST_SEQUENCE = [10071, 10164];
export const isWrongLastSequence = (error: unknown): boolean =>
  WRONG_LAST_SEQUENCE.includes((error as { code?: number }).code ?? 0);

/**
 * The stream is a copy of the log's newest part, bounded by size and never by age, so that its last
 * message, which is the relay's checkpoint, always stays. It syncs to disk lazily: whatever a power
 * loss takes, the relay publishes again.
 */
export async function ensureStream(manager: JetStreamManager, replicas = 1): Promise<void> {
  const config = {
    name: JETSTREAM_STREAM,
    subjects: [ALL_EVENTS],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_bytes: 2 * 1024 ** 3,
    // Order and uniqueness come from the expected sequence; a long window would only keep the relay
    // from mending a lost tail.
    duplicate_window: nanos(1_000),
    allow_direct: true,
    num_replicas: replicas,
  };
  try {
    await manager.streams.add(config);
  } catch (error) {
    if (!isNameInUse(error)) throw error;
    // Somebody created it with other settings: it keeps them, and only gets the missing copies.
    if (replicas === 1) return;
    const { config: theirs } = await manager.streams.info(JETSTREAM_STREAM);
    if (theirs.num_replicas < replicas)
      await manager.streams.update(JETSTREAM_STREAM, { num_replicas: replicas });
  }
}

/** Creates the durable, or brings it to these settings; its position in the stream stays. */
export async function ensureDurable(
  { consumers }: JetStreamManager,
  stream: string,
  durable: string,
  settings: Partial<ConsumerUpdateConfig>,
): Promise<void> {
  try {
    await consumers.info(stream, durable);
    await consumers.update(stream, durable, settings);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND)) throw error;
    await consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ...settings,
    });
  }
}

const FETCH_MS = 5_000;

/**
 * Waits some seconds for messages, and yields at most `most`; none any more after `signal` aborts.
 */
export async function* take(
  consumer: Consumer,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<JsMsg> {
  const messages = await consumer.fetch({ max_messages: most, expires: FETCH_MS });
  const stop = () => void messages.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    yield* messages;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
