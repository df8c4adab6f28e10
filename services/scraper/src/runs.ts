import { shortened } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { Books, type BooksOptions } from './books.js';
import { failed, type Look, type LookResult } from './domain/batch.js';
import { certainInMs, isGood, type Claim } from './domain/claim.js';
import { classify, mayHaveStarted, pauseBefore, worthRetrying, type Fault, type FaultClass } from './domain/faults.js';
import type { Memory, RememberedBatch } from './memory.js';
import { SourceFault, type Collected, type Source } from './sources/source.js';

export interface RunsOptions extends BooksOptions {
  memory: Memory;
  log: Log;
  /** Real time for which a process may be silent before it is taken for dead. */
  ackWaitMs: number;
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

/** No run, no rows, no bill. */
export const NOTHING: Collected = { results: [], silent: true, status: 'failed', costMicroUsd: 0 };

/** Of the world's time, after which looks whose run cannot be read now come again. */
const COME_AGAIN_MS = 30_000;

/** What a source made of a batch. `whole`: it failed as a whole, and the next source may be asked. */
export interface Used {
  batch: RememberedBatch;
  results: readonly LookResult[];
  costMicroUsd: number;
  attempts: number;
  whole: boolean;
}

export interface Refusal {
  fault: Fault;
  detail: string;
  attempts: number;
}
export type Started = { batch: RememberedBatch } & ({ attempts: number } | Refusal);

/** Another scraper has a later claim on one of the looks. */
export class TakenOver extends RetryLater {
  constructor() {
    super(1_000, 'another scraper has taken over the looks');
  }
}

/** One batch at one source: its run is started once, whatever happens to the processes that have it in hand. */
export class Runs {
  readonly books: Books;
  readonly #options: RunsOptions;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.books = new Books(options);
  }

  /** Writes the intent down, in the log and in what all replicas remember; throws {@link TakenOver} where another was faster. */
  async intend(batch: RememberedBatch, source: Source, replaces: Claim | null): Promise<RememberedBatch> {
    await this.books.intended(batch, source);
    if (!source.runs) return batch;
    await this.#options.memory.keepBatch(batch);
    try {
      return await this.#claim(batch, replaces);
    } catch (error) {
      // While this process waited for its turn, or was taken for dead, the looks have come to another.
      if (error instanceof TakenOver) await this.books.completed(batch, source, NOTHING);
      throw error;
    }
  }

  async #claim(batch: RememberedBatch, replaces: Claim | null, looks: readonly Look[] = batch.looks): Promise<RememberedBatch> {
    const claimed = { ...batch, claimedAt: this.#options.clock.now().toISOString() };
    if (await this.#options.memory.claim(looks, claimed, replaces)) return claimed;
    throw new TakenOver();
  }

  get #goodForMs(): number {
    return this.#options.ackWaitMs * this.#options.clock.speed;
  }

