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

/** Messages that are no relay's and are passed over at most. */
const PASSED_OVER = 1_000;

/**
 * The last message that a relay has published. What others have left behind it is passed over: it
 * says no position, so nobody takes it for an event.
 *
 * Another relay may publish between the two reads. The sequence is then that of the message, or the
 * relay would expect an older one, and its second publish would take the place of its first. The
 * stream's own is later only if somebody deleted its end.
 */
export async function lastPublished({ manager }: Nats): Promise<Checkpoint> {
  const { state } = await manager.streams.info(JETSTREAM_STREAM);
  if (state.messages === 0) return { position: 0, sequence: state.last_seq, last: null };
  const newest = await manager.streams.getMessage(JETSTREAM_STREAM, { last_by_subj: ALL_EVENTS });
  const sequence = Math.max(newest?.seq ?? 0, state.last_seq);
  const oldest = Math.max(state.first_seq, sequence - PASSED_OVER);
  let message = newest;
  for (let seq = newest?.seq ?? state.last_seq; ;) {
    const last = message && logPositionOf({ headers: message.header, data: message.data });
    if (last) return { position: last.position, sequence, last };
    if (--seq < oldest) break;
    message = await manager.streams.getMessage(JETSTREAM_STREAM, { seq });
  }
  if (oldest === state.first_seq) return { position: 0, sequence, last: null };
  throw new Error(
    `None of the last ${PASSED_OVER} messages of the stream ${JETSTREAM_STREAM} was published by a relay. Delete the stream: the relay fills it again from the log.`,
  );
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
