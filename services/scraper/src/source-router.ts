import { streams, type Platform } from '@cliptally/contracts';
import { inSpan, workSpanOf } from '@cliptally/messaging';
import { Batch } from './batch-lifecycle.js';
import type { BatchPorts } from './batch-ports.js';
import { NOTHING, Unreadable, type BatchResult } from './batch-result.js';
import { CLOSED, admit, after, unjudged, type CircuitBreaker } from './domain/circuit-breaker.js';
import type { Claim } from './domain/claim.js';
import { isPassing } from './domain/faults.js';
import { failed, split, type Scrape, type ScrapeResult } from './domain/scrape.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import { SourceFault, type Source } from './sources/source.js';

/** The result of a scrape with its part of what the sources charged. */
export interface Scraped {
  result: ScrapeResult;
  source: string;
  costMicroUsd: number;
  /** Calls to all sources together. */
  attempts: number;
}

export interface SourceRouterOptions extends BatchPorts {
  /** In the order in which they are asked. */
  sources: readonly Source[];
  /** False once the scrape budget is used up: then no billed source is called. */
  mayPay: () => Promise<boolean>;
}

const ALL_BROKEN = failed('source_failed', 'every source rests after repeated faults');
const BUDGET_USED = failed('quota_exhausted', 'the scrape budget of the billing cycle is used up');
const NOT_ASKED: Scraped = {
  result: failed('source_failed', 'no source is configured'),
  source: 'none',
  costMicroUsd: 0,
  attempts: 0,
};

/**
 * Sends a batch to the first source that answers; on a failure of a whole source, to the next one.
 */
export class SourceRouter {
  readonly #options: SourceRouterOptions;
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(options: SourceRouterOptions) {
    this.#options = options;
  }

  /**
   * Results in the order of the scrapes. Does not reject if a source fails. Rejects with RetryLater
   * if a run exists or may exist and cannot be read now, or if another scraper has the batch:
   * JetStream then delivers the scrapes again, for {@link resume}.
   */
  scrape(scrapes: readonly Scrape[]): Promise<Scraped[]> {
    return this.#ask(
      this.#options.sources,
      scrapes,
      null,
      scrapes.map(() => NOT_ASKED),
    );
  }

  /**
   * Goes on with scrapes of a batch that an earlier delivery had in hand: collects the run that
   * exists, or asks again if it is certain that none does. Results and rejections as of
   * {@link scrape}.
   */
  async resume(stored: StoredBatch, scrapes: readonly Scrape[]): Promise<Scraped[]> {
    const { sources } = this.#options;
    const batch = this.#resumed(stored);
    const at = sources.indexOf(batch.source);
    const before = scrapes.map(({ request }) => ({
      ...NOT_ASKED,
      costMicroUsd: paidFor(stored, request.requestId),
    }));
    if (batch.state === 'closed')
      return this.#ask(sources.slice(Math.max(0, at)), scrapes, batch.claimed, before);
    if (at < 0) {
      const result = await batch.refuse(
        { fault: REMOVED, detail: removal(stored) },
        batch.lost(null),
      );
      return this.#ask(sources, scrapes, batch.claimed, adding(batch, result, scrapes, before));
    }
    if (!(await batch.recover(scrapes).catch((error: unknown) => batch.comeAgain(error)))) {
      await batch.close(NOTHING);
      return this.#ask(sources.slice(at), scrapes, batch.claimed, before);
    }
    const result = await batch.collect();
    const scraped = adding(batch, result, scrapes, before);
    return result.whole
      ? this.#ask(sources.slice(at + 1), scrapes, batch.claimed, scraped, result.gone !== undefined)
      : scraped;
  }

  /**
   * Closes a batch one of whose requests is a dead letter, and gives what that scrape cost in
   * millionths of a US dollar: by the price list if the bill, or whether there is one, cannot be
   * learnt.
   */
  async writeOff(stored: StoredBatch, requestId: string): Promise<number> {
    const place = placeIn(stored, requestId);
    const paid = stored.paid[place]!;
    const batch = this.#resumed(stored);
    if (batch.state === 'closed') return paid;
    const read = async () =>
      (await batch.recover([stored.scrapes[place]!])) ? batch.read() : NOTHING;
    const collected = await read().catch((error: unknown) => {
      if (!(error instanceof SourceFault)) throw error;
      return batch.lost(error);
    });
    await batch.close(collected);
    return paid + split(collected.costMicroUsd, stored.scrapes.length)[place]!;
  }

  /** A stored batch at its source, which may not be configured any more. */
  #resumed(stored: StoredBatch): Batch {
    const { sources, platform } = this.#options;
    const source = sources.find(({ name }) => name === stored.source);
    return Batch.resumed(this.#options, source ?? removedSource(stored, platform), stored);
  }

  /**
   * Asks one source after the other; `before` is what the scrapes have so far, `replaces` the last
   * claim on them; `saidGone`: a source has said of all of them that they are gone.
   */
  async #ask(
    sources: readonly Source[],
    scrapes: readonly Scrape[],
    replaces: Claim | null,
    before: readonly Scraped[],
    saidGone = false,
  ): Promise<Scraped[]> {
    let scraped = [...before];
    let last = replaces;
    let wereGone = saidGone;
    for (const source of sources) {
      const noBudget = source.billed && !(await this.#options.mayPay());
      if (noBudget || !this.#admit(source)) {
        const result = noBudget ? BUDGET_USED : ALL_BROKEN;
        if (noBudget || scraped.every((one) => one.source === NOT_ASKED.source))
          scraped = scraped.map((one) => ({ ...one, result, source: source.name }));
        continue;
      }
      const batch = new Batch(
        this.#options,
        source,
        scrapes,
        scraped.map(({ costMicroUsd }) => costMicroUsd),
      );
      const sent = await this.#send(batch, last);
      // Two sources that say the same of all clips are right.
      const result = wereGone && sent.gone ? { ...sent, results: sent.gone, whole: false } : sent;
      wereGone ||= sent.gone !== undefined;
      if (source.billed) last = batch.claimed;
      scraped = adding(batch, result, scrapes, scraped);
      if (!result.whole) break;
    }
    return scraped.map((one) => ({ ...one, attempts: Math.max(1, one.attempts) }));
  }

  /** One new batch from its intent to its end. */
  async #send(batch: Batch, replaces: Claim | null): Promise<BatchResult> {
    const { name } = batch.source;
    const { correlationId, request } = batch.scrapes[0]!;
    const at = workSpanOf(
      { correlationId, causationId: request.requestId },
      streams.scrapeBatch(batch.batchId),
    );
    // Null: the call ended for a reason that says nothing about the source.
    let healthy: boolean | null = null;
    try {
      return await inSpan(
        `ask ${name}`,
        { at, attributes: { 'cliptally.batch': batch.batchId } },
        async () => {
          await batch.intend();
          await batch.claim(replaces);
          const refusal = await batch.start();
          const result = refusal ? await batch.refuse(refusal) : await batch.collect();
          // A source that is silent about these clips may well know others.
          if (!result.gone) healthy = refusal ? !isPassing(refusal.fault) : !result.whole;
          return result;
        },
      );
    } catch (error) {
      if (error instanceof Unreadable) healthy = false;
      await batch.abandon();
      throw error;
    } finally {
      const breaker = this.#breakers.get(name) ?? CLOSED;
      const now = this.#options.clock.now().getTime();
      this.#breakers.set(name, healthy === null ? unjudged(breaker) : after(breaker, healthy, now));
    }
  }

  #admit(source: Source): boolean {
    const now = this.#options.clock.now().getTime();
    const { admitted, breaker } = admit(this.#breakers.get(source.name) ?? CLOSED, now);
    this.#breakers.set(source.name, breaker);
    return admitted;
  }
}

