import { JETSTREAM_STREAM, type AnyEvent } from '@cliptally/contracts';
import { eventOfMessage, logPositionOf, type Nats } from '@cliptally/messaging';

const WITHIN_MS = 30_000;

/** Messages of others that are passed over at most. */
const PASSED_OVER = 1_000;

/** Position of the newest event in JetStream; what is behind it and is no event is passed over. */
export async function publishedUpTo({ manager }: Nats): Promise<number> {
  const { state } = await manager.streams.info(JETSTREAM_STREAM);
  const oldest = Math.max(state.first_seq, state.last_seq - PASSED_OVER);
  for (let seq = state.last_seq; state.messages > 0 && seq >= oldest; seq--) {
    const found = await manager.streams.getMessage(JETSTREAM_STREAM, { seq });
    const at = found && logPositionOf({ headers: found.header, data: found.data });
    if (at) return at.position;
  }
  return 0;
}

/** Every event in JetStream, in its order; what is no event is left out. */
export async function published({ client, manager }: Nats): Promise<AnyEvent[]> {
  const { state } = await manager.streams.info(JETSTREAM_STREAM);
  const events: AnyEvent[] = [];
  if (state.messages === 0) return events;
  const { name } = await manager.consumers.add(JETSTREAM_STREAM, { ack_policy: 'none' });
  try {
    const consumer = await client.consumers.get(JETSTREAM_STREAM, name);
    for (let at = 0; at < state.last_seq;) {
      const before = at;
      for await (const message of await consumer.fetch({
        max_messages: 1_000,
        expires: WITHIN_MS,
      })) {
        const event = logPositionOf(message) ? eventOfMessage(message) : null;
        if (event) events.push(event);
        at = message.seq;
        if (at >= state.last_seq) break;
      }
      if (at === before) throw new Error(`JetStream gives no message after ${at}.`);
    }
    return events;
  } finally {
    await manager.consumers.delete(JETSTREAM_STREAM, name);
  }
}
