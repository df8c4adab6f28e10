import type { AnyEvent } from '@cliptally/contracts';
import type { JsMsg, PubAck } from '@nats-io/jetstream';
import {
  EVENT_SUBJECTS,
  SpanKind,
  inSpan,
  spanOf,
  workSpanOf,
  type SpanSettings,
} from './tracing.js';

/**
 * The publishing of an event is its span: the parent of what follows from the event, and a child of
 * the work that wrote it.
 */
export function inPublishSpan(
  event: AnyEvent,
  subject: string,
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

/**
 * The span of what an event causes follows from the stream it writes to. A second attempt gets a
 * span of its own beside the first.
 */
export function processSpan(
  message: JsMsg,
  event: AnyEvent | null,
  { durable, writesTo }: { durable: string; writesTo?: (event: AnyEvent) => string },
): SpanSettings {
  const { deliveryCount } = message.info;
  const attributes = {
    'messaging.system': 'nats',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': message.subject,
    'messaging.destination.template': EVENT_SUBJECTS,
    'messaging.consumer.group.name': durable,
    'cliptally.delivery': deliveryCount,
    ...(event && { 'messaging.message.id': event.id, 'cliptally.stream': event.stream }),
  };
  if (!event) return { parent: null, kind: SpanKind.CONSUMER, attributes };
  const cause = { correlationId: event.correlationId, causationId: event.id };
  const at = writesTo && deliveryCount === 1 ? { at: workSpanOf(cause, writesTo(event)) } : {};
  return { parent: spanOf(event), kind: SpanKind.CONSUMER, attributes, ...at };
}
