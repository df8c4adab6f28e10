import { longLived, systemTimers, type Timers } from '@cliptally/contracts';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import type { Nats } from '../nats/connection.js';
import type { ConsumerSettings } from './consumer-settings.js';
import { DurableConsumer, type ConsumerOptions } from './consumer.js';

export interface JetStreamServerOptions extends ConsumerOptions {
  consumers: readonly ConsumerSettings[];
  timers?: Timers;
}

/**
 * Nest's transport over JetStream. A handler that returns acknowledges; one that throws RetryLater
 * or Poison says what shall happen; after any other failure the message is redelivered, up to
 * `maxDeliver` deliveries. `close()` stops pulling and finishes.
 */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  readonly #options: JetStreamServerOptions;
  readonly #timers: Timers;
  readonly #stop = longLived();
  readonly #consumers: readonly DurableConsumer[];
  #loops: Promise<void>[] = [];

  constructor(options: JetStreamServerOptions) {
    super();
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    const handlerOf = (pattern: string) => this.getHandlerByPattern(pattern);
    this.#consumers = options.consumers.map(
      (settings) => new DurableConsumer(settings, options, handlerOf, this.#timers),
    );
  }

  /** Messages that a handler has at this moment. */
  get inFlight(): number {
    return this.#consumers.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  listen(callback: (error?: unknown) => void): void {
    this.#start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  async #start(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.ensure()));
    const { signal } = this.#stop;
    this.#loops = this.#consumers.map((consumer) => consumer.pull(signal));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  on(): never {
    throw new Error('The JetStream transport has no events of its own to listen to.');
  }

  unwrap<T = Nats>(): T {
    return this.#options.nats as T;
  }
}
