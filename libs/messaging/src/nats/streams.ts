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
import { PermissionViolationError, nanos } from '@nats-io/transport-node';
import { NatsUnusable } from './unusable.js';

/** JetStream's error codes: for what does not exist, and for what another has made meanwhile. */
const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const STREAM_NAME_IN_USE = 10058;
/** For a stream that may grow beyond what is free of the server's store, or of the account's. */
const NO_ROOM = [10047, 10028];
const MIB = 1024 ** 2;
/** JetStream reserves the limit of a stream: a small disk gets a shorter copy of the log. */
const SIZES_MIB = [2048, 1024, 512, 256, 128, 64];

export const isThere = ({ streams }: JetStreamManager, name: string): Promise<boolean> =>
  streams
    .info(name)
    .catch(unlessMissing(STREAM_NOT_FOUND))
    .then((found) => found !== null);

const has = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

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
  const { streams } = manager;
  const found = await streams.info(JETSTREAM_STREAM).catch(unlessMissing(STREAM_NOT_FOUND));
  const copies = { num_replicas: replicas };
  if (!found) await makeMissing(`stream ${JETSTREAM_STREAM}`, () => addFitting(manager, replicas));
  // Somebody created it with other settings: it keeps them, and only gets the missing copies.
  else if (replicas > 1 && found.config.num_replicas < replicas)
    await streams.update(JETSTREAM_STREAM, copies);
}

/** With the largest limit that the server's store has room for. */
async function addFitting({ streams }: JetStreamManager, num_replicas: number): Promise<void> {
  for (const mib of SIZES_MIB) {
    try {
      await streams.add({ ...CONFIG, max_bytes: mib * MIB, num_replicas });
      return;
    } catch (error) {
      if (!NO_ROOM.some((code) => has(error, code))) throw error;
      if (mib !== SIZES_MIB.at(-1)) continue;
      throw new NatsUnusable(
        `JetStream has less than the ${mib} MiB free that the stream ${JETSTREAM_STREAM} needs at least. Give NATS a larger disk, or raise max_file_store.`,
        { cause: error },
      );
    }
  }
}

const CONFIG = {
  name: JETSTREAM_STREAM,
  subjects: [ALL_EVENTS],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  // Order and uniqueness come from the expected sequence; a long window would only keep the relay
  // from mending a lost tail.
  duplicate_window: nanos(1_000),
  allow_direct: true,
};

/** Settings that a durable consumer may get while it keeps its position. */
export type DurableSettings = Pick<
  ConsumerUpdateConfig,
  'filter_subject' | 'max_ack_pending' | 'ack_wait' | 'max_deliver'
>;

/** Creates the durable, or brings it to these settings; its position in the stream stays. */
export async function ensureDurable(
  { consumers }: JetStreamManager,
  durable: string,
  settings: DurableSettings,
): Promise<void> {
  const what = `durable consumer ${durable}`;
  const found = await consumers
    .info(JETSTREAM_STREAM, durable)
    .catch(unlessMissing(CONSUMER_NOT_FOUND));
  if (!found)
    await makeMissing(what, () =>
      consumers.add(JETSTREAM_STREAM, {
        durable_name: durable,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
        ...settings,
      }),
    );
  else if (!isSubset(settings, found.config))
    await orMigrate(`The ${what} has other settings`, () =>
      consumers.update(JETSTREAM_STREAM, durable, settings),
    );
}

const isSubset = (settings: object, of: object): boolean =>
  Object.entries(settings).every(
    ([name, value]) => (of as Record<string, unknown>)[name] === value,
  );

const unlessMissing =
  (code: number) =>
  (error: unknown): null => {
    if (has(error, code)) return null;
    throw error;
  };

/** Makes what is missing; in vain if another does so at the same moment, which is as good. */
export const makeMissing = (what: string, make: () => Promise<unknown>): Promise<void> =>
  orMigrate(`The ${what} is missing`, () =>
    make().catch((error: unknown) => {
      if (!has(error, STREAM_NAME_IN_USE)) throw error;
    }),
  );

/** What a service's own user may not do, the operators' command does for it. */
async function orMigrate(fault: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof PermissionViolationError)) throw error;
    throw new NatsUnusable(
      `${fault}, and this user may not change it: run tools/ops/dist/main.js migrate with NATS_URL, and with MAX_ACK_PENDING and ACK_WAIT as the scraper has them.`,
      { cause: error },
    );
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
