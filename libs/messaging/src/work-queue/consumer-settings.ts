import type { AnyEvent } from '@cliptally/contracts';
import type { JsMsg } from '@nats-io/jetstream';
import { BaseRpcContext } from '@nestjs/microservices';

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
