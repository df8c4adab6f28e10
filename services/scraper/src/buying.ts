import { derivedId, newEvent, streams, type Clock, type Platform } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { inSpan, workSpanOf, type Log } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { CLOSED, admit, after, unjudged, type Breaker } from './domain/breaker.js';
import { failed, split, type Look, type LookResult } from './domain/batch.js';
import { classify, mayHaveStarted, pauseBefore, worthRetrying, type Fault, type FaultClass } from './domain/faults.js';
import type { Limits } from './limits.js';
import type { Memory, RememberedBatch } from './memory.js';
import { SourceFault, type Collected, type Source } from './sources/source.js';

/** A result with its look's part of what was paid for it. */
export interface Bought {
  result: LookResult;
  source: string;
  costMicroUsd: number;
  /** Calls that were made to get it, at all sources together. */
  attempts: number;
}

export interface BuyerOptions {
  platform: Platform;
  /** By preference. */
  sources: readonly Source[];
  store: EventStore;
  memory: Memory;
  limits: Limits;
  clock: Clock;
  log: Log;
  /** Whether runs may be paid for: false once the month's money is used up. */
  mayPay: () => Promise<boolean>;
  /** 0 to 1, new at each call. */
  jitter: () => number;
  signal: AbortSignal;
}

/** What a look fails with when no source could be asked, by what was wrong with the last one. */
const REASONS = {
  transient: 'source_failed',
  rate_limited: 'rate_limited',
  quota_exhausted: 'quota_exhausted',
  rejected: 'rejected',
} as const;
const RESTING = failed('source_failed', 'every source rests after repeated faults');
const SPENT = failed('quota_exhausted', "the month's money is used up");

/** No run, no rows, no bill. */
const NOTHING: Collected = { results: [], silent: true, status: 'failed', costMicroUsd: 0 };

/** Of the world's time, after which looks whose run cannot be read now come again. */
const COME_AGAIN_MS = 30_000;

/** What a source made of a batch. `whole`: it failed as a whole, and the next source may be asked. */
interface Used {
  batchId: string;
  results: readonly LookResult[];
  costMicroUsd: number;
  attempts: number;
  whole: boolean;
}

/** Gets the counts of a batch from the first source that answers, and writes down what it cost, whatever came of it. */
export class Buyer {
  readonly #options: BuyerOptions;
  readonly #breakers = new Map<string, Breaker>();

  constructor(options: BuyerOptions) {
    this.#options = options;
  }

