import {
  longLived,
  systemTimers,
  type AnyEvent,
  type Clock,
  type Timers,
} from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { readUp, waitForLease, type Lease, type Log } from '@cliptally/messaging';
import { sumsOf } from '../domain/campaign.js';
import { WEBHOOK_EVENTS, isNearlyUsed, webhookOf } from '../domain/webhook.js';
import { PeriodicTask } from '../periodic-task.js';
import type { Tables } from '../queries/tables.js';
import { budgetWebhook } from './budget.js';
import type { WebhookQueue } from './queue.js';
import type { Delivery, Endpoint, Queued } from './rows.js';
import { aborted, send, type WebhookNetwork } from './send.js';

export interface DeliveryOptions {
  /** Of the database, for the lease. */
  databaseUrl: string;
  store: Pick<EventStore, 'head' | 'readAll' | 'readStream'>;
  tables: Pick<Tables, 'snapshot'>;
  queue: WebhookQueue;
  network: WebhookNetwork;
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
/** After a failure that is none of an endpoint's (real time). */
const RETRY_MS = 1_000;
/** A replica that is asked for a test or a replay cannot wake the one that delivers. */
const POLL_MS = 5_000;
const SWEEP_MS = 3_600_000;
/** For the answers to what is under way at the end (real time): without them it is sent again. */
const LAST_ANSWERS_MS = 2_000;

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

/** Queues what is new in the log, and has a lane of its own for each endpoint that is due. */
class Courier extends PeriodicTask {
  readonly #options: DeliveryOptions;
  readonly #timers: Timers;
  readonly #ended = longLived();
  readonly #cut = longLived();
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
    const answered = this.#timers.after(LAST_ANSWERS_MS, () => this.#cut.abort());
    await super.stop();
    await Promise.all(this.#lanes.values());
    answered();
  }

  async #sendDue(): Promise<Date> {
    const { queue, clock } = this.#options;
    // An event that cannot be read stops what comes after it, not what is queued already.
    const fault = await this.#queueNew()
      .then(() => this.#queueReplays())
      .catch((error: Error) => error);
    const now = clock.now();
    if (now.getTime() - this.#sweptAt >= SWEEP_MS) {
      await queue.sweep(now);
      this.#sweptAt = now.getTime();
    }
    let next = new Date(now.getTime() + POLL_MS * clock.speed);
    for (const { endpointId, dueAt } of await queue.waiting()) {
      if (this.#lanes.has(endpointId)) continue;
      if (dueAt > now) {
        if (dueAt < next) next = dueAt;
        break;
      }
      // The end of a lane wakes the courier.
      if (this.#lanes.size < ENDPOINTS_AT_ONCE) this.#open(endpointId);
    }
    if (fault) throw fault;
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
  async #webhooksOf(
    events: readonly AnyEvent[],
  ): Promise<{ position: number; webhooks: Queued[] }> {
    const { tables, store } = this.#options;
    const { position, campaigns } = await tables.snapshot(async (snapshot) => {
      const ids = events.flatMap((event) => campaignOf(event) ?? []);
      return {
        position: snapshot.position,
        campaigns: await snapshot.campaignRows([...new Set(ids)]),
      };
    });
    const webhooks: Queued[] = [];
    for (const event of events) {
      const webhook = event.position <= position && webhookOf(event);
      if (!webhook) continue;
      const { id: webhookId, stream, revision } = event;
      const campaign = campaigns.get(campaignOf(event) ?? '')?.state;
      const brandId = campaign?.brandId ?? null;
      const { type } = webhook;
      const at = event.position;
      webhooks.push({ webhookId, type, position: at, stream, revision, payload: null, brandId });
      // Asked of those alone that may have passed it: it takes a walk through the stream.
      if (event.type !== 'EarningsAccrued' || !campaign || !isNearlyUsed(sumsOf(campaign)))
        continue;
      const passed = await budgetWebhook(store, event, campaign.brandId);
      if (passed) webhooks.push(passed);
    }
    return { position, webhooks };
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
    const { queue, clock, log, network } = this.#options;
    const webhook = delivery.payload ?? (await this.#read(delivery));
    if (!webhook) return queue.lost(delivery, clock.now());
    const tried = await send(
      { webhookId: delivery.webhookId, webhook, endpoint, secrets, at: clock.now() },
      network,
      this.#timers,
      this.#cut.signal,
    );
    // Whether it has arrived is not known: it is sent again.
    if (this.#cut.signal.aborted && typeof tried !== 'number') return;
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
}

const campaignOf = ({ data }: AnyEvent): string | null =>
  'campaignId' in data ? data.campaignId : null;
