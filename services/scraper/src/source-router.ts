import { streams } from '@cliptally/contracts';
import { inSpan, workSpanOf } from '@cliptally/messaging';
import { Batch } from './batch-lifecycle.js';
import { newBatch } from './batch-ports.js';
import { abandon, type RecoveryPorts } from './batch-recovery.js';
import { Unreadable, refuse } from './batch-refusal.js';
import { NOT_ASKED, adding, type BatchResult, type Scraped } from './batch-result.js';
import { CLOSED, admit, after, unjudged, type CircuitBreaker } from './domain/circuit-breaker.js';
import type { Claim } from './domain/batch.js';
import { isPassing } from './domain/faults.js';
import { failed, type Scrape } from './domain/scrape.js';
import type { Source } from './sources/source.js';

export interface SourceRouterOptions extends RecoveryPorts {
  /** False once the scrape budget is used up: then no billed source is called. */
  mayPay: () => Promise<boolean>;
}

const ALL_BROKEN = failed('source_failed', 'every source rests after repeated faults');
const BUDGET_USED = failed('quota_exhausted', 'the scrape budget of the billing cycle is used up');

/**
 * Sends a batch to the first source that answers; on a failure of a whole source, to the next one.
 */
export class SourceRouter {
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(readonly ports: SourceRouterOptions) {}

  /**
   * Results in the order of the scrapes. Does not reject if a source fails. Rejects with RetryLater
   * if a run exists or may exist and cannot be read now, or if another scraper has the batch:
   * JetStream then delivers the scrapes again, for `resume`.
   */
  scrape(scrapes: readonly Scrape[]): Promise<Scraped[]> {
    const before = scrapes.map(() => NOT_ASKED);
    return this.ask(this.ports.sources, scrapes, null, before);
  }

  /**
   * Asks one source after the other; `before` is what the scrapes have so far, `replaces` the last
   * claim on them; `saidGone`: a source has said of all of them that they are gone.
   */
  async ask(
    sources: readonly Source[],
    scrapes: readonly Scrape[],
    replaces: Claim | null,
    before: readonly Scraped[],
    saidGone = false,
  ): Promise<Scraped[]> {
    const { ports } = this;
    let scraped = [...before];
    let last = replaces;
    let wereGone = saidGone;
    for (const source of sources) {
      const noBudget = source.billed && !(await ports.mayPay());
      if (noBudget || !this.#admit(source)) {
        const result = noBudget ? BUDGET_USED : ALL_BROKEN;
        if (noBudget || scraped.every((one) => one.source === NOT_ASKED.source))
          scraped = scraped.map((one) => ({ ...one, result, source: source.name }));
        continue;
      }
      const paid = scraped.map(({ costMicroUsd }) => costMicroUsd);
      const batch = new Batch(ports, source, newBatch(ports, source, scrapes, paid));
      const sent = await this.#send(batch, last);
      // Two sources that say the same of all clips are right.
      const result = wereGone && sent.gone ? { ...sent, results: sent.gone, whole: false } : sent;
      wereGone ||= sent.gone !== undefined;
      if (source.billed) last = batch.stored;
      scraped = adding(batch, result, scrapes, scraped);
      if (!result.whole) break;
    }
    return scraped.map((one) => ({ ...one, attempts: Math.max(1, one.attempts) }));
  }

  /** One new batch from its intent to its end. */
  async #send(batch: Batch, replaces: Claim | null): Promise<BatchResult> {
    const { name } = batch.source;
    const { batchId } = batch.stored;
    const { correlationId, request } = batch.scrapes[0]!;
    const context = { correlationId, causationId: request.requestId };
    const at = workSpanOf(context, streams.scrapeBatch(batchId));
    // Null: the call ended for a reason that says nothing about the source.
    let healthy: boolean | null = null;
    try {
      const attributes = { 'cliptally.batch': batchId };
      return await inSpan(`ask ${name}`, { at, attributes }, async () => {
        await batch.intend();
        await batch.claim(replaces);
        const refusal = await batch.start();
        const result = refusal ? await refuse(batch, refusal) : await batch.collect();
        // A source that is silent about these clips may well know others.
        if (!result.gone) healthy = refusal ? !isPassing(refusal.fault) : !result.whole;
        return result;
      });
    } catch (error) {
      if (error instanceof Unreadable) healthy = false;
      await abandon(batch);
      throw error;
    } finally {
      const breaker = this.#breakers.get(name) ?? CLOSED;
      const now = this.ports.clock.now().getTime();
      this.#breakers.set(name, healthy === null ? unjudged(breaker) : after(breaker, healthy, now));
    }
  }

  #admit(source: Source): boolean {
    const now = this.ports.clock.now().getTime();
    const { admitted, breaker } = admit(this.#breakers.get(source.name) ?? CLOSED, now);
    this.#breakers.set(source.name, breaker);
    return admitted;
  }
}
