import { idOfTime, streams, systemTimers, type Timers } from '@cliptally/contracts';
import { inSpan, workSpanOf } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { CLOSED, admit, after, unjudged, type Breaker } from './domain/breaker.js';
import { failed, split, type Look, type LookResult } from './domain/batch.js';
import type { Claim } from './domain/claim.js';
import type { RememberedBatch } from './memory.js';
import { NOTHING, Runs, TakenOver, isPassing, lost, type RunsOptions, type Used } from './runs.js';
import { SourceFault, type Source } from './sources/source.js';

/** A result with its look's part of what was paid for it. */
export interface Bought {
  result: LookResult;
  source: string;
  costMicroUsd: number;
  /** Calls that were made to get it, at all sources together. */
  attempts: number;
}

export interface BuyerOptions extends RunsOptions {
  /** By preference. */
  sources: readonly Source[];
  /** Whether runs may be paid for: false once the month's money is used up. */
  mayPay: () => Promise<boolean>;
  timers?: Timers;
}

const RESTING = failed('source_failed', 'every source rests after repeated faults');
const SPENT = failed('quota_exhausted', "the month's money is used up");

const UNASKED: Bought = { result: failed('source_failed', 'no source is configured'), source: 'none', costMicroUsd: 0, attempts: 0 };

/** Gets the counts of a batch from the first source that answers, and writes down what it cost, whatever came of it. */
export class Buyer {
  readonly #options: BuyerOptions;
  readonly #runs: Runs;
  readonly #breakers = new Map<string, Breaker>();

  constructor(options: BuyerOptions) {
    this.#options = options;
    this.#runs = new Runs(options);
  }

  /**
   * Results in the order of the looks. Never rejects for a source that failed; rejects with {@link RetryLater} where a run was, or may have
   * been, started and cannot be read now, or where another scraper has begun to buy: the looks come again, and {@link resume} reads it then.
   */
  buy(looks: readonly Look[]): Promise<Bought[]> {
    const unasked = looks.map(() => UNASKED);
    return this.#ask(this.#options.sources, looks, null, unasked);
  }

  /**
   * Goes on with looks of a batch that an earlier delivery had in hand: reads the run that was paid for, or buys where it is certain that nothing was
   * started, and asks the next source where that one failed as a whole. Results in the order of the looks; rejects as {@link buy} does.
   */
  async resume(batch: RememberedBatch, looks: readonly Look[]): Promise<Bought[]> {
    const { sources } = this.#options;
    const at = sources.findIndex(({ name }) => name === batch.source);
    const source = sources[at];
    const before = looks.map(({ request }) => ({ ...UNASKED, costMicroUsd: batch.paid[placeIn(batch, request.requestId)]! }));
    if (!source?.runs) return this.#ask(sources, looks, batch, before);
    const held = await this.#runs.held(batch, source, looks).catch((error: unknown) => this.#runs.comeAgain(error));
    if (held.run === null) {
      await this.#runs.books.completed(held, source, NOTHING);
      return this.#ask(sources.slice(at), looks, held, before);
    }
    const used = await this.#runs.finish(held, source, 1);
    const bought = adding(used, looks, before);
    return used.whole ? this.#ask(sources.slice(at + 1), looks, held, bought) : bought;
  }

  /**
   * Closes the books on a batch one of whose looks is given up, and gives what was paid for that look: its part of the bill, or where that cannot be learnt,
   * and also where it cannot be learnt whether there is a run at all, the price list's. Money that is gone unseen would be worse than a cent too many in the books.
   */
  async writeOff(batch: RememberedBatch, requestId: string): Promise<number> {
    const { sources, signal } = this.#options;
    const place = placeIn(batch, requestId);
    const source = sources.find(({ name }) => name === batch.source);
    if (!source?.runs) return batch.paid[place]!;
    let held = batch;
    const read = async () => {
      held = await this.#runs.held(batch, source, [batch.looks[place]!]);
      return held.run === null ? NOTHING : source.collect(held.run, batch.looks, signal);
    };
    const collected = await read().catch((error: unknown) => {
      if (!(error instanceof SourceFault)) throw error;
      return lost(error, source, batch);
    });
    await this.#runs.books.completed(held, source, collected);
    return batch.paid[place]! + split(collected.costMicroUsd, batch.looks.length)[place]!;
  }

