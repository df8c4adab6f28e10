import { JETSTREAM_STREAM, type AnyEvent } from '@cliptally/contracts';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { BaseRpcContext } from '@nestjs/microservices';
import type { Nats } from '../nats/connection.js';
import { durableSettings, type Flow } from '../nats/scrape-requests.js';
import { ensureDurable } from '../nats/streams.js';

/** One durable consumer: which messages, to which handler, and how much at once. */
export interface ConsumerSettings extends Flow {
  durable: string;
  subject: string;
  /** Pattern of the handler (`@EventPattern`) that takes the messages. */
  pattern: string;
  /** Messages in flight in this process; at most `maxAckPending`. A live process keeps its own. */
  maxInFlight: number;
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
  { durable, subject, ...flow }: ConsumerSettings,
): Promise<Consumer> {
  await ensureDurable(manager, durable, durableSettings(subject, flow));
  return client.consumers.get(JETSTREAM_STREAM, durable);
}
