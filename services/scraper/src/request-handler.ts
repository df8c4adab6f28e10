import {
  SCRAPE_CACHE_TTL_MS,
  streams,
  systemTimers,
  videoIdFrom,
  type ClipTrackingRequested,
  type Timers,
} from '@cliptally/contracts';
import { Poison } from '@cliptally/messaging/nest';
import type DataLoader from 'dataloader';
import { askedTogether } from './asked-together.js';
import { recordBatch, type RecordingPorts, type Waiting } from './batch-outcomes.js';
import { Batcher } from './batcher.js';
import { hasOutcome, viewFieldOf } from './clip-history.js';
import { answers } from './domain/post.js';
import type { Scrape } from './domain/scrape.js';
import { appendOutcomes } from './events.js';
import { cachedEvent } from './rare-events.js';
import { ResumedBatches } from './resumed-batches.js';
import type { Observation, StoredBatch } from './scrape-state/scrape-state.js';
import type { SourceRouter } from './source-router.js';
import { StreamTails } from './stream-tails.js';

/** What the transport knows of a request beside the request itself. */
export interface Delivery {
  correlationId: string;
  /** Position of the request in the log; its outcome has a later one. */
  position: number;
  /** Whether the log has the request; a caller who knows that it does leaves this out. */
  isLogged?: () => Promise<boolean>;
}

export interface RequestHandlerOptions extends RecordingPorts {
  router: SourceRouter;
  /** Names of the view fields that the platform's sources give. */
  metrics: readonly string[];
  timers?: Timers;
  /** Shared with who asks for other streams at the same time. */
  tails?: StreamTails;
  batchSize: number;
  /** On the simulated clock. */
  lingerMs: number;
  /** Batches under way in this process. */
  batchesAtOnce: number;
}

/** What is stored about a request when it is delivered. */
interface Stored {
  observation: Observation | undefined;
  /** The batch of an earlier delivery. */
  batch: StoredBatch | undefined;
}

const LOADED_AT_ONCE = 200;

/**
 * Handles the scrape requests of one platform: the log gets exactly one outcome of each, whatever
 * happens to this process.
 */
export class ScrapeRequestHandler {
  readonly #batcher: Batcher<Waiting>;
  readonly #resumed: ResumedBatches;
  /**
   * Requests in hand. JetStream delivers them to this process again if it was silent for too long.
   */
  readonly #inHand = new Map<string, Promise<void>>();
  readonly #stored: DataLoader<ClipTrackingRequested, Stored>;
  readonly #tails: StreamTails;

  constructor(readonly options: RequestHandlerOptions) {
    const { clock, timers = systemTimers, batchSize, lingerMs, batchesAtOnce } = options;
    this.#stored = askedTogether((requests) => this.#load(requests), timers, LOADED_AT_ONCE);
    this.#tails = options.tails ?? new StreamTails(options.store, timers);
    this.#resumed = new ResumedBatches(options);
    this.#batcher = new Batcher({
      clock,
      size: batchSize,
      lingerMs,
      concurrency: batchesAtOnce,
      work: (items) => recordBatch(options, items, (scrapes) => options.router.scrape(scrapes)),
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

  /** Finishes what is under way. */
  async drain(): Promise<void> {
    await Promise.all([this.#batcher, ...this.#resumed.batchers].map((batcher) => batcher.drain()));
  }

  async #handle(
    request: ClipTrackingRequested,
    { correlationId, position, isLogged = () => Promise.resolve(true) }: Delivery,
  ): Promise<void> {
    const { platform, metrics, store, clock } = this.options;
    const videoId = videoIdFrom(platform, request.url) ?? request.clipId.slice(platform.length + 1);
    if (request.platform !== platform || !request.clipId.startsWith(`${platform}-`))
      throw new Poison(`a request to scrape ${request.clipId} came to ${platform}`);
    const [{ observation, batch }, tail, isIn] = await Promise.all([
      this.#stored.load(request),
      this.#tails.of(streams.clip(request.clipId)),
      isLogged(),
    ]);
    if (!isIn) return;
    // Only the log tells what has an outcome, also at a first delivery: a JetStream stream that is
    // filled again delivers requests of months ago as if they were new.
    if (tail && (await hasOutcome(store, request, position, tail))) return;
    // If all sources give the same field, nothing can be mixed up; else the log says it: a person
    // may have changed it since the last observation.
    const metric =
      metrics.length < 2 ? (observation?.metric ?? null) : await viewFieldOf(store, request.clipId);
    const scrape: Scrape = { request, videoId, correlationId, metric };
    const now = clock.now();
    const isAnswer =
      observation &&
      !batch &&
      (metric === null || observation.metric === metric) &&
      answers(request.checks, observation.post) &&
      now.getTime() - Date.parse(observation.observedAt) < SCRAPE_CACHE_TTL_MS;
    if (isAnswer) return appendOutcomes(store, [cachedEvent(scrape, observation, now)]);
    await new Promise<void>((resolve, reject) => {
      const batcher = batch ? this.#resumed.batcherOf(batch) : this.#batcher;
      batcher.add({ scrape, last: observation, tail, done: resolve, fail: reject });
    });
  }

  async #load(requests: readonly ClipTrackingRequested[]): Promise<Stored[]> {
    const { state } = this.options;
    const [observations, batches] = await Promise.all([
      state.observationsOf([...new Set(requests.map(({ clipId }) => clipId))]),
      state.batchesOf(requests.map(({ requestId }) => requestId)),
    ]);
    return requests.map(({ requestId, clipId }) => ({
      observation: observations.get(clipId),
      batch: batches.get(requestId),
    }));
  }
}