  /** Asks one source after the other, on top of what the looks have had `before`; `replaces` is the last claim on them. */
  async #ask(sources: readonly Source[], looks: readonly Look[], replaces: Claim | null, before: Bought[]): Promise<Bought[]> {
    let bought = before;
    for (const source of sources) {
      const spent = source.runs && !(await this.#options.mayPay());
      if (spent || !this.#admit(source)) {
        if (spent || bought.every((one) => one.source === UNASKED.source))
          bought = bought.map((one) => ({ ...one, result: spent ? SPENT : RESTING, source: source.name }));
        continue;
      }
      const paid = bought.map(({ costMicroUsd }) => costMicroUsd);
      const used = await this.#use(source, looks, replaces, paid);
      if (source.runs) replaces = used.batch;
      bought = adding(used, looks, bought);
      if (!used.whole) break;
    }
    return bought.map((one) => ({ ...one, attempts: Math.max(1, one.attempts) }));
  }

  #admit(source: Source): boolean {
    const now = this.#options.clock.now().getTime();
    const { admitted, breaker } = admit(this.#breakers.get(source.name) ?? CLOSED, now);
    this.#breakers.set(source.name, breaker);
    return admitted;
  }

  /** The intent is written before the call, in the log and in what all replicas remember; the true cost after it, also of a failure. */
  async #use(source: Source, looks: readonly Look[], replaces: Claim | null, paid: number[]): Promise<Used> {
    const { clock, limits, memory, signal, timers = systemTimers } = this.#options;
    let healthy: boolean | null = null;
    // Until the source is called, no actor run can hold the slot; from then on, whoever closes the batch releases it.
    let release = () => {};
    try {
      const now = clock.now();
      const intendedAt = now.toISOString();
      const [{ correlationId, request }] = looks as [Look, ...Look[]];
      const batchId = idOfTime(now, timers.uuid());
      const batch = { batchId, source: source.name, looks: [...looks], paid, intendedAt, claimedAt: intendedAt, run: null };
      await limits.enter(source, batchId, looks.length, signal);
      release = () => limits.release(source, batchId, looks.length);
      const at = workSpanOf({ correlationId, causationId: request.requestId }, streams.scrapeBatch(batchId));
      return await inSpan(`ask ${source.name}`, { at, attributes: { 'cliptally.batch': batchId } }, async () => {
        const claimed = await this.#runs.intend(batch, source, replaces);
        healthy = false;
        const started = await this.#runs.start(claimed, source, () => (release = () => {}));
        if ('fault' in started) {
          healthy = !isPassing(started.fault);
          return await this.#runs.refused(started.batch, source, started);
        }
        if (source.runs) await memory.keepBatch(started.batch);
        const used = await this.#runs.finish(started.batch, source, started.attempts);
        healthy = !used.whole;
        return used;
      });
    } catch (error) {
      release();
      // NATS or the log was away, or another scraper was faster: the looks come again, and the source must not rest for it.
      if (!(error instanceof RetryLater) || error instanceof TakenOver) healthy = null;
      throw error;
    } finally {
      // What kept us from asking says nothing about the source.
      const breaker = this.#breakers.get(source.name) ?? CLOSED;
      this.#breakers.set(source.name, healthy === null ? unjudged(breaker) : after(breaker, healthy, clock.now().getTime()));
    }
  }
}

const placeIn = (batch: RememberedBatch, requestId: string) => batch.looks.findIndex(({ request }) => request.requestId === requestId);

/** What the looks have from a batch of theirs, on top of what they have had before; each bears its part of the cost. */
function adding({ batch, results, costMicroUsd, attempts }: Used, looks: readonly Look[], before: readonly Bought[]): Bought[] {
  const shares = split(costMicroUsd, batch.looks.length);
  return looks.map(({ request }, i) => {
    const place = placeIn(batch, request.requestId);
    const had = before[i]!;
    return {
      result: results[place]!,
      source: batch.source,
      costMicroUsd: had.costMicroUsd + shares[place]!,
      attempts: had.attempts + attempts,
    };
  });
}
