import { JETSTREAM_STREAM, type AnyEvent } from '@cliptally/contracts';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { BaseRpcContext } from '@nestjs/microservices';
import type { Nats } from '../nats/connection.js';
import { ensureDurable } from '../nats/streams.js';

/** One durable consumer: which messages, to which handler, and how much at once. */
export interface ConsumerSettings {
  durable: string;
  subject: string;
  /** Pattern of the handler (`@EventPattern`) that takes the messages. */
  pattern: string;
  /** Messages in flight over all replicas: the server's max_ack_pending. */
  maxAckPending: number;
  /** Messages in flight in this process; at most `maxAckPending`. */
  maxInFlight: number;
  /**
   * A message is delivered again when a dead process has not acknowledged it for this long; a live
   * one keeps it.
   */
  ackWaitMs: number;
  /** After this many deliveries a message becomes a dead letter. */
  maxDeliver: number;
  /** Stream that the handler of an event writes to: what it writes goes on with the trace there. */
  writesTo?: (event: AnyEvent) => string;
}

/** How the handling of a message ended. */
export const HANDLINGS = ['done', 'retried', 'dead_letter'] as const;
export type Handling = (typeof HANDLINGS)[number];

/** What a handler knows beside the event: `getDelivery()`. */
export class JetStreamContext extends BaseRpcContext<[JsMsg]> {
  getDelivery(): { count: number; publishedAt: Date; subject: string } {
    const message = this.getArgByIndex(0) as JsMsg;
    return {
      count: message.info.deliveryCount,
      publishedAt: message.time,
      subject: message.subject,
    };
  }
}

/** Creates the durable, or brings it to these settings; its position in the stream stays. */
export async function ensureConsumer(
  { manager, client }: Nats,
  { durable, subject, maxAckPending, ackWaitMs, maxDeliver }: ConsumerSettings,
): Promise<Consumer> {
  // Some deliveries more than this process handles: it decides what is a dead letter. If it dies
  // at all of them, the server decides, and consumeDeadLetters gets its advisory.
  const adjustable = {
    filter_subject: subject,
    max_ack_pending: maxAckPending,
    ack_wait: nanos(ackWaitMs),
    max_deliver: maxDeliver + 5,
  };
  await ensureDurable(manager, JETSTREAM_STREAM, durable, adjustable);
  return client.consumers.get(JETSTREAM_STREAM, durable);
}
