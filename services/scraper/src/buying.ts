import { derivedId, newEvent, streams, type Clock, type Platform } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import { CLOSED, admit, after, type Breaker } from './domain/breaker.js';
import { failed, split, type Look, type LookResult } from './domain/batch.js';
import { RETRIES, classify, pauseBefore, type FaultClass } from './domain/faults.js';
import type { Memory, RememberedBatch } from './memory.js';
import { SourceFault, type Collected, type Source } from './sources/source.js';

/** A result with its look's part of what the batch cost. */
export interface Bought {
  result: LookResult;
  source: string;
  costMicroUsd: number;
  attempts: number;
}

export interface BuyerOptions {
  platform: Platform;
  /** By preference. */
  sources: readonly Source[];
  store: EventStore;
  memory: Memory;
  clock: Clock;
  log: Log;
  /** Whether paid sources may be asked: false once the month's money is used up. */
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

/** Gets the counts of a batch from the first source that answers, and writes down what it cost, whatever came of it. */
export class Buyer {
  readonly #options: BuyerOptions;
  readonly #breakers = new Map<string, Breaker>();

  constructor(options: BuyerOptions) {
    this.#options = options;
  }

  /** Results in the order of the looks. Never rejects for a fault of a source. */
  async buy(looks: readonly Look[]): Promise<Bought[]> {
    let fault: { reason: FaultClass; detail: string; source: string; attempts: number } | null = null;
    for (const source of this.#options.sources) {
      if (!this.#admit(source)) continue;
      if (source.maxCostMicroUsd(looks.length) > 0 && !(await this.#options.mayPay())) {
        fault = { reason: 'quota_exhausted', detail: "the month's money is used up", source: source.name, attempts: 1 };
        continue;
      }
      const tried = await this.#try(source, looks);
      if ('collected' in tried) return this.#bought(tried.collected, source, looks.length, tried.attempts);
      fault = { ...tried, source: source.name };
    }
    const { reason, detail, source, attempts } = fault ?? {
      reason: 'transient' as const,
      detail: 'every source rests after repeated faults',
      source: 'none',
      attempts: 1,
    };
    return looks.map(() => ({ result: failed(REASONS[reason], detail), source, costMicroUsd: 0, attempts }));
  }

  /** Reads a batch that another process had paid for, or was about to. Null where it was never started: then it may be bought. */
  async resume(batch: RememberedBatch, looks: readonly Look[]): Promise<Bought[] | null> {
    const source = this.#options.sources.find(({ name }) => name === batch.source);
    if (!source) return null;
    const run = batch.run ?? (await source.find(looks, new Date(batch.intendedAt)).catch(() => null));
    if (run === null) return null;
    try {
      const collected = await source.collect(run, looks, this.#options.signal);
      await this.#completed(batch, source, run, collected);
      const shares = split(collected.costMicroUsd, batch.requestIds.length);
      return collected.results.map((result, i) => {
        const place = batch.requestIds.indexOf(looks[i]!.request.requestId);
        return { result, source: source.name, costMicroUsd: shares[place] ?? 0, attempts: 1 };
      });
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
      this.#options.log.warn({ batchId: batch.batchId, error: error.message }, 'a run that was paid for cannot be read');
      return null;
    }
  }

  #admit(source: Source): boolean {
    const now = this.#options.clock.now().getTime();
    const { admitted, breaker } = admit(this.#breakers.get(source.name) ?? CLOSED, now);
    this.#breakers.set(source.name, breaker);
    return admitted;
  }

  async #try(
    source: Source,
    looks: readonly Look[],
  ): Promise<{ collected: Collected; attempts: number } | { reason: FaultClass; detail: string; attempts: number }> {
    const { clock, signal, jitter, log } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        const collected = await this.#once(source, looks, attempt);
        this.#breakers.set(source.name, after(this.#breakers.get(source.name) ?? CLOSED, true, clock.now().getTime()));
        return { collected, attempts: attempt };
      } catch (error) {
        if (!(error instanceof SourceFault)) throw error;
        const reason = classify(error.fault);
        log.warn({ source: source.name, attempt, reason, error: error.message }, 'a source failed');
        const passing = reason === 'transient' || reason === 'rate_limited';
        if (!passing || attempt > RETRIES || signal.aborted) {
          this.#breakers.set(source.name, after(this.#breakers.get(source.name) ?? CLOSED, false, clock.now().getTime()));
          return { reason, detail: error.message.slice(0, 300), attempts: attempt };
        }
        await clock.sleep(pauseBefore(attempt, jitter(), error.fault.retryAfter), signal);
      }
    }
  }

