import { ALL_EVENTS, JETSTREAM_STREAM } from '@cliptally/contracts';
import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';

export interface Nats {
  connection: NatsConnection;
  client: JetStreamClient;
  manager: JetStreamManager;
}

/** API level of nats-server 2.12; an older server ignores newer settings without a word. */
const API_LEVEL = 2;
/** JetStream's error code for a stream that exists with another configuration. */
const STREAM_NAME_IN_USE = 10058;

/** A configuration or environment fault that a person can mend; shown as one sentence. */
export class NatsUnusable extends Error {
  override readonly name = 'NatsUnusable';
  readonly expected = true;
}

/**
 * Connects to NATS and makes sure that the one stream exists. Reconnects for ever once connected: the log holds every
 * fact meanwhile. Throws {@link NatsUnusable} when nobody answers or the server is older than 2.12.
 */
export async function connectNats(url: string, name: string): Promise<Nats> {
  const connection = await connect({
    servers: url.split(','),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    timeout: 5_000,
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
      throw new NatsUnusable(`The NATS server at ${withoutSecrets(url)} is ${connection.info?.version}; version 2.12 or newer is needed.`);
    await ensureStream(manager);
    return { connection, client: jetstream(connection), manager };
  } catch (error) {
    await connection.close();
    if (error instanceof NatsUnusable) throw error;
    throw new NatsUnusable(
      `JetStream cannot be used at ${withoutSecrets(url)}: ${(error as Error).message}. Start nats-server with JetStream enabled (-js).`,
      { cause: error },
    );
  }
}

const withoutSecrets = (url: string) => url.replace(/\/\/[^@/]*@/g, '//');

/**
 * The stream is a copy of the log's newest part, bounded by size and never by age, so that its last message, which is
 * the relay's checkpoint, always stays. It syncs to disk lazily: whatever a power loss takes, the relay publishes again.
 */
export async function ensureStream(manager: JetStreamManager): Promise<void> {
  const config = {
    name: JETSTREAM_STREAM,
    subjects: [ALL_EVENTS],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_bytes: 2 * 1024 ** 3,
    // Order and uniqueness come from the expected sequence; a long window would only keep the relay from mending a lost tail.
    duplicate_window: nanos(1_000),
    allow_direct: true,
  };
  try {
    await manager.streams.add(config);
  } catch (error) {
    // Somebody made it with other settings: theirs stand.
    if (!(error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE)) throw error;
  }
}
