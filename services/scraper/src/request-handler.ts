import {
  SCRAPE_CACHE_TTL_MS,
  streams,
  systemTimers,
  videoIdFrom,
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
import {
  hasOutcome,
  isRetired,
  lastDoubted,
  retirementBy,
  viewFieldOf,
  viewsBefore,
} from './clip-history.js';
import { confirms, implausibleZero } from './domain/observation-plausibility.js';
import { WITNESSES_APART_MS } from './domain/retirement.js';
import { doubtful, failed, isGoneResult, type Scrape, type ScrapeResult } from './domain/scrape.js';
import {
  cachedEvent,
  outcomeEvent,
  restoredEvent,
  retiredEvent,
  type ClipEvent,
} from './outcome-events.js';
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
  /** The clip's last observation, as far as the scrape state knows. */
  last: Observation | undefined;
  done(): void;
  fail(error: unknown): void;
}

const LOADED_AT_ONCE = 200;
/** A clip that was seen within this time is not retired: its retirement takes a day. */
const NOT_RETIRED_WITHIN_MS = WITNESSES_APART_MS;

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
    const { router, platform, clock, store } = this.#options;
    const stored = await this.#stored.load({ request, position });
    if (stored.tail && (await hasOutcome(store, request, position, stored.tail))) return;
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
    const { platform, store } = this.#options;
    const videoId = videoIdFrom(platform, request.url) ?? request.clipId.slice(platform.length + 1);
    if (request.platform !== platform || !request.clipId.startsWith(`${platform}-`))
      throw new Poison(`a request to scrape ${request.clipId} came to ${platform}`);
    const { observation, batch, tail } = await this.#stored.load({ request, position });
    // Only the log tells what has an outcome, also at a first delivery: a JetStream stream that is
    // filled again delivers requests of months ago as if they were new.
    if (tail && (await hasOutcome(store, request, position, tail))) return;
    const metric = await this.#viewFieldOf(request.clipId, observation);
    const scrape: Scrape = { request, videoId, correlationId, metric };
    const isOfField = metric === null || observation?.metric === metric;
    if (observation && isOfField && !batch && this.#isFresh(observation))
      return this.#append([cachedEvent(scrape, observation, this.#options.clock.now())]);
    await new Promise<void>((resolve, reject) => {
      const batcher = batch ? this.#resuming(batch) : this.#batcher;
      batcher.add({ scrape, last: observation, done: resolve, fail: reject });
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

  /**
   * If all sources give the same field, nothing can be mixed up; else the log says it: a person may
   * have changed it since the last observation.
   */
  async #viewFieldOf(clipId: string, last: Observation | undefined): Promise<string | null> {
    const { metrics, store } = this.#options;
    return metrics.length < 2 ? (last?.metric ?? null) : viewFieldOf(store, clipId);
  }

  #isFresh(observation: Observation): boolean {
    return age(observation, this.#options.clock.now()) < SCRAPE_CACHE_TTL_MS;
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
        const got = await get(scrapes);
        const observedAt = this.#options.clock.now();
        const scraped = await Promise.all(
          items.map(({ scrape, last }, i) => this.#judged(scrape, got[i]!, last, observedAt)),
        );
        await this.#keep(scrapes, scraped, observedAt);
        const outcomes = items.map(async ({ scrape, last }, i) => [
          outcomeEvent(scrape, scraped[i]!, observedAt),
          ...(await this.#restoration(scrape, scraped[i]!.result, last, observedAt)),
        ]);
        await this.#append((await Promise.all(outcomes)).flat());
        const { store } = this.#options;
        const gone = scrapes.filter((_, i) => isGoneResult(scraped[i]!.result));
        const retired = gone.map(async (scrape) => {
          const by = await retirementBy(store, scrape.request);
          return by ? [retiredEvent(scrape, by.reason, by.time)] : [];
        });
        await this.#append((await Promise.all(retired)).flat());
      });
      for (const item of items) item.done();
    } catch (error) {
      for (const item of items) item.fail(error);
    }
  }

  /**
   * What the clip's history makes of a result: a zero after views is none, and a figure that was
   * doubted before is an observation if a second scrape says it too. The log is read for these.
   */
  async #judged(
    { request: { clipId } }: Scrape,
    scraped: Scraped,
    last: Observation | undefined,
    observedAt: Date,
  ): Promise<Scraped> {
    const { result } = scraped;
    const { store } = this.#options;
    if (result.kind === 'observed' && result.figures.views === 0) {
      const before = last?.views || (await viewsBefore(store, clipId));
      const why = implausibleZero(0, before);
      return why ? { ...scraped, result: doubtful(result.figures, why) } : scraped;
    }
    if (result.kind !== 'failed' || !result.doubted) return scraped;
    const { figures, why } = result.doubted;
    return confirms(figures, why, await lastDoubted(store, clipId), observedAt)
      ? { ...scraped, result: { kind: 'observed', figures } }
      : scraped;
  }

  /** That a retired clip is back, if the outcome has seen it. */
  async #restoration(
    scrape: Scrape,
    result: ScrapeResult,
    last: Observation | undefined,
    now: Date,
  ): Promise<ClipEvent[]> {
    const isSeen = result.kind === 'observed' || result.doubted !== undefined;
    if (!isSeen || (last && age(last, now) < NOT_RETIRED_WITHIN_MS)) return [];
    const { store } = this.#options;
    return (await isRetired(store, scrape.request.clipId)) ? [restoredEvent(scrape, now)] : [];
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
    const appends = [...Map.groupBy(made, ({ stream }) => stream)].map(([stream, own]) => ({
      stream,
      events: own.map(({ event }) => event),
      expected: 'any' as const,
    }));
    const attributes = { 'cliptally.events': appends.length };
    await inSpan('append outcomes', { attributes }, () => this.#options.store.appendMany(appends));
  }
}

const age = ({ observedAt }: Observation, now: Date): number =>
  now.getTime() - Date.parse(observedAt);

const spanOf = ({ correlationId, request: { requestId, clipId } }: Scrape) =>
  workSpanOf({ correlationId, causationId: requestId }, streams.clip(clipId));
