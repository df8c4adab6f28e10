import { assertReadable, type AnyEvent, type Timers } from '@cliptally/contracts';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Nats } from '../nats/connection.js';
import { eventOfMessage } from '../nats/message.js';
import { take } from '../nats/streams.js';
import { processSpan } from '../tracing/message-spans.js';
import { failSpan, inSpan } from '../tracing/tracing.js';
import {
  JetStreamContext,
  ensureConsumer,
  type ConsumerSettings,
  type Handling,
} from './consumer-settings.js';
import { afterFailure, reasonOf, type RedeliveryOptions } from './redelivery.js';

export interface ConsumerOptions extends RedeliveryOptions {
  nats: Nats;
  /** Called after each handling, for metrics. */
  onHandled?: (durable: string, handling: Handling, seconds: number) => void;
}

/**
 * Hands the messages of one durable consumer to a handler. It pulls only as many messages as it may
 * have in flight: a crash then gives back nothing that only waited.
 */
export class DurableConsumer {
  readonly #inFlight = new Map<JsMsg, number>();
  #handler: MessageHandler | null = null;

  constructor(
    private readonly settings: ConsumerSettings,
    private readonly options: ConsumerOptions,
    private readonly handlerOf: (pattern: string) => MessageHandler | null,
    private readonly timers: Timers,
  ) {}

  /** Messages that the handler has at this moment. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  ensure(): Promise<Consumer> {
    return ensureConsumer(this.options.nats, this.settings);
  }

  /** Pulls until `signal` aborts, and resolves when all that is in flight is handled. */
  async pull(signal: AbortSignal): Promise<void> {
    const { durable, maxInFlight, ackWaitMs } = this.settings;
    const handlings = new Set<Promise<void>>();
    const endKeepAlive = this.timers.every(ackWaitMs / 3, () => this.#stillWorking());
    for (let consumer: Consumer | null = null, pause = 100; !signal.aborted;) {
      try {
        consumer ??= await this.ensure();
        const free = maxInFlight - handlings.size;
        // A small pull is not worth a round trip while more handlers are about to end.
        if (free === 0 || (handlings.size > 0 && free < maxInFlight / 4)) {
          await Promise.race(handlings);
          continue;
        }
        for await (const message of take(consumer, free, signal)) {
          const handled: Promise<void> = this.#handle(message).finally(() =>
            handlings.delete(handled),
          );
          handlings.add(handled);
        }
        pause = 100;
      } catch (error) {
        // The server is away, or the durable was deleted with its stream: make it again when it can
        // be.
        const { message } = error as Error;
        this.options.log.warn({ durable, error: message }, 'pulling was interrupted');
        consumer = null;
        pause = Math.min(pause * 2, 5_000);
        await this.timers.sleep(pause, signal);
      }
    }
    await Promise.all(handlings);
    endKeepAlive();
  }

  #stillWorking(): void {
    const before = this.timers.now() - this.settings.ackWaitMs / 4;
    for (const [message, since] of this.#inFlight) if (since < before) message.working();
  }

  async #handle(message: JsMsg): Promise<void> {
    const since = this.timers.now();
    this.#inFlight.set(message, since);
    try {
      const handling = await this.#handled(message);
      const seconds = (this.timers.now() - since) / 1_000;
      this.options.onHandled?.(this.settings.durable, handling, seconds);
    } finally {
      this.#inFlight.delete(message);
    }
  }

  async #handled(message: JsMsg): Promise<Handling> {
    const { options, settings } = this;
    const { pattern } = settings;
    let event: AnyEvent | null = null;
    try {
      event = eventOfMessage(message);
      if (event) assertReadable(event);
    } catch (error) {
      return afterFailure(options, settings, message, event, error);
    }
    return inSpan(`process ${pattern}`, processSpan(message, event, settings), async (span) => {
      try {
        await this.#deliver(event, message);
        message.ack();
        return 'done';
      } catch (error) {
        failSpan(span, error instanceof Error ? error : reasonOf(error));
        return afterFailure(options, settings, message, event, error);
      }
    });
  }

  async #deliver(event: AnyEvent | null, message: JsMsg): Promise<void> {
    const { pattern, maxDeliver } = this.settings;
    const { deliveryCount } = message.info;
    if (deliveryCount > maxDeliver)
      throw new Error(
        `the processes that had it before this delivery, number ${deliveryCount}, did not answer`,
      );
    // Nest would sort and write out the pattern anew for every message.
    this.#handler ??= this.handlerOf(pattern);
    if (!this.#handler) throw new Error(`No handler takes the pattern "${pattern}".`);
    const result = await this.#handler(event, new JetStreamContext([message]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
