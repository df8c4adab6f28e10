import {
  ALL_EVENTS,
  JETSTREAM_STREAM,
  countListeners,
  systemTimers,
  type AnyEvent,
  type Timers,
} from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { PubAck } from '@nats-io/jetstream';
import type { Log } from '../log.js';
import { logPositionOf, messageOf, type EventMessage } from '../nats/message.js';
import { ensureStream } from '../nats/streams.js';
import type { Nats } from '../nats/connection.js';
import {
  EVENT_SUBJECTS,
  SpanKind,
  exporting,
  inSpan,
  spanOf,
  workSpanOf,
} from '../tracing/tracing.js';

export interface RelayOptions {
  store: EventStore;
  nats: Nats;
  log: Log;
  /** Publishes under way at most; 256 by default. */
  window?: number;
  /** Called after each publish, for metrics; `seconds` of real time. */
  onPublished?: ((outcome: 'done' | 'failed', seconds: number) => void) | undefined;
  timers?: Timers;
}

export interface RelayState {
  /** Position of the last event that JetStream has acknowledged. */
  position: number;
  published: number;
  /**
   * How often the relay read JetStream's last message again, after a fault or another relay's
   * publish.
   */
  resynchronised: number;
}

const RETRY_FROM_MS = 50;
const RETRY_TO_MS = 2_000;
/**
 * A relay with nothing to publish checks this often that JetStream still has what it was given:
 * nobody else would notice.
 */
const CHECK_MS = 2_000;

/**
 * Publishes the log on the one JetStream stream, in order. Its checkpoint is the last message
 * there: each publish expects the sequence before it, so a gap, a repetition or a second relay
 * makes the server refuse, and the relay reads the last message again. It retries until `signal`
 * aborts: no fact may stay unpublished.
 */
export async function runRelay(
  { store, nats, log, window = 256, onPublished = () => {}, timers = systemTimers }: RelayOptions,
  signal: AbortSignal,
  state: RelayState = newRelayState(),
): Promise<void> {
  for (let pause = RETRY_FROM_MS; !signal.aborted; pause = Math.min(pause * 2, RETRY_TO_MS)) {
    try {
      await ensureStream(nats.manager, nats.replicas);
      const at = await lastPublished(nats);
      if (at.last && !(await holds(store, at.last)))
        throw new Error(
          `JetStream ends with an event that is not in this log at position ${at.position}: it belongs to another log. Delete the stream ${JETSTREAM_STREAM} or connect to the right database.`,
        );
      state.position = at.position;
      const before = state.published;
      await publishFrom(at, { store, nats, log, window, onPublished, timers }, signal, state);
      if (state.published > before) pause = RETRY_FROM_MS;
    } catch (error) {
      if (signal.aborted) return;
      log.warn(
        { error: (error as Error).message },
        'relay: publishing was interrupted; reading the last message of JetStream again',
      );
    }
    if (signal.aborted) return;
    state.resynchronised++;
    await timers.sleep(pause, signal);
  }
}

export const newRelayState = (): RelayState => ({ position: 0, published: 0, resynchronised: 0 });

/** The end of the JetStream stream: the relay's checkpoint. */
interface Checkpoint {
  position: number;
  sequence: number;
  /** Null while nothing was published. */
  last: ReturnType<typeof logPositionOf>;
}

async function holds(
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
async function lastPublished({ manager }: Nats): Promise<Checkpoint> {
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

async function publishFrom(
  at: Checkpoint,
  {
    store,
    nats,
    window,
    onPublished = () => {},
    timers,
  }: RelayOptions & { window: number; timers: Timers },
  signal: AbortSignal,
  state: RelayState,
): Promise<void> {
  const stop = new AbortController();
  const either = countListeners(AbortSignal.any([signal, stop.signal]));
  let underWay = 0;
  let burst: AnyEvent[] = [];
  let roomMade = () => {};
  let fault: Error | undefined;
  let { position, sequence } = at;
  const fail = (error: Error) => {
    fault ??= error;
    stop.abort();
  };
  const traced = exporting()
    ? inPublishSpan
    : (_: AnyEvent, __: EventMessage, send: () => Promise<PubAck>) => send();

  const publish = async (event: AnyEvent, previous: number, expected: number) => {
    const since = timers.now();
    try {
      const message = messageOf(event, previous, nats.connection.info?.max_payload ?? 1_048_576);
      const { subject, payload, headers } = message;
      const ack = await traced(event, message, () =>
        nats.client.publish(subject, payload, {
          msgID: event.id,
          headers,
          expect: { lastSequence: expected },
        }),
      );
      if (ack.seq !== expected + 1)
        throw new Error(`event ${event.position} is at sequence ${ack.seq}, not ${expected + 1}`);
      state.position = Math.max(state.position, event.position);
      state.published++;
      onPublished('done', (timers.now() - since) / 1_000);
    } catch (error) {
      onPublished('failed', (timers.now() - since) / 1_000);
      fail(error as Error);
    }
    underWay--;
    roomMade();
  };
  // What comes within one turn of the event loop is published without a pause: the client sends it
  // as one write.
  const publishBurst = () => {
    for (const event of either.aborted ? [] : burst) {
      underWay++;
      void publish(event, position, sequence++);
      position = event.position;
    }
    burst = [];
    roomMade();
  };
  const untilAtMost = async (count: number) => {
    while (underWay + burst.length > count)
      await new Promise<void>((resolve) => {
        roomMade = resolve;
      });
  };
  const check = async () => {
    const before = { position, sequence };
    if (underWay > 0) return;
    const found = await lastPublished(nats).catch((error: Error) => error);
    if (found instanceof Error) fail(found);
    else if (
      sequence === before.sequence &&
      (found.sequence !== sequence || found.position !== position)
    )
      fail(
        new Error(`JetStream ends with position ${found.position}, and it was given ${position}`),
      );
  };
  const endChecking = timers.every(CHECK_MS, () => void check());

  try {
    for await (const event of store.subscribe(position, either)) {
      if (burst.push(event) === 1) void timers.turn().then(publishBurst);
      if (underWay + burst.length >= window) await untilAtMost(window / 2);
    }
  } finally {
    stop.abort();
    endChecking();
  }
  await untilAtMost(0);
  if (fault) throw fault;
}

/**
 * The publishing of an event is its span: the parent of what follows from the event, and a child of
 * the work that wrote it.
 */
function inPublishSpan(
  event: AnyEvent,
  { subject }: EventMessage,
  send: () => Promise<PubAck>,
): Promise<PubAck> {
  const { id, type, stream, position } = event;
  const attributes = {
    'messaging.system': 'nats',
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    'messaging.destination.name': subject,
    'messaging.destination.template': EVENT_SUBJECTS,
    'messaging.message.id': id,
    'cliptally.stream': stream,
    'cliptally.position': position,
  };
  // An event that is its own cause begins a trace.
  const parent = event.correlationId === id ? null : workSpanOf(event, stream);
  return inSpan(
    `publish ${type}`,
    { at: spanOf(event), parent, kind: SpanKind.PRODUCER, attributes },
    send,
  );
}
