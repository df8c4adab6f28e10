import { ALL_EVENTS, JETSTREAM_STREAM } from '@cliptally/contracts';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstream,
  jetstreamManager,
  type Consumer,
  type ConsumerUpdateConfig,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';

export interface Nats {
  connection: NatsConnection;
  client: JetStreamClient;
  manager: JetStreamManager;
  /** Servers of the cluster that keep a copy of what is stored, each. */
  replicas: number;
}

/** API level of nats-server 2.12; an older server ignores newer settings without a word. */
const API_LEVEL = 2;
/**
 * JetStream's error codes: for a durable that is not there, and for a stream that exists with
 * another configuration.
 */
const CONSUMER_NOT_FOUND = 10014;
const STREAM_NAME_IN_USE = 10058;
export const isNameInUse = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE;
/**
 * For a write that expected another last message of the stream or the subject; a cluster says the
 * second where the first write is still on its way.
 */
const WRONG_LAST_SEQUENCE = [10071, 10164];
export const isWrongLastSequence = (error: unknown): boolean =>
  WRONG_LAST_SEQUENCE.includes((error as { code?: number }).code ?? 0);

/** A configuration or environment fault that a person can mend; shown as one sentence. */
export class NatsUnusable extends Error {
  override readonly name = 'NatsUnusable';
  readonly expected = true;
}

/**
 * Connects to NATS and makes sure that the one stream exists, on `replicas` servers of a cluster at
 * least. Reconnects for ever once connected: the log holds every fact meanwhile. `url` names one
 * server or several with commas between them, and may hold user and password. Answers come on
 * subjects of this name's own (`_INBOX_relay.>`), so that a user need not be allowed to hear those
 * of others. Throws {@link NatsUnusable} when nobody answers or the server is older than 2.12.
 */
export async function connectNats(url: string, name: string, replicas = 1): Promise<Nats> {
  const connection = await connect({
    ...serversOf(url),
    name,
    inboxPrefix: `_INBOX_${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    timeout: 5_000,
    // Each publish and each look into a bucket is a request: where it was made from would be
    // written down for every one of them.
    noAsyncTraces: true,
  }).catch((error: unknown) => {
    throw new NatsUnusable(
      `No NATS server answers at ${withoutSecrets(url)} (${(error as Error).message}). Start one, or set NATS_URL to where it listens.`,
      { cause: error },
    );
  });
  try {
    const manager = await jetstreamManager(connection);
    const level = (await manager.getAccountInfo()).api.level ?? 0;
    if (level < API_LEVEL)
      throw new NatsUnusable(
        `The NATS server at ${withoutSecrets(url)} is ${connection.info?.version}; version 2.12 or newer is needed.`,
      );
    await ensureStream(manager, replicas);
    return { connection, client: jetstream(connection), manager, replicas };
  } catch (error) {
    await connection.close();
    if (error instanceof NatsUnusable) throw error;
    throw new NatsUnusable(
      `JetStream cannot be used at ${withoutSecrets(url)}: ${(error as Error).message}. Start nats-server with JetStream enabled (-js).`,
      { cause: error },
    );
  }
}

/** The client takes user and password beside the addresses, never from them. */
export function serversOf(url: string): { servers: string[]; user?: string; pass?: string } {
  const servers = url
    .split(',')
    .map((server) => new URL(server.includes('://') ? server : `nats://${server}`));
  const known = servers.find(({ username }) => username !== '');
  return {
    servers: servers.map(({ protocol, host }) => `${protocol}//${host}`),
    ...(known && {
      user: decodeURIComponent(known.username),
      pass: decodeURIComponent(known.password),
    }),
  };
}

/**
 * What keeps the server from answering, as a sentence; null while it does. While the connection is
 * being made again it waits.
 */
export const natsFault = ({ connection }: Nats): Promise<string | null> =>
  connection.isClosed()
    ? Promise.resolve('the connection is closed')
    : connection.rtt().then(() => null);

const withoutSecrets = (url: string) => url.replace(/\/\/[^@/]*@/g, '//');

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
    // Somebody made it with other settings: theirs stand, but for copies that are missing.
    if (replicas === 1) return;
    const { config: theirs } = await manager.streams.info(JETSTREAM_STREAM);
    if (theirs.num_replicas < replicas)
      await manager.streams.update(JETSTREAM_STREAM, { num_replicas: replicas });
  }
}

/** Creates the durable, or brings it to these settings; its place in the stream stays. */
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
 * Waits some seconds for messages, and gives at most `most`; takes none any more once `signal`
 * aborts.
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
