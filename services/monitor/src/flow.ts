import { JETSTREAM_STREAM, PLATFORMS, type Clock } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { logPositionOf, type Nats } from '@cliptally/messaging';

/** Durables that hand out looks, as the scraper makes them. */
export const CONSUMERS: readonly string[] = PLATFORMS.map((platform) => `scraper-${platform}`);
/** Prometheus waits ten seconds for all of /metrics. */
const ANSWER_MS = 2_000;

export interface ConsumerFlow {
  durable: string;
  /** Messages that nobody has been given yet. */
  pending: number;
  /** Messages that somebody has and has not acknowledged. */
  ackPending: number;
  ackLimit: number;
  /** Of those in `ackPending`, how many had been given before. */
  redelivered: number;
  /**
   * Age of the oldest message that is not acknowledged, by the world's clock; 0 where there is
   * none.
   */
  oldestSeconds: number;
}

/** How far what JetStream has, and hands out, is behind the log. */
export interface Flow {
  /** Position of the log's last event that JetStream has. */
  published: number;
  /** Age of the oldest event that JetStream does not have; 0 where it has all. */
  unpublishedSeconds: number;
  /** `maxBytes` is -1 where the stream has no limit. */
  stream: { bytes: number; maxBytes: number; messages: number };
  consumers: ConsumerFlow[];
}

export interface FlowParts {
  store: EventStore;
  nats: Nats;
  clock: Clock;
}

/**
 * Asked from outside the relay and the scraper, so that it is known while they are down. Null where
 * JetStream does not answer.
 */
export async function flowAt(parts: FlowParts, head: number): Promise<Flow | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ANSWER_MS)));
  const asked = ask(parts, head).catch(() => null);
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

async function ask({ store, nats: { manager }, clock }: FlowParts, head: number): Promise<Flow> {
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

  const consumers: ConsumerFlow[] = [];
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
