import {
  SCRAPE_CACHE_TTL_MS,
  outcomeId,
  streams,
  systemTimers,
  videoIdFrom,
  type AnyEvent,
  type ClipTrackingRequested,
  type Clock,
  type Platform,
  type Timers,
} from '@cliptally/contracts';
import type { EventStore, Tail } from '@cliptally/event-store';
import { inSpan, workSpanOf } from '@cliptally/messaging';
import { Poison } from '@cliptally/messaging/nest';
import DataLoader from 'dataloader';
import { Batcher } from './batcher.js';
import { failed, isGone, type Scrape, type ScrapeResult } from './domain/scrape.js';
import { cachedEvent, outcomeEvent, retiredEvent, type ClipEvent } from './outcome-events.js';
import type { Observation, ScrapeState, StoredBatch } from './scrape-state/scrape-state.js';
import type { Scraped, SourceRouter } from './source-router.js';

/** What the transport knows of a request beside the request itself. */
export interface Delivery {
  correlationId: string;
  /** Position of the request in the log; its outcome has a later one. */
  position: number;
}

export interface RequestHandlerOptions {
  platform: Platform;
  router: SourceRouter;
  /** Names of the view fields that the platform's sources give. */
  metrics: readonly string[];
  store: EventStore;
  state: ScrapeState;
  clock: Clock;
  timers?: Timers;
  batchSize: number;
  /** On the simulated clock. */
  lingerMs: number;
  /** Batches under way in this process. */
  batchesAtOnce: number;
}

interface Waiting {
  scrape: Scrape;
  done(): void;
  fail(error: unknown): void;
}

/**
 * Events of a clip that are read at once to find an outcome, which nearly always follows its
 * request.
 */
const READ_AT_ONCE = 20;
const LOADED_AT_ONCE = 200;

type Outcome = Extract<AnyEvent, { type: 'ViewsRecorded' | 'ScrapeFailed' }>;
const isOutcome = (event: AnyEvent): event is Outcome =>
  event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed';

interface Key {
  request: ClipTrackingRequested;
  position: number;
}

/** What is stored about a request when it is delivered. */
interface Stored {
  observation: Observation | undefined;
  /** The batch of an earlier delivery. */
  batch: StoredBatch | undefined;
  /** The end of the clip's stream. */
  tail: Tail | undefined;
}

/**
 * Handles the scrape requests of one platform: the log gets exactly one outcome of each, whatever
 * happens to this process.
 */
