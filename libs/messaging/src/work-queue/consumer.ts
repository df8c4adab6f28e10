import {
  JETSTREAM_STREAM,
  assertReadable,
  longLived,
  systemTimers,
  type AnyEvent,
  type Timers,
} from '@cliptally/contracts';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import {
  BaseRpcContext,
  Server,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { isDeliveryRequest } from './delivery.js';
import { consumeDeadLetters, ensureDeadLetters } from './dead-letters.js';
import type { Log } from '../log.js';
import { eventOfMessage } from '../nats/message.js';
import type { Nats } from '../nats/connection.js';
import { ensureDurable, take } from '../nats/streams.js';
import {
  EVENT_SUBJECTS,
  SpanKind,
  failSpan,
  inSpan,
  spanOf,
  workSpanOf,
  type SpanSettings,
} from '../tracing/tracing.js';

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

export interface JetStreamServerOptions {
  nats: Nats;
  log: Log;
  consumers: readonly ConsumerSettings[];
  /**
   * Called for each dead letter, of this process or of the server, for some of them twice; null if
   * it is unreadable. If it fails, it is called again.
   */
  onDeadLetter?: (event: AnyEvent | null, reason: string) => Promise<void>;
  /** Called after each handling, for metrics. */
  onHandled?: (durable: string, handling: Handling, seconds: number) => void;
  timers?: Timers;
}

const RETRY_FROM_MS = 1_000;
const RETRY_TO_MS = 60_000;

/**
 * Nest's transport over JetStream. It pulls only as many messages as it may have in flight: a crash
 * then gives back nothing that only waited. A handler that returns acknowledges; one that throws
 * RetryLater or Poison says what shall happen; after any other failure the message is redelivered,
 * up to `maxDeliver` deliveries. `close()` stops pulling and finishes.
 */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  readonly #options: JetStreamServerOptions;
  readonly #timers: Timers;
  readonly #stop = longLived();
  readonly #inFlight = new Map<JsMsg, number>();
  readonly #handlers = new Map<string, MessageHandler>();
  #loops: Promise<void>[] = [];

  constructor(options: JetStreamServerOptions) {
    super();
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
  }

  /** Messages that a handler has at this moment. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  listen(callback: (error?: unknown) => void): void {
    const { nats, log, consumers, onDeadLetter } = this.#options;
    const durables = consumers.map(({ durable }) => durable);
    const ready = ensureDeadLetters(nats, durables).then(() =>
      Promise.all(consumers.map((settings) => this.#ensure(settings))),
    );
    ready.then(
      () => {
        this.#loops = consumers.map((settings) => this.#pull(settings));
        if (onDeadLetter)
          this.#loops.push(
            consumeDeadLetters(
              { nats, log, durables, onDeadLetter, timers: this.#timers },
              this.#stop.signal,
            ),
          );
        callback();
      },
      (error: unknown) => callback(error),
    );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  on(): never {
    throw new Error('The JetStream transport has no events of its own to listen to.');
  }

  unwrap<T>(): T {
    return this.#options.nats as T;
  }

  /** Creates the durable, or brings it to these settings; its position in the stream stays. */
  async #ensure({
    durable,
    subject,
    maxAckPending,
    ackWaitMs,
    maxDeliver,
  }: ConsumerSettings): Promise<Consumer> {
    const { manager, client } = this.#options.nats;
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

  async #pull(settings: ConsumerSettings): Promise<void> {
    const { log } = this.#options;
    const mine = new Set<Promise<void>>();
    const endKeepAlive = this.#timers.every(settings.ackWaitMs / 3, () =>
      this.#stillWorking(settings),
    );
    for (let consumer: Consumer | null = null, pause = 100; !this.#stop.signal.aborted;) {
      try {
        consumer ??= await this.#ensure(settings);
        const free = settings.maxInFlight - mine.size;
        // A small pull is not worth a round trip while more handlers are about to end.
        if (free === 0 || (mine.size > 0 && free < settings.maxInFlight / 4)) {
          await Promise.race(mine);
          continue;
        }
        for await (const message of take(consumer, free, this.#stop.signal)) {
          const handled: Promise<void> = this.#handle(message, settings).finally(() =>
            mine.delete(handled),
          );
          mine.add(handled);
        }
        pause = 100;
      } catch (error) {
        // The server is away, or the durable was deleted with its stream: make it again when it can
        // be.
        log.warn(
          { durable: settings.durable, error: (error as Error).message },
          'pulling was interrupted',
        );
        consumer = null;
        pause = Math.min(pause * 2, 5_000);
        await this.#timers.sleep(pause, this.#stop.signal);
      }
    }
    await Promise.all(mine);
    endKeepAlive();
  }

  #stillWorking({ ackWaitMs }: ConsumerSettings): void {
    const before = this.#timers.now() - ackWaitMs / 4;
    for (const [message, since] of this.#inFlight) if (since < before) message.working();
  }

  async #handle(message: JsMsg, settings: ConsumerSettings): Promise<void> {
    const since = this.#timers.now();
    this.#inFlight.set(message, since);
    try {
      const handling = await this.#handled(message, settings);
      this.#options.onHandled?.(settings.durable, handling, (this.#timers.now() - since) / 1_000);
    } finally {
      this.#inFlight.delete(message);
    }
  }

  async #handled(message: JsMsg, settings: ConsumerSettings): Promise<Handling> {
    let event: AnyEvent | null = null;
    try {
      event = eventOfMessage(message);
      if (event) assertReadable(event);
    } catch (error) {
      return this.#failed(message, event, error, settings);
    }
    return inSpan(
      `process ${settings.pattern}`,
      spanSettings(message, event, settings),
      async (span) => {
        try {
          const { deliveryCount } = message.info;
          if (deliveryCount > settings.maxDeliver)
            throw new Error(
              `whoever was given it before this, its ${deliveryCount}th delivery, did not answer`,
            );
          const handler = this.#handlerOf(settings.pattern);
          if (!handler) throw new Error(`No handler takes the pattern "${settings.pattern}".`);
          const result = await handler(event, new JetStreamContext([message]));
          if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
          message.ack();
          return 'done';
        } catch (error) {
          failSpan(span, error instanceof Error ? error : reasonOf(error));
          return this.#failed(message, event, error, settings);
        }
      },
    );
  }

  /** Nest would sort and write out the pattern anew for every message. */
  #handlerOf(pattern: string): MessageHandler | null {
    const found = this.#handlers.get(pattern) ?? this.getHandlerByPattern(pattern);
    if (found) this.#handlers.set(pattern, found);
    return found;
  }

  async #failed(
    message: JsMsg,
    event: AnyEvent | null,
    error: unknown,
    { maxDeliver, durable }: ConsumerSettings,
  ): Promise<Handling> {
    const { log, onDeadLetter } = this.#options;
    const count = message.info.deliveryCount;
    const request = isDeliveryRequest(error) ? error : null;
    const reason = reasonOf(error);
    // A message that is no event of ours cannot be read any better next time.
    const hopeless =
      request?.delivery === 'never' || error instanceof SyntaxError || count >= maxDeliver;
    if (!hopeless) {
      const asked = request?.delivery === 'later' ? request.delayMs : null;
      message.nak(asked ?? Math.min(RETRY_FROM_MS * 2 ** (count - 1), RETRY_TO_MS));
      return 'retried';
    }
    try {
      await onDeadLetter?.(event, reason);
      message.term(reason);
      log.error(
        { durable, subject: message.subject, sequence: message.seq, deliveries: count, reason },
        'dead letter',
      );
      return 'dead_letter';
    } catch (failure) {
      log.error(
        { durable, sequence: message.seq, error: (failure as Error).message },
        'a dead letter could not be recorded; it is delivered again',
      );
      message.nak(RETRY_TO_MS);
      return 'retried';
    }
  }
}

const reasonOf = (error: unknown): string => {
  if (isDeliveryRequest(error)) return error.reason;
  return error instanceof Error ? error.message : JSON.stringify(error);
};

/**
 * The span of what an event causes follows from the stream it writes to. A second attempt gets a
 * span of its own beside the first.
 */
function spanSettings(
  message: JsMsg,
  event: AnyEvent | null,
  { durable, writesTo }: ConsumerSettings,
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