const placeIn = ({ scrapes }: Pick<StoredBatch, 'scrapes'>, requestId: string) =>
  scrapes.findIndex(({ request }) => request.requestId === requestId);

const paidFor = (batch: StoredBatch, requestId: string): number =>
  batch.paid[placeIn(batch, requestId)]!;

/**
 * What the scrapes have with this batch, on top of what they had before; each bears its part of the
 * cost.
 */
function adding(
  { source, scrapes: all }: Pick<Batch, 'source' | 'scrapes'>,
  { results, costMicroUsd, attempts }: BatchResult,
  scrapes: readonly Scrape[],
  before: readonly Scraped[],
): Scraped[] {
  const parts = split(costMicroUsd, all.length);
  const places = new Map(all.map(({ request }, place) => [request.requestId, place]));
  return scrapes.map(({ request }, i) => {
    const place = places.get(request.requestId)!;
    const had = before[i]!;
    return {
      result: results[place]!,
      source: source.name,
      costMicroUsd: had.costMicroUsd + parts[place]!,
      attempts: had.attempts + attempts,
    };
  });
}

const REMOVED = { code: 'SOURCE_REMOVED' };
const removal = ({ source }: StoredBatch) =>
  `the source ${source} is not configured any more, so its run cannot be read`;

/**
 * Stands for the source of an open batch that SOURCES_FILE does not list any more: nothing can be
 * asked there.
 */
function removedSource(stored: StoredBatch, platform: Platform): Source {
  const refuse = () => Promise.reject(new SourceFault(removal(stored), REMOVED));
  return {
    name: stored.source,
    platform,
    metrics: [],
    perMinute: 1,
    billed: true,
    expectedCostMicroUsd: () => stored.expectedCostMicroUsd,
    maxCostMicroUsd: () => Promise.resolve(stored.maxCostMicroUsd),
    endsWithinMs: () => 0,
    start: refuse,
    find: refuse,
    collect: refuse,
  };
}