  /** The intent is written before the call, in the log and in what all replicas remember; the true cost after it, also of a failure. */
  async #once(source: Source, looks: readonly Look[], attempt: number): Promise<Collected> {
    const { platform, store, memory, clock } = this.#options;
    const requestIds = looks.map(({ request }) => request.requestId);
    const batchId = derivedId('batch', source.name, attempt, clock.now().getTime(), ...requestIds);
    const intendedAt = clock.now();
    const batch: RememberedBatch = { batchId, source: source.name, requestIds, intendedAt: intendedAt.toISOString(), run: null };
    await memory.keepBatch(batch);
    const context = { time: intendedAt, correlationId: looks[0]!.correlationId, causationId: requestIds[0]! };
    const maxCostMicroUsd = source.maxCostMicroUsd(looks.length);
    const started = newEvent(
      'ScrapeBatchStarted',
      derivedId('batch started', batchId),
      { batchId, platform, source: source.name, requestIds, maxCostMicroUsd },
      context,
    );
    await store.append(streams.scrapeBatch(batchId), [started], 'any');
    let run: string | null = null;
    try {
      // A start whose answer was lost may run and be billed all the same: it is looked for before another is started.
      run = await source.start(looks).catch(async (error: unknown) => {
        const lost =
          error instanceof SourceFault && classify(error.fault) === 'transient'
            ? await source.find(looks, intendedAt).catch(() => null)
            : null;
        if (lost === null) throw error;
        return lost;
      });
      await memory.keepBatch({ ...batch, run });
      const collected = await source.collect(run, looks, this.#options.signal);
      await this.#completed(batch, source, run, collected);
      return collected;
    } catch (error) {
      // A process that stops leaves the run to whoever gets the looks next.
      if (!this.#options.signal.aborted) await this.#completed(batch, source, run, { results: [], status: 'failed', costMicroUsd: 0 });
      throw error;
    }
  }

  async #completed(
    batch: RememberedBatch,
    source: Source,
    run: string | null,
    { results, status, costMicroUsd }: Collected,
  ): Promise<void> {
    const { store, clock, platform } = this.#options;
    const { batchId, requestIds } = batch;
    const now = clock.now();
    const durationMs = Math.max(0, now.getTime() - Date.parse(batch.intendedAt));
    const recorded = results.filter(({ kind }) => kind === 'seen').length;
    const data = {
      batchId,
      platform,
      source: source.name,
      sourceRunId: run,
      status: run === null ? ('not_started' as const) : status,
      looks: requestIds.length,
      recorded,
      costMicroUsd,
      durationMs,
    };
    const completed = newEvent('ScrapeBatchCompleted', derivedId('batch completed', batchId), data, {
      time: now,
      correlationId: batchId,
      causationId: derivedId('batch started', batchId),
    });
    await store.append(streams.scrapeBatch(batchId), [completed], 'any');
  }

  #bought({ results, costMicroUsd }: Collected, source: Source, looks: number, attempts: number): Bought[] {
    const shares = split(costMicroUsd, looks);
    return results.map((result, i) => ({ result, source: source.name, costMicroUsd: shares[i]!, attempts }));
  }
}
