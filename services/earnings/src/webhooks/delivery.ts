import {
  longLived,
  systemTimers,
  type AnyEvent,
  type Clock,
  type Timers,
} from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { readUp, waitForLease, type Lease, type Log } from '@cliptally/messaging';
import { WEBHOOK_EVENTS, webhookOf } from '../domain/webhook.js';
import { PeriodicTask } from '../periodic-task.js';
import type { Tables } from '../queries/tables.js';
import { AddressRefused, publicAddressesOf, type Lookup } from './address.js';
import type { PinnedPost } from './post.js';
import type { FailedTry, WebhookQueue } from './queue.js';
import type { Delivery, Endpoint, Queued } from './rows.js';
import { signedHeaders } from './signature.js';

export interface DeliveryOptions {
  /** Of the database, for the lease. */
  databaseUrl: string;
  store: Pick<EventStore, 'head' | 'readAll' | 'readStream'>;
  tables: Pick<Tables, 'snapshot'>;
  queue: WebhookQueue;
  lookup: Lookup;
  post: PinnedPost;
  clock: Clock;
  log: Log;
  timers?: Timers;
}

const LEASE = 'earnings-webhooks';
/** Events that are queued in one transaction. */
const BATCH = 500;
/** Streams of one endpoint, and endpoints, that are sent to at the same time. */
const STREAMS_AT_ONCE = 4;
const ENDPOINTS_AT_ONCE = 16;
/** For one try, and after a failure that is none of the endpoint's (real time). */
const TIMEOUT_MS = 15_000;
const RETRY_MS = 1_000;
const SWEEP_MS = 3_600_000;

/**
 * Sends webhooks of the log to endpoints. One replica does, the one with the lease; another goes on
 * within seconds if it dies. What it does is in tables first, so that a restart misses nothing.
 */
