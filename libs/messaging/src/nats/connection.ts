import {
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ensureStream } from './streams.js';
import { NatsUnusable } from './unusable.js';

export interface Nats {
  connection: NatsConnection;
  client: JetStreamClient;
  manager: JetStreamManager;
  /** Servers of the cluster that keep a copy of what is stored, each. */
  replicas: number;
}

/**
 * A server that leaves two of these unanswered is gone, and another connection is made. By default
 * the client notices after six minutes, in which nothing is published and no scrape is taken.
 */
const PING = { pingInterval: 5_000, maxPingOut: 2 };

/** API level of nats-server 2.12; an older server ignores newer settings without a word. */
const API_LEVEL = 2;

/**
 * Connects to NATS and makes sure that the one stream exists, on `replicas` servers of a cluster at
 * least. Reconnects for ever once connected: the log holds every fact meanwhile. `url` names one
 * server or several with commas between them, and may hold user and password. Answers come on
 * subjects of this name's own (`_INBOX_relay.>`), so that a user needs no right to receive
 * those of others. Throws {@link NatsUnusable} if nobody answers or the server is older than 2.12.
 */
export async function connectNats(url: string, name: string, replicas = 1): Promise<Nats> {
  const connection = await connect({
    ...serversOf(url),
    name,
    inboxPrefix: `_INBOX_${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    timeout: 5_000,
    ...PING,
    // Each publish and each read of a bucket is a request: the client would keep a stack trace for
    // every one of them.
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
    const hint = isDisabled(error) ? ' Start nats-server with JetStream enabled (-js).' : '';
    throw new NatsUnusable(
      `JetStream cannot be used at ${withoutSecrets(url)}: ${(error as Error).message}.${hint}`,
      { cause: error },
    );
  }
}

/** Of the server, or of this user's account. */
const isDisabled = (error: unknown): boolean =>
  (error as Error).name === 'JetStreamNotEnabled' ||
  (error instanceof JetStreamApiError && [10039, 10076].includes(error.code));

/** The client takes user and password beside the addresses, never from them. */
export function serversOf(url: string): {
  servers: string[];
  tls?: object;
  user?: string;
  pass?: string;
} {
  const servers = url
    .split(',')
    .map((server) => new URL(server.includes('://') ? server : `nats://${server}`));
  const known = servers.find(({ username }) => username !== '');
  return {
    servers: servers.map(({ protocol, host }) => `${protocol}//${host}`),
    // By itself the client takes the protocol for a name, and sends a password in plain text.
    ...(servers.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
    ...(known && {
      user: decodeURIComponent(known.username),
      pass: decodeURIComponent(known.password),
    }),
  };
}

/** A shorter outage makes nobody unready: the client connects again, and a restart takes longer. */
export const NATS_GRACE_MS = 10_000;
const ANSWER_MS = 1_000;
const lastAnswers = new WeakMap<NatsConnection, number>();

/**
 * What keeps the server from answering, as a sentence; null while it does, and for ten seconds
 * after its last answer.
 */
export async function natsFault(
  { connection }: Pick<Nats, 'connection'>,
  now: () => number = () => performance.now(),
): Promise<string | null> {
  if (connection.isClosed()) return 'the connection is closed';
  if (await answers(connection)) lastAnswers.set(connection, now());
  const silent = now() - (lastAnswers.get(connection) ?? -Infinity);
  return silent < NATS_GRACE_MS ? null : 'no answer for over ten seconds';
}

/** While the connection is being made again the client waits. */
async function answers(connection: NatsConnection): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>(
    (resolve) => (timer = setTimeout(() => resolve(false), ANSWER_MS)),
  );
  const answered = connection.rtt().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

const withoutSecrets = (url: string) => url.replace(/\/\/[^@/]*@/g, '//');