export class ScrapeRequestHandler {
  readonly #options: RequestHandlerOptions;
  readonly #batcher: Batcher<Waiting>;
  /** Scrapes of a batch that an earlier delivery has begun, by batch. */
  readonly #resumed = new Map<string, Batcher<Waiting>>();
  /**
   * Requests in hand. JetStream delivers them to this process again if it was silent for too long.
   */
  readonly #inHand = new Map<string, Promise<void>>();
  /** Loads what is stored for all requests of one turn of the event loop together. */
  readonly #stored: DataLoader<Key, Stored>;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    const { clock, timers = systemTimers, batchSize, lingerMs, batchesAtOnce } = options;
    this.#stored = new DataLoader<Key, Stored>((keys) => this.#load(keys), {
      cache: false,
      maxBatchSize: LOADED_AT_ONCE,
      batchScheduleFn: (load) => void timers.turn().then(load),
    });
    this.#batcher = new Batcher({
      clock,
      size: batchSize,
      lingerMs,
      concurrency: batchesAtOnce,
      work: (items) => this.#settle(items, (scrapes) => options.router.scrape(scrapes)),
    });
  }

  /**
   * Resolves when the request's outcome is in the log. Rejects with {@link Poison} for a request
   * that can never have one.
   */
  handle(request: ClipTrackingRequested, delivery: Delivery): Promise<void> {
    const { requestId } = request;
    const forget = () => this.#inHand.delete(requestId);
    const inHand = this.#inHand.get(requestId) ?? this.#handle(request, delivery).finally(forget);
    this.#inHand.set(requestId, inHand);
    return inHand;
  }

  /**
   * Appends the outcome of a request that is a dead letter, unless it has one. A person can
   * request it again.
   */
  async giveUp(
    request: ClipTrackingRequested,
    { correlationId, position }: Delivery,
    reason: string,
  ): Promise<void> {
    const { router, platform, clock } = this.#options;
    const stored = await this.#stored.load({ request, position });
    if (stored.tail && (await this.#hasOutcome(request, position, stored.tail))) return;
    const batch = request.platform === platform ? stored.batch : undefined;
    const costMicroUsd = batch ? await router.writeOff(batch, request.requestId) : 0;
    const result = failed('dead_letter', reason);
    const scraped: Scraped = { result, source: batch?.source ?? 'none', costMicroUsd, attempts: 1 };
    const scrape: Scrape = { request, videoId: '', metric: null, correlationId };
    await this.#append([outcomeEvent(scrape, scraped, clock.now())]);
  }

  /** Finishes what is under way. */
  async drain(): Promise<void> {
    await Promise.all([this.#batcher, ...this.#resumed.values()].map((batcher) => batcher.drain()));
  }

  async #handle(
    request: ClipTrackingRequested,
    { correlationId, position }: Delivery,
  ): Promise<void> {
    const { platform } = this.#options;
    const videoId = videoIdFrom(platform, request.url) ?? request.clipId.slice(platform.length + 1);
    if (request.platform !== platform || !request.clipId.startsWith(`${platform}-`))
      throw new Poison(`a request to scrape ${request.clipId} came to ${platform}`);
    const { observation, batch, tail } = await this.#stored.load({ request, position });
    // Only the log tells what has an outcome, also at a first delivery: a JetStream stream that is
    // filled again delivers requests of months ago as if they were new.
    if (tail && (await this.#hasOutcome(request, position, tail))) return;
    const metric = observation?.metric ?? (await this.#metricOf(request.clipId));
    const scrape: Scrape = { request, videoId, correlationId, metric };
    if (observation && !batch && this.#isFresh(observation))
      return this.#append([cachedEvent(scrape, observation, this.#options.clock.now())]);
    await new Promise<void>((resolve, reject) => {
      const batcher = batch ? this.#resuming(batch) : this.#batcher;
      batcher.add({ scrape, done: resolve, fail: reject });
    });
  }

  async #load(keys: readonly Key[]): Promise<Stored[]> {
    const { state, store } = this.#options;
    const requestIds = keys.map(({ request }) => request.requestId);
    const clipIds = [...new Set(keys.map(({ request }) => request.clipId))];
    const [observations, batches, tails] = await Promise.all([
      state.observationsOf(clipIds),
      state.batchesOf(requestIds),
      store.tails(clipIds.map(streams.clip)),
    ]);
    return keys.map(({ request: { requestId, clipId } }) => ({
      observation: observations.get(clipId),
      batch: batches.get(requestId),
      tail: tails.get(streams.clip(clipId)),
    }));
  }

  #isFresh({ observedAt }: Observation): boolean {
    return this.#options.clock.now().getTime() - Date.parse(observedAt) < SCRAPE_CACHE_TTL_MS;
  }

  #resuming(batch: StoredBatch): Batcher<Waiting> {
    const { clock, lingerMs, router } = this.#options;
    const found = this.#resumed.get(batch.batchId);
    if (found) return found;
    const work = async (items: Waiting[]) => {
      this.#resumed.delete(batch.batchId);
      await this.#settle(items, (scrapes) => router.resume(batch, scrapes));
    };
    const size = batch.scrapes.length;
    const made = new Batcher<Waiting>({ clock, size, lingerMs, concurrency: 1, work });
    this.#resumed.set(batch.batchId, made);
    return made;
  }

  async #settle(items: Waiting[], get: (scrapes: Scrape[]) => Promise<Scraped[]>): Promise<void> {
    const scrapes = items.map(({ scrape }) => scrape);
    // A batch is part of the trace of its first scrape, and linked to the others.
    const [parent, ...links] = scrapes.map(spanOf);
    const attributes = {
      'cliptally.platform': this.#options.platform,
      'messaging.batch.message_count': scrapes.length,
    };
    try {
      await inSpan('scrape batch', { parent, links, attributes }, async () => {
        const scraped = await get(scrapes);
        const observedAt = this.#options.clock.now();
        await this.#keep(scrapes, scraped, observedAt);
        await this.#append(
          scrapes.map((scrape, i) => outcomeEvent(scrape, scraped[i]!, observedAt)),
        );
        const gone = scrapes.filter((_, i) => isGoneResult(scraped[i]!.result));
        await this.#append(
          (await Promise.all(gone.map((scrape) => this.#retirement(scrape)))).flat(),
        );
      });
      for (const item of items) item.done();
    } catch (error) {
      for (const item of items) item.fail(error);
    }
  }

  /**
   * Before the log: an observation that is kept and not logged is logged as cached, never paid
   * twice.
   */
  async #keep(scrapes: Scrape[], scraped: Scraped[], observedAt: Date): Promise<void> {
    const observations = new Map<string, Observation>();
    scrapes.forEach(({ request }, i) => {
      const { result, source } = scraped[i]!;
      if (result.kind !== 'observed') return;
      const observation = { ...result.figures, observedAt: observedAt.toISOString(), source };
      observations.set(request.clipId, observation);
    });
    await this.#options.state.keepObservations(observations);
  }

  async #append(made: readonly ClipEvent[]): Promise<void> {
    if (made.length === 0) return;
    const appends = made.map(({ stream, event }) => ({
      stream,
      events: [event],
      expected: 'any' as const,
    }));
    const attributes = { 'cliptally.events': appends.length };
    await inSpan('append outcomes', { attributes }, () => this.#options.store.appendMany(appends));
  }

  /** The outcomes of a clip in the log, the newest first. */
  async *#outcomes(clipId: string): AsyncGenerator<Outcome> {
    const newestFirst = { direction: 'backwards' } as const;
    for await (const event of this.#options.store.readStream(streams.clip(clipId), newestFirst))
      if (isOutcome(event)) yield event;
  }

  /**
   * Whether the log has the request's outcome, in a stream that ends at `tail`. It reads nothing
   * for a new request, and some ten events for a request that has hundreds of events behind it.
   */
  async #hasOutcome(
    { clipId, requestId }: ClipTrackingRequested,
    position: number,
    tail: Tail,
  ): Promise<boolean> {
    if (tail.position < position) return false;
    const { store } = this.#options;
    const stream = streams.clip(clipId);
    let [from, to] = [0, tail.revision];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const [event] = await Array.fromAsync(store.readStream(stream, { from: middle, limit: 1 }));
      if (event!.position < position) from = middle + 1;
      else to = middle;
    }
    for (; from <= tail.revision; from += READ_AT_ONCE)
      for await (const event of store.readStream(stream, { from, limit: READ_AT_ONCE }))
        if (isOutcome(event) && event.data.requestId === requestId) return true;
    return false;
  }

  /**
   * A clip is retired if two requests in a row find it gone; one may be an accident of the
   * platform's. The log decides: another replica may have recorded another outcome of this request.
   */
  async #retirement({ request, correlationId }: Scrape): Promise<ClipEvent[]> {
    const found: Outcome[] = [];
    for await (const outcome of this.#outcomes(request.clipId))
      if (found.push(outcome) === 2) break;
    const [own, before] = found;
    if (own?.type !== 'ScrapeFailed' || own.id !== outcomeId(request.requestId)) return [];
    const { reason } = own.data;
    if (!isGone(reason) || before?.type !== 'ScrapeFailed' || !isGone(before.data.reason))
      return [];
    return [retiredEvent({ request, correlationId }, reason, own.time)];
  }

  /**
   * The view field that the clip began with. If all sources give the same one, nothing can be mixed
   * up.
   */
  async #metricOf(clipId: string): Promise<string | null> {
    if (this.#options.metrics.length < 2) return null;
    for await (const event of this.#outcomes(clipId))
      if (event.type === 'ViewsRecorded') return event.data.metric;
    return null;
  }
}

const isGoneResult = (result: ScrapeResult) => result.kind === 'failed' && isGone(result.reason);

const spanOf = ({ correlationId, request: { requestId, clipId } }: Scrape) =>
  workSpanOf({ correlationId, causationId: requestId }, streams.clip(clipId));
