import {
  SCRAPE_CACHE_TTL_MS,
  idOfTime,
  newEvent,
  outcomeId,
  shortened,
  streams,
  videoIdFrom,
  type AnyEvent,
  type ClipTrackingRequested,
  type Clock,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import type { EventStore, Tail } from '@cliptally/event-store';
import { inSpan, workSpanOf, type Log } from '@cliptally/messaging';
import { Poison } from '@cliptally/messaging/nest';
import DataLoader from 'dataloader';
import { Batcher } from './batcher.js';
import type { Bought, Buyer } from './buying.js';
import { failed, type Look } from './domain/batch.js';
import type { Memory, RememberedBatch, RememberedCount } from './memory.js';

/** What the transport knows of a request beside what it says. */
export interface Delivery {
  correlationId: string;
  /** Position of the request in the log; its outcome stands behind it. */
  position: number;
}

export interface LooksOptions {
  platform: Platform;
  buyer: Buyer;
  /** Names of the counts that the platform's sources give. */
  metrics: readonly string[];
  store: EventStore;
  memory: Memory;
  clock: Clock;
  log: Log;
  batchSize: number;
  lingerMs: number;
  runsAtOnce: number;
}

interface Waiting {
  look: Look;
  done(): void;
  fail(error: unknown): void;
}

/** Events of a clip that are read at once to find a request's outcome, which stands next behind the request in nearly all cases. */
const READ_ON = 20;
const RECALLED_AT_ONCE = 200;

type Outcome = Extract<AnyEvent, { type: 'ViewsRecorded' | 'ScrapeFailed' }>;

interface Asked {
  request: ClipTrackingRequested;
  position: number;
}

/** What was known of a look when it came. */
interface Known {
  count: RememberedCount | undefined;
  /** That an earlier delivery had it in. */
  batch: RememberedBatch | undefined;
  /** Of the clip's stream. */
  tail: Tail | undefined;
}

/** Answers requests to look at clips of one platform: each with exactly one outcome in the log, whatever happens to this process. */
export class Looks {
  readonly #options: LooksOptions;
  readonly #batcher: Batcher<Waiting>;
  /** Looks whose batch was paid for by an earlier delivery, by batch. */
  readonly #resumed = new Map<string, Batcher<Waiting>>();
  /** What this process has in hand, by request: a process that stalled gets its own looks again. */
  readonly #inHand = new Map<string, Promise<void>>();
  /** What is known of looks that come within one turn of the event loop is asked for in one go. */
  readonly #known = new DataLoader<Asked, Known>((asked) => this.#recall(asked), {
    cache: false,
    maxBatchSize: RECALLED_AT_ONCE,
    batchScheduleFn: setImmediate,
  });

  constructor(options: LooksOptions) {
    this.#options = options;
    const { clock, batchSize, lingerMs, runsAtOnce } = options;
    this.#batcher = new Batcher({
      clock,
      size: batchSize,
      lingerMs,
      concurrency: runsAtOnce,
      work: (items) => this.#settle(items, (looks) => options.buyer.buy(looks)),
    });
  }

  /** Resolves when the request's outcome is in the log. Rejects with {@link Poison} for a request that can never have one. */
  look(request: ClipTrackingRequested, delivery: Delivery): Promise<void> {
    const { requestId } = request;
    const inHand = this.#inHand.get(requestId) ?? this.#look(request, delivery).finally(() => this.#inHand.delete(requestId));
    this.#inHand.set(requestId, inHand);
    return inHand;
  }

  async #look(request: ClipTrackingRequested, { correlationId, position }: Delivery): Promise<void> {
    const { platform } = this.#options;
    const videoId = videoIdFrom(platform, request.url) ?? request.clipId.slice(platform.length + 1);
    if (request.platform !== platform || !request.clipId.startsWith(`${platform}-`))
      throw new Poison(`a look at ${request.clipId} came to ${platform}`);
    const { count, batch, tail } = await this.#known.load({ request, position });
    // The log alone tells what was answered, also at a first delivery: a stream that is filled again gives requests of months ago as if they were new.
    if (tail && (await this.#hasOutcome(request, position, tail))) return;
    const look: Look = { request, videoId, correlationId, metric: count?.metric ?? (await this.#metricOf(request.clipId)) };
    if (count && !batch && this.#fresh(count)) return this.#append([this.#cached(look, count)]);
    await new Promise<void>((resolve, reject) => {
      (batch ? this.#resuming(batch) : this.#batcher).add({ look, done: resolve, fail: reject });
    });
  }

  /** Finishes what is under way. */
  async drain(): Promise<void> {
    await Promise.all([this.#batcher, ...this.#resumed.values()].map((batcher) => batcher.drain()));
  }

  async #recall(asked: readonly Asked[]): Promise<Known[]> {
    const { memory, store } = this.#options;
    const requestIds = asked.map(({ request }) => request.requestId);
    const clipIds = [...new Set(asked.map(({ request }) => request.clipId))];
    const [counts, batches, tails] = await Promise.all([
      memory.countsOf(clipIds),
      memory.batchesOf(requestIds),
      store.tails(clipIds.map(streams.clip)),
    ]);
    return asked.map(({ request: { requestId, clipId } }) => ({
      count: counts.get(clipId),
      batch: batches.get(requestId),
      tail: tails.get(streams.clip(clipId)),
    }));
  }

  #fresh({ observedAt }: RememberedCount): boolean {
    return this.#options.clock.now().getTime() - Date.parse(observedAt) < SCRAPE_CACHE_TTL_MS;
  }

  #resuming(batch: RememberedBatch): Batcher<Waiting> {
    const { clock, lingerMs, buyer } = this.#options;
    const found = this.#resumed.get(batch.batchId);
    if (found) return found;
    const work = async (items: Waiting[]) => {
      this.#resumed.delete(batch.batchId);
      await this.#settle(items, (looks) => buyer.resume(batch, looks));
    };
    const made = new Batcher<Waiting>({ clock, size: batch.looks.length, lingerMs, concurrency: 1, work });
    this.#resumed.set(batch.batchId, made);
    return made;
  }

  async #settle(items: Waiting[], get: (looks: Look[]) => Promise<Bought[]>): Promise<void> {
    const looks = items.map(({ look }) => look);
    // A batch is part of the trace of its first look, and linked to the others.
    const [parent, ...links] = looks.map(spanOfLook);
    const attributes = { 'cliptally.platform': this.#options.platform, 'messaging.batch.message_count': looks.length };
    try {
      await inSpan('scrape batch', { parent, links, attributes }, async () => {
        const bought = await get(looks);
        const observedAt = this.#options.clock.now();
        await this.#keep(looks, bought, observedAt);
        const events = await Promise.all(looks.map((look, i) => this.#outcome(look, bought[i]!, observedAt)));
        await this.#append(events.flat());
      });
      for (const item of items) item.done();
    } catch (error) {
      for (const item of items) item.fail(error);
    }
  }

  /** Before the log: a count that is remembered and not logged is logged as cached; the other way round it would be bought again. */
  async #keep(looks: Look[], bought: Bought[], observedAt: Date): Promise<void> {
    const counts = new Map<string, RememberedCount>();
    looks.forEach(({ request }, i) => {
      const { result, source } = bought[i]!;
      if (result.kind === 'seen') counts.set(request.clipId, { ...result.figures, observedAt: observedAt.toISOString(), source });
    });
    await this.#options.memory.keepCounts(counts);
  }

  async #outcome(
    look: Look,
    { result, source, costMicroUsd, attempts }: Bought,
    observedAt: Date,
  ): Promise<{ stream: string; event: NewEvent }[]> {
    const { requestId, runId, clipId, platform } = look.request;
    const stream = streams.clip(clipId);
    const base = { clipId, platform, requestId, runId, source, costMicroUsd };
    const context = { time: observedAt, correlationId: look.correlationId, causationId: requestId };
    if (result.kind === 'seen') {
      const data = { ...base, ...result.figures, observedAt: observedAt.toISOString(), cached: false };
      return [{ stream, event: newEvent('ViewsRecorded', outcomeId(requestId), data, context) }];
    }
    const { reason, detail, retryable } = result;
    const outcome = newEvent(
      'ScrapeFailed',
      outcomeId(requestId),
      { ...base, reason, detail: shortened(detail, 500), retryable, attempts },
      context,
    ) as NewEvent;
    if ((reason !== 'not_found' && reason !== 'private') || !(await this.#wasGone(clipId, requestId))) return [{ stream, event: outcome }];
    const retired = newEvent(
      'ClipRetired',
      idOfTime(requestId, 'retired', clipId, requestId),
      { clipId, platform, reason, requestId },
      context,
    ) as NewEvent;
    return [
      { stream, event: outcome },
      { stream, event: retired },
    ];
  }

  #cached(look: Look, { source, ...figures }: RememberedCount): { stream: string; event: NewEvent } {
    const { requestId, runId, clipId, platform } = look.request;
    const data = { clipId, platform, requestId, runId, source, costMicroUsd: 0, ...figures, cached: true };
    const context = { time: this.#options.clock.now(), correlationId: look.correlationId, causationId: requestId };
    return { stream: streams.clip(clipId), event: newEvent('ViewsRecorded', outcomeId(requestId), data, context) };
  }

  async #append(made: { stream: string; event: NewEvent }[]): Promise<void> {
    const appends = made.map(({ stream, event }) => ({ stream, events: [event], expected: 'any' as const }));
    await inSpan('append outcomes', { attributes: { 'cliptally.events': appends.length } }, () => this.#options.store.appendMany(appends));
  }

  async *#outcomes(clipId: string): AsyncGenerator<Outcome> {
    for await (const event of this.#options.store.readStream(streams.clip(clipId), { direction: 'backwards' }))
      if (event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed') yield event;
  }

  /** Whether the log has the request's outcome, in a stream that ends at `tail`: nothing has to be read for a new request, and some ten events for one that lies hundreds of looks back. */
  async #hasOutcome({ clipId, requestId }: ClipTrackingRequested, position: number, tail: Tail): Promise<boolean> {
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
    for (; from <= tail.revision; from += READ_ON)
      for await (const event of store.readStream(stream, { from, limit: READ_ON }))
        if ((event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed') && event.data.requestId === requestId) return true;
    return false;
  }

  /** Two looks in a row that find a clip gone retire it; one may be an accident of the platform's. */
  async #wasGone(clipId: string, requestId: string): Promise<boolean> {
    for await (const event of this.#outcomes(clipId))
      if (event.data.requestId !== requestId)
        return event.type === 'ScrapeFailed' && (event.data.reason === 'not_found' || event.data.reason === 'private');
    return false;
  }

  /** The view field the clip began with. Where all sources give the same one, there is nothing to mix up. */
  async #metricOf(clipId: string): Promise<string | null> {
    if (this.#options.metrics.length < 2) return null;
    for await (const event of this.#outcomes(clipId)) if (event.type === 'ViewsRecorded') return event.data.metric;
    return null;
  }

  /** The outcome of a request that the transport has given up, unless it has one. A person can see it and send it again. */
  async giveUp(request: ClipTrackingRequested, { correlationId, position }: Delivery, reason: string): Promise<void> {
    const { buyer, platform } = this.#options;
    const { batch: kept, tail } = await this.#known.load({ request, position });
    if (tail && (await this.#hasOutcome(request, position, tail))) return;
    const batch = request.platform === platform ? kept : undefined;
    const costMicroUsd = batch ? await buyer.writeOff(batch, request.requestId) : 0;
    const bought: Bought = { result: failed('dead_letter', reason), source: batch?.source ?? 'none', costMicroUsd, attempts: 1 };
    const look: Look = { request, videoId: '', metric: null, correlationId };
    await this.#append(await this.#outcome(look, bought, this.#options.clock.now()));
  }
}

const spanOfLook = ({ correlationId, request: { requestId, clipId } }: Look) =>
  workSpanOf({ correlationId, causationId: requestId }, streams.clip(clipId));