export class WebhookDelivery {
  readonly #options: DeliveryOptions;
  readonly #timers: Timers;
  readonly #stop = longLived();
  #courier: Courier | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There may be something to send. */
  wake(): void {
    this.#courier?.wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { databaseUrl, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const lease = await waitForLease(databaseUrl, LEASE, signal, async () => {}, this.#timers);
        if (lease) await this.#lead(lease);
      } catch (error) {
        log.warn({ error: (error as Error).message }, 'no lease for webhooks; trying again');
        await this.#timers.sleep(RETRY_MS, signal);
      }
    }
  }

  async #lead(lease: Lease): Promise<void> {
    const courier = new Courier(this.#options, this.#timers);
    this.#courier = courier;
    courier.start();
    await aborted(AbortSignal.any([lease.lost, this.#stop.signal]));
    this.#courier = null;
    await courier.stop();
    await lease.release();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Queues what is new in the log, and has a lane of its own for each endpoint that is due. */
class Courier extends PeriodicTask {
  readonly #options: DeliveryOptions;
  readonly #timers: Timers;
  readonly #ended = longLived();
  /** A slow endpoint keeps nobody else waiting. */
  readonly #lanes = new Map<string, Promise<void>>();
  #sweptAt = 0;

  constructor(options: DeliveryOptions, timers: Timers) {
    const { clock, log } = options;
    super({ run: () => this.#sendDue(), what: 'sending webhooks', clock, log, timers });
    this.#options = options;
    this.#timers = timers;
  }

  override async stop(): Promise<void> {
    this.#ended.abort();
    await super.stop();
    await Promise.all(this.#lanes.values());
  }

  async #sendDue(): Promise<Date | null> {
    const { queue, clock } = this.#options;
    await this.#queueNew();
    await this.#queueReplays();
    const now = clock.now();
    if (now.getTime() - this.#sweptAt >= SWEEP_MS) {
      await queue.sweep(now);
      this.#sweptAt = now.getTime();
    }
    let next: Date | null = null;
    for (const { endpointId, dueAt } of await queue.waiting()) {
      if (this.#lanes.has(endpointId)) continue;
      if (dueAt > now) {
        next = dueAt;
        break;
      }
      // The end of a lane wakes the courier.
      if (this.#lanes.size < ENDPOINTS_AT_ONCE) this.#open(endpointId);
    }
    return next;
  }

  #open(endpointId: string): void {
    const lane = this.#sendAll(endpointId)
      .catch(async (error: Error) => {
        if (this.#ended.signal.aborted) return;
        this.#options.log.warn({ endpointId, error: error.message }, 'webhooks were interrupted');
        await this.#timers.sleep(RETRY_MS, this.#ended.signal);
      })
      .finally(() => {
        this.#lanes.delete(endpointId);
        this.wake();
      });
    this.#lanes.set(endpointId, lane);
  }

  async #queueNew(): Promise<void> {
    const { queue, store, clock } = this.#options;
    let at = await queue.place();
    if (await queue.skip(at, Math.max(at, await store.head()))) return;
    for await (const { events, position } of readUp(store, at, WEBHOOK_EVENTS, BATCH)) {
      const known = await this.#webhooksOf(events);
      const to = Math.min(position, known.position);
      // The rest waits until the tables know its campaigns; a batch of the projector wakes us then.
      if (to <= at || !(await queue.advance(at, to, known.webhooks, clock.now()))) return;
      at = to;
      if (to < position) return;
    }
  }

  async #queueReplays(): Promise<void> {
    const { queue, store, clock } = this.#options;
    for (const replay of await queue.replays())
      for await (const { events, position } of readUp(
        store,
        replay.position,
        WEBHOOK_EVENTS,
        BATCH,
      )) {
        const wanted = events.filter(
          (event) =>
            event.position <= replay.until &&
            new Date(event.time) >= replay.from &&
            new Date(event.time) <= replay.to,
        );
        const known = await this.#webhooksOf(wanted);
        if (known.position < Math.min(position, replay.until)) break;
        await queue.replay(replay, position, known.webhooks, clock.now());
        if (position >= replay.until || this.#ended.signal.aborted) break;
      }
  }

  /** Webhooks of those events that the tables have taken over, and whose campaigns they are of. */
  #webhooksOf(events: readonly AnyEvent[]): Promise<{ position: number; webhooks: Queued[] }> {
    return this.#options.tables.snapshot(async (snapshot) => {
      const { position } = snapshot;
      const known = events.filter((event) => event.position <= position);
      const ids = known.flatMap((event) => campaignOf(event) ?? []);
      const campaigns = await snapshot.campaignRows([...new Set(ids)]);
      const webhooks = known.flatMap((event): Queued[] => {
        const webhook = webhookOf(event);
        if (!webhook) return [];
        const { id: webhookId, stream, revision } = event;
        const brandId = campaigns.get(campaignOf(event) ?? '')?.state.brandId ?? null;
        const { type } = webhook;
        const at = event.position;
        return [{ webhookId, type, position: at, stream, revision, payload: null, brandId }];
      });
      return { position, webhooks };
    });
  }

  async #sendAll(endpointId: string): Promise<void> {
    const { queue, clock } = this.#options;
    while (!this.#ended.signal.aborted) {
      const due = await queue.due(endpointId, clock.now(), STREAMS_AT_ONCE);
      if (!due || due.deliveries.length === 0) return;
      const { deliveries, endpoint, secrets } = due;
      await Promise.all(deliveries.map((delivery) => this.#send(delivery, endpoint, secrets)));
    }
  }

  async #send(delivery: Delivery, endpoint: Endpoint, secrets: readonly string[]): Promise<void> {
    const { queue, clock, log } = this.#options;
    const webhook = delivery.payload ?? (await this.#read(delivery));
    if (!webhook) return queue.lost(delivery, clock.now());
    const tried = await this.#try(delivery.webhookId, JSON.stringify(webhook), endpoint, secrets);
    // Whether it has arrived is not known: it is sent again.
    if (this.#ended.signal.aborted && typeof tried !== 'number') return;
    const now = clock.now();
    if (typeof tried === 'number') return queue.delivered(delivery, tried, now);
    const dead = await queue.failed(delivery, tried, now, this.#timers.random());
    if (dead)
      log.error(
        { endpointId: dead.endpointId, error: tried.what },
        'an endpoint of webhooks was switched off',
      );
  }

  async #read({ stream, revision, webhookId }: Delivery) {
    const { store } = this.#options;
    for await (const event of store.readStream(stream, { from: revision, limit: 1 }))
      if (event.id === webhookId) return webhookOf(event);
    return null;
  }

  /** Gives the status of a success, else what went wrong. */
  async #try(
    id: string,
    body: string,
    { url: address }: Endpoint,
    secrets: readonly string[],
  ): Promise<number | FailedTry> {
    const { lookup, post, clock } = this.#options;
    const late = new AbortController();
    const cancel = this.#timers.after(TIMEOUT_MS, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#ended.signal]);
    // A look-up cannot be aborted, only left behind.
    const expired = aborted(signal).then((): never => {
      throw new Error('There was no answer within 15 seconds.');
    });
    try {
      const answer = await Promise.race([
        expired,
        publicAddressesOf(address, lookup).then(({ url, addresses }) => {
          signal.throwIfAborted();
          const headers = signedHeaders(id, clock.now(), body, secrets);
          return post(url, addresses, headers, body, signal);
        }),
      ]);
      if (answer.status >= 200 && answer.status < 300) return answer.status;
      const { status, retryAfter } = answer;
      const what = `It answered with the status ${status}.`;
      const retryAfterMs = delayOf(retryAfter, clock.now());
      return { status, what, gone: status === 410, retryAfterMs };
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      const what =
        late.signal.aborted || error instanceof AddressRefused
          ? message
          : `It could not be reached (${code ?? message}).`;
      return { status: null, what: what.slice(0, 500), gone: false, retryAfterMs: 0 };
    } finally {
      cancel();
    }
  }
}

const campaignOf = ({ data }: AnyEvent): string | null =>
  'campaignId' in data ? data.campaignId : null;

/** `Retry-After`: seconds, or an instant. */
function delayOf(header: string | undefined, now: Date): number {
  if (header === undefined) return 0;
  const ms = /^\d{1,9}$/.test(header)
    ? Number(header) * 1000
    : new Date(header).getTime() - now.getTime();
  return ms > 0 ? ms : 0;
}
