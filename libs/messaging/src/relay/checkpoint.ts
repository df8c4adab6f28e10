import { ALL_EVENTS, JETSTREAM_STREAM } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { Nats } from '../nats/connection.js';
import { logPositionOf } from '../nats/message.js';

/** The end of the JetStream stream: the relay's checkpoint. */
export interface Checkpoint {
  position: number;
  sequence: number;
  /** Null while nothing was published. */
  last: ReturnType<typeof logPositionOf>;
}

/** Whether the event that JetStream ends with is in this log. */
export async function holds(
  store: EventStore,
  { id, position, previous }: NonNullable<Checkpoint['last']>,
): Promise<boolean> {
  for await (const event of store.readAll(previous, { limit: 1 }))
    return event.id === id && event.position === position;
  return false;
}

/**
 * Another relay may publish between the two reads. The sequence is then that of the message, or the
 * relay would expect an older one, and its second publish would take the place of its first. The
 * stream's own is later only if somebody deleted its end.
 */
export async function lastPublished({ manager }: Nats): Promise<Checkpoint> {
  const { state } = await manager.streams.info(JETSTREAM_STREAM);
  if (state.messages === 0) return { position: 0, sequence: state.last_seq, last: null };
  const last = await manager.streams.getMessage(JETSTREAM_STREAM, { last_by_subj: ALL_EVENTS });
  const at = last && logPositionOf({ headers: last.header, data: last.data });
  if (!at)
    throw new Error(
      `The last message of the stream ${JETSTREAM_STREAM} was not published by a relay.`,
    );
  return { position: at.position, sequence: Math.max(last.seq, state.last_seq), last: at };
}

/**
 * Whether JetStream still ends with what it was `given`; rejects if not. A publish that begins
 * meanwhile leaves it open.
 */
export async function checkEnd(
  nats: Nats,
  given: () => Pick<Checkpoint, 'position' | 'sequence'>,
): Promise<void> {
  const { sequence } = given();
  const found = await lastPublished(nats);
  const { position, ...now } = given();
  if (now.sequence !== sequence) return;
  if (found.sequence !== sequence || found.position !== position)
    throw new Error(`JetStream ends with position ${found.position}, and it was given ${position}`);
}
