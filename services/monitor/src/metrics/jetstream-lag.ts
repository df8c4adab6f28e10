import { JETSTREAM_STREAM, PLATFORMS, scraperDurable, type Clock } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { logPositionOf, type Nats } from '@cliptally/messaging';

export const CONSUMERS: readonly string[] = PLATFORMS.map(scraperDurable);
/** Prometheus waits ten seconds for all of /metrics. */
const ANSWER_MS = 2_000;

export interface ConsumerLag {
  durable: string;
  /** Messages not delivered yet. */
  pending: number;
  ackPending: number;
  ackLimit: number;
  /** Of `ackPending`. */
  redelivered: number;
  /** Age of the oldest message that is not acknowledged; 0 if there is none. */
  oldestSeconds: number;
}

/** How far JetStream and its consumers are behind the log. */
export interface JetStreamLag {
  /** Position of the log's last event that JetStream has. */
  published: number;
  /** Age of the oldest event that JetStream does not have; 0 if it has all. */
  unpublishedSeconds: number;
  /** `maxBytes` is -1 without a limit. */
  stream: { bytes: number; maxBytes: number; messages: number };
  consumers: ConsumerLag[];
}

export interface LagParts {
  store: EventStore;
  nats: Nats;
  clock: Clock;
}

/**
 * Read from outside the relay and the scraper, so that it is known while they are down. Null if
 * JetStream does not answer.
 */
export async function lagAt(parts: LagParts, head: number): Promise<JetStreamLag | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ANSWER_MS)));
  const answer = readLag(parts, head).catch(() => null);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

async function readLag(
  { store, nats: { manager }, clock }: LagParts,
  head: number,
): Promise<JetStreamLag> {
  const now = clock.now().getTime();
  const age = (time: string) => Math.max(0, now - Date.parse(time)) / 1000;
  const { state, config } = await manager.streams.info(JETSTREAM_STREAM);
  const last =
    state.messages > 0
      ? await manager.streams.getMessage(JETSTREAM_STREAM, { seq: state.last_seq })
      : null;
  const published =
    (last && logPositionOf({ headers: last.header, data: last.data })?.position) ?? 0;
  let unpublishedSeconds = 0;
  if (head > published)
    for await (const { time } of store.readAll(published, { limit: 1 }))
      unpublishedSeconds = age(time);

  const consumers: ConsumerLag[] = [];
  for await (const info of manager.consumers.list(JETSTREAM_STREAM)) {
    if (!CONSUMERS.includes(info.name)) continue;
    const {
      num_pending: pending,
      num_ack_pending: ackPending,
      num_redelivered: redelivered,
      ack_floor,
    } = info;
    const oldest =
      pending + ackPending > 0
        ? await manager.direct.getMessage(JETSTREAM_STREAM, {
            seq: ack_floor.stream_seq + 1,
            next_by_subj: info.config.filter_subject!,
          })
        : null;
    const oldestSeconds = oldest ? age(oldest.header.get('ce-time')) : 0;
    consumers.push({
      durable: info.name,
      pending,
      ackPending,
      ackLimit: info.config.max_ack_pending ?? -1,
      redelivered,
      oldestSeconds,
    });
  }
  return {
    published,
    unpublishedSeconds,
    stream: { bytes: state.bytes, maxBytes: config.max_bytes, messages: state.messages },
    consumers,
  };
}