  /**
   * Results in the order of the looks. Never rejects for a source that failed; rejects with {@link RetryLater} where a run was, or may have
   * been, started and cannot be read now, or where another scraper has begun to buy: the looks come again, and {@link resume} reads it then.
   * `replaces` is the batch of the looks that {@link resume} found to have no run.
   */
  async buy(looks: readonly Look[], replaces: string | null = null): Promise<Bought[]> {
    const paid = looks.map(() => 0);
    let attempts = 0;
    let last: { results: readonly LookResult[]; source: string } | null = null;
    for (const source of this.#options.sources) {
      const spent = source.runs && !(await this.#options.mayPay());
      if (spent || !this.#admit(source)) {
        last = spent || !last ? { results: looks.map(() => (spent ? SPENT : RESTING)), source: source.name } : last;
        continue;
      }
      const used = await this.#use(source, looks, replaces);
      if (source.runs) replaces = used.batchId;
      split(used.costMicroUsd, looks.length).forEach((share, i) => (paid[i]! += share));
      attempts += used.attempts;
      last = { results: used.results, source: source.name };
      if (!used.whole) break;
    }
    const { results, source } = last ?? { results: looks.map(() => failed('source_failed', 'no source is configured')), source: 'none' };
    return looks.map((_, i) => ({ result: results[i]!, source, costMicroUsd: paid[i]!, attempts: Math.max(1, attempts) }));
  }

  /**
   * Reads the run of a batch that an earlier delivery had paid for, or was about to, in the order of that batch. Null where no run was ever
   * started: then it may be bought.
   */
  async resume(batch: RememberedBatch): Promise<Bought[] | null> {
    const source = this.#options.sources.find(({ name }) => name === batch.source);
    if (!source?.runs) return null;
    const run = batch.run ?? (await source.find(batch.looks, new Date(batch.intendedAt)).catch((error: unknown) => this.#comeAgain(error)));
    if (run === null) {
      await this.#completed(batch, source, NOTHING);
      return null;
    }
    const { results, costMicroUsd } = await this.#finish({ ...batch, run }, source, 1);
    const shares = split(costMicroUsd, batch.looks.length);
    return results.map((result, i) => ({ result, source: source.name, costMicroUsd: shares[i]!, attempts: 1 }));
  }

  /**
   * Closes the books on a batch one of whose looks is given up, and gives the look's part: its bill, or where that cannot be learnt, and also where it
   * cannot be learnt whether there is a run at all, the price list's. Money that is gone unseen would be worse than a cent too many in the books.
   */
  async writeOff(batch: RememberedBatch, requestId: string): Promise<number> {
    const { sources, signal } = this.#options;
    const source = sources.find(({ name }) => name === batch.source);
    if (!source?.runs) return 0;
    const read = async () => {
      const run = batch.run ?? (await source.find(batch.looks, new Date(batch.intendedAt)));
      return run === null ? null : { run, collected: await source.collect(run, batch.looks, signal) };
    };
    const found = await read().catch((error: unknown) => ({ run: batch.run, collected: lost(error, source, batch) }));
    const collected = found?.collected ?? NOTHING;
    await this.#completed({ ...batch, run: found?.run ?? null }, source, collected);
    const place = batch.looks.findIndex(({ request }) => request.requestId === requestId);
    return split(collected.costMicroUsd, batch.looks.length)[place] ?? 0;
  }

  #admit(source: Source): boolean {
    const now = this.#options.clock.now().getTime();
    const { admitted, breaker } = admit(this.#breakers.get(source.name) ?? CLOSED, now);
    this.#breakers.set(source.name, breaker);
    return admitted;
  }

  /** The intent is written before the call, in the log and in what all replicas remember; the true cost after it, also of a failure. */
  async #use(source: Source, looks: readonly Look[], replaces: string | null): Promise<Used> {
    const { clock, limits, memory, signal } = this.#options;
    let healthy: boolean | null = null;
    try {
      const intendedAt = clock.now();
      const batchId = derivedId('batch', source.name, intendedAt.getTime(), ...looks.map(({ request }) => request.requestId));
      await limits.enter(source, batchId, looks.length, signal);
      const batch: RememberedBatch = { batchId, source: source.name, looks: [...looks], intendedAt: intendedAt.toISOString(), run: null };
      const [{ correlationId, request }] = looks as [Look, ...Look[]];
      const at = workSpanOf({ correlationId, causationId: request.requestId }, streams.scrapeBatch(batchId));
      return await inSpan(`ask ${source.name}`, { at, attributes: { 'cliptally.batch': batchId } }, async () => {
        await this.#intend(batch, source, replaces);
        healthy = false;
        const started = await this.#start(batch, source);
        if ('fault' in started) {
          healthy = !isPassing(started.fault);
          return await this.#refused(batch, source, started);
        }
        const running = { ...batch, run: started.run };
        if (source.runs) await memory.keepBatch(running);
        const used = await this.#finish(running, source, started.attempts);
        healthy = !used.whole;
        return used;
      });
    } catch (error) {
      // NATS or the log was away: the looks come again, and the source must not rest for it.
      if (!(error instanceof RetryLater)) healthy = null;
      throw error;
    } finally {
      // What kept us from asking says nothing about the source.
      const breaker = this.#breakers.get(source.name) ?? CLOSED;
      this.#breakers.set(source.name, healthy === null ? unjudged(breaker) : after(breaker, healthy, clock.now().getTime()));
    }
  }

  async #intend(batch: RememberedBatch, source: Source, replaces: string | null): Promise<void> {
    const { platform, store, memory } = this.#options;
    const { batchId, looks, intendedAt } = batch;
    const requestIds = looks.map(({ request }) => request.requestId);
    const started = newEvent(
      'ScrapeBatchStarted',
      derivedId('batch started', batchId),
      { batchId, platform, source: source.name, requestIds, maxCostMicroUsd: source.maxCostMicroUsd(looks.length) },
      { time: intendedAt, correlationId: looks[0]!.correlationId, causationId: requestIds[0]! },
    );
    await store.append(streams.scrapeBatch(batchId), [started], 'any');
    // While this process waited for its turn, or was taken for dead, the looks may have come to another.
    if (!source.runs || (await memory.claim(batch, replaces))) return;
    await this.#completed(batch, source, NOTHING);
    throw new RetryLater(1_000, 'another scraper has taken over the looks');
  }

  /**
   * Starts the batch's run, with retries. A start whose answer was lost may have started a run all the same: that run is looked for before
   * another is started, and where that cannot be found out, nothing is.
   */
  async #start(
    { looks, intendedAt, batchId }: RememberedBatch,
    source: Source,
  ): Promise<{ run: string; attempts: number } | { fault: Fault; detail: string; attempts: number }> {
    const { clock, jitter, memory, signal } = this.#options;
    let unsure = false;
    for (let attempt = 1; ; attempt++) {
      try {
        if (unsure) {
          const found = await source.find(looks, new Date(intendedAt));
          if (found !== null) return { run: found, attempts: attempt - 1 };
          unsure = false;
        }
        const current = source.runs ? await memory.batchOf(looks[0]!.request.requestId) : null;
        // A process that was taken for dead may wake up here: another has the looks by now.
        if (current && current.batchId !== batchId) throw new RetryLater(1_000, 'another scraper has taken over the looks');
        return { run: await source.start(looks), attempts: attempt };
      } catch (error) {
        const { fault, message } = this.#faultOf(error, source, attempt);
        unsure ||= mayHaveStarted(fault);
        if (!worthRetrying(fault, attempt) || signal.aborted) {
          const found = unsure
            ? await source.find(looks, new Date(intendedAt)).catch((failure: unknown) => this.#comeAgain(failure))
            : null;
          return found === null ? { fault, detail: message.slice(0, 300), attempts: attempt } : { run: found, attempts: attempt };
        }
        await clock.sleep(pauseBefore(attempt, jitter(), fault.retryAfter), signal);
      }
    }
  }

  /** Reads what the batch's run brought, with retries, and writes down what it cost. A run is never started anew for what cannot be read. */
  async #finish(batch: RememberedBatch, source: Source, attempts: number): Promise<Used> {
    const { clock, jitter, signal } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        const collected = await source.collect(batch.run!, batch.looks, signal);
        await this.#completed(batch, source, collected);
        return { ...collected, batchId: batch.batchId, attempts, whole: collected.silent };
      } catch (error) {
        const { fault, message } = this.#faultOf(error, source, attempt);
        if (worthRetrying(fault, attempt) && !signal.aborted) {
          await clock.sleep(pauseBefore(attempt, jitter(), fault.retryAfter), signal);
          continue;
        }
        if (source.runs && (isPassing(fault) || signal.aborted)) this.#comeAgain(error);
        return this.#refused(
          batch,
          source,
          { fault, detail: message.slice(0, 300), attempts: attempts + attempt - 1 },
          lost(error, source, batch),
        );
      }
    }
  }

  async #refused(
    batch: RememberedBatch,
    source: Source,
    { fault, detail, attempts }: { fault: Fault; detail: string; attempts: number },
    collected = NOTHING,
  ): Promise<Used> {
    await this.#completed(batch, source, collected);
    const results = batch.looks.map(() => failed(REASONS[classify(fault)], detail));
    return { results, batchId: batch.batchId, costMicroUsd: collected.costMicroUsd, attempts, whole: true };
  }

  async #completed(batch: RememberedBatch, source: Source, { results, status, costMicroUsd, estimated }: Collected): Promise<void> {
    const { store, clock, platform, limits } = this.#options;
    const { batchId, looks, run } = batch;
    const now = clock.now();
    const data = {
      batchId,
      platform,
      source: source.name,
      sourceRunId: run,
      status: run === null && !estimated ? ('not_started' as const) : status,
      looks: looks.length,
      recorded: results.filter(({ kind }) => kind === 'seen').length,
      costMicroUsd,
      ...(estimated ? { estimated } : {}),
      durationMs: Math.max(0, now.getTime() - Date.parse(batch.intendedAt)),
    };
    const completed = newEvent('ScrapeBatchCompleted', derivedId('batch completed', batchId), data, {
      time: now,
      correlationId: batchId,
      causationId: derivedId('batch started', batchId),
    });
    await store.append(streams.scrapeBatch(batchId), [completed], 'any');
    await limits.leave(source, batchId);
  }

  /** The fault of a source; anything else is none of its faults, and is thrown on. */
  #faultOf(error: unknown, source: Source, attempt: number): SourceFault {
    if (!(error instanceof SourceFault)) throw error;
    this.#options.log.warn({ source: source.name, attempt, reason: classify(error.fault), error: error.message }, 'a source failed');
    return error;
  }

  #comeAgain(error: unknown): never {
    if (!(error instanceof SourceFault)) throw error;
    throw new RetryLater(Math.max(1_000, COME_AGAIN_MS / this.#options.clock.speed), error.message);
  }
}

const PASSING: readonly FaultClass[] = ['transient', 'rate_limited'];
const isPassing = (fault: Fault) => PASSING.includes(classify(fault));

/** A run that brought nothing that can be read, with what it has cost; by the price list where that was never learnt. A call that is no run is not billed. */
function lost(error: unknown, source: Source, { looks }: RememberedBatch): Collected {
  const billed = error instanceof SourceFault ? error.billedMicroUsd : undefined;
  if (billed !== undefined || !source.runs) return { ...NOTHING, costMicroUsd: billed ?? 0 };
  return { ...NOTHING, costMicroUsd: source.expectedCostMicroUsd(looks.length), estimated: true };
}