  /**
   * The batch with its run, if it has one. Without one it is certain that none was started, and that whoever had the batch before starts none any more: its
   * claim is this process's by then, and a run on the old claim would show.
   */
  async held(batch: RememberedBatch, source: Source, looks: readonly Look[]): Promise<RememberedBatch> {
    const { clock, signal } = this.#options;
    const find = async (held: RememberedBatch) => ({ ...held, run: await source.find(batch.looks, new Date(batch.intendedAt)) });
    const held = batch.run === null ? await find(batch) : batch;
    if (held.run !== null) return held;
    await clock.sleep(certainInMs(batch, clock.now(), this.#goodForMs), signal);
    if (signal.aborted) throw new RetryLater(1_000, 'this scraper stops');
    return find(await this.#claim(batch, batch, looks));
  }

  /**
   * Starts the batch's run, with retries. A start whose answer was lost may have started a run all the same: that run is looked for before
   * another is started, and where that cannot be found out, nothing is. A process that was taken for dead may wake up here: on a claim that has grown old nothing
   * is started, and it cannot be renewed where another has the looks by now. Calls `calling` before the source is called.
   */
  async start(claimed: RememberedBatch, source: Source, calling: () => void): Promise<Started> {
    const { clock, jitter, signal } = this.#options;
    let batch = claimed;
    let unsure = false;
    const find = () => source.find(batch.looks, new Date(batch.intendedAt));
    const inTime = () => isGood(batch, clock.now(), this.#goodForMs);
    for (let attempt = 1; ; attempt++) {
      try {
        if (unsure) {
          const found = await find();
          if (found !== null) return { batch: { ...batch, run: found }, attempts: attempt - 1 };
          unsure = false;
        }
        while (source.runs && !inTime()) batch = await this.#claim(batch, batch);
        calling();
        return { batch: { ...batch, run: await source.start(batch.looks, inTime) }, attempts: attempt };
      } catch (error) {
        const { fault, message } = this.#faultOf(error, source, attempt);
        unsure ||= mayHaveStarted(fault);
        if (!worthRetrying(fault, attempt) || signal.aborted) {
          const found = unsure ? await find().catch((failure: unknown) => this.comeAgain(failure)) : null;
          const started = { batch: { ...batch, run: found }, attempts: attempt };
          return found === null ? { ...started, fault, detail: shortened(message, 300) } : started;
        }
        await clock.sleep(pauseBefore(attempt, jitter(), fault.retryAfter), signal);
      }
    }
  }

  /** Reads what the batch's run brought, with retries, and writes down what it cost. A run is never started anew for what cannot be read. */
  async finish(batch: RememberedBatch, source: Source, attempts: number): Promise<Used> {
    const { clock, jitter, signal } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        const collected = await source.collect(batch.run!, batch.looks, signal);
        await this.books.completed(batch, source, collected);
        return { ...collected, batch, attempts, whole: collected.silent };
      } catch (error) {
        const { fault, message } = this.#faultOf(error, source, attempt);
        if (worthRetrying(fault, attempt) && !signal.aborted) {
          await clock.sleep(pauseBefore(attempt, jitter(), fault.retryAfter), signal);
          continue;
        }
        if (source.runs && (isPassing(fault) || signal.aborted)) this.comeAgain(error);
        const refused = { fault, detail: shortened(message, 300), attempts: attempts + attempt - 1 };
        return this.refused(batch, source, refused, lost(error, source, batch));
      }
    }
  }

  /** A batch whose source refused it, or whose run cannot be read: a whole failure. */
  async refused(batch: RememberedBatch, source: Source, { fault, detail, attempts }: Refusal, collected = NOTHING): Promise<Used> {
    await this.books.completed(batch, source, collected);
    const results = batch.looks.map(() => failed(REASONS[classify(fault)], detail));
    return { results, batch, costMicroUsd: collected.costMicroUsd, attempts, whole: true };
  }

  /** The fault of a source; anything else is none of its faults, and is thrown on. */
  #faultOf(error: unknown, source: Source, attempt: number): SourceFault {
    if (!(error instanceof SourceFault)) throw error;
    this.#options.log.warn({ source: source.name, attempt, reason: classify(error.fault), error: error.message }, 'a source failed');
    return error;
  }

  /** The looks come again where a source is at fault; any other error is thrown on. */
  comeAgain(error: unknown): never {
    if (!(error instanceof SourceFault)) throw error;
    throw new RetryLater(Math.max(1_000, COME_AGAIN_MS / this.#options.clock.speed), error.message);
  }
}

const PASSING: readonly FaultClass[] = ['transient', 'rate_limited'];
export const isPassing = (fault: Fault) => PASSING.includes(classify(fault));

/** A run that brought nothing that can be read, with what it has cost; by the price list where that was never learnt. A call that is no run is not billed. */
export function lost(error: unknown, source: Source, { looks }: RememberedBatch): Collected {
  const billed = error instanceof SourceFault ? error.billedMicroUsd : undefined;
  if (billed !== undefined || !source.runs) return { ...NOTHING, costMicroUsd: billed ?? 0 };
  return { ...NOTHING, costMicroUsd: source.expectedCostMicroUsd(looks.length), estimated: true };
}
