import { subjectOf, upcast, type AnyEvent } from '@cliptally/contracts';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { traceparentOf } from '../tracing/tracing.js';

/**
 * Headers beside the CloudEvents attributes (binary mode: attributes as `ce-` headers, data as the
 * payload).
 */
const POSITION = 'ce-position';
const PREVIOUS = 'ce-previousposition';
/**
 * Set if the event is too large for a message: the payload is empty, and the reader gets the event
 * from the store.
 */
const IN_STORE = 'ce-instore';

export interface EventMessage {
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs;
}

/**
 * The message that carries `event`; `previous` is the position of the event before it in the log.
 */
export function messageOf(event: AnyEvent, previous: number, maxPayload: number): EventMessage {
  const hdrs = headers();
  const attributes: Record<string, string | number> = {
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-source': '/cliptally',
    'ce-type': `cliptally.${event.type}`,
    'ce-time': event.time,
    'ce-subject': event.stream,
    'ce-datacontenttype': 'application/json',
    'ce-dataversion': event.version,
    'ce-revision': event.revision,
    [POSITION]: event.position,
    [PREVIOUS]: previous,
    'ce-correlationid': encodeURIComponent(event.correlationId),
    'ce-causationid': encodeURIComponent(event.causationId),
    traceparent: traceparentOf(event),
  };
  for (const [name, value] of Object.entries(attributes)) hdrs.set(name, String(value));
  let payload = new TextEncoder().encode(JSON.stringify(event.data));
  // Room for the headers themselves, which count towards the server's limit.
  if (payload.byteLength > maxPayload - 4_096) {
    payload = new Uint8Array();
    hdrs.set(IN_STORE, 'true');
  }
  return { subject: subjectOf(event), payload, headers: hdrs };
}

interface Received {
  headers?: MsgHdrs | undefined;
  data: Uint8Array;
}

/** Id and positions of a message's event in the log; null if no relay of ours published it. */
export function logPositionOf(
  message: Received,
): { id: string; position: number; previous: number } | null {
  const id = message.headers?.get('ce-id') ?? '';
  const position = Number(message.headers?.get(POSITION) || NaN);
  const previous = Number(message.headers?.get(PREVIOUS) || NaN);
  const isIn = Number.isSafeInteger(position) && previous >= 0 && previous < position;
  return isIn ? { id, position, previous } : null;
}

/**
 * Reads a message back into its event, as its newest version; null if the event has to be read
 * from the store. Throws on a payload that is not JSON.
 */
export function eventOfMessage(message: Received): AnyEvent | null {
  const hdrs = message.headers!;
  if (hdrs.get(IN_STORE) === 'true') return null;
  return upcast({
    id: hdrs.get('ce-id'),
    type: hdrs.get('ce-type').slice('cliptally.'.length),
    version: Number(hdrs.get('ce-dataversion')),
    stream: hdrs.get('ce-subject'),
    revision: Number(hdrs.get('ce-revision')),
    position: Number(hdrs.get(POSITION)),
    time: hdrs.get('ce-time'),
    correlationId: decodeURIComponent(hdrs.get('ce-correlationid')),
    causationId: decodeURIComponent(hdrs.get('ce-causationid')),
    data: JSON.parse(new TextDecoder().decode(message.data)),
  } as AnyEvent);
}
