import { shortened, streams, type NewEvent } from '@cliptally/contracts';
import { RetryLater } from '@cliptally/messaging/nest';
import { completedEvent, startedEvent } from './batch-events.js';
import { newBatch, type BatchPorts } from './batch-ports.js';
import {
  NOTHING,
  TakenOver,
  Unreadable,
  answerOf,
  refusedResults,
  type BatchResult,
  type Refusal,
} from './batch-result.js';
import { certainInMs, isGood, type Claim } from './domain/claim.js';
import {
  classify,
  isPassing,
  mayHaveStarted,
  pauseBefore,
  worthRetrying,
} from './domain/faults.js';
import type { Scrape } from './domain/scrape.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import { SourceFault, type Collected, type Source } from './sources/source.js';

export type BatchState = 'new' | 'intended' | 'claimed' | 'started' | 'collected' | 'closed';

/**
 * The life of a batch. A scraper that goes on after a crash finds the batch by the claims:
 * - intended: no claim leads to it, so nobody goes on with it, and the log does not know it;
 * - claimed: a run may exist; the scraper searches for it until that is certain, then closes;
 * - started, collected: the scraper collects the run again;
 * - closed: closing again changes nothing.
 */
export const TRANSITIONS = {
  /** Keeps the batch in the scrape state. */
  intend: { from: ['new'], to: 'intended' },
  /** Puts a claim on every scrape, then appends ScrapeBatchStarted. */
  claim: { from: ['intended'], to: 'claimed' },
  /** Acquires or renews a concurrency slot, and waits for the rate limit. */
  acquire: { from: ['claimed'], to: 'claimed' },
  /** Puts a newer claim on the scrapes: the own one has grown old, or its holder is silent. */
  renew: { from: ['claimed'], to: 'claimed' },
  /** Calls the source, and keeps the id of the run. */
  start: { from: ['claimed'], to: 'started' },
  /** Finds a run that an earlier call has started. */
  find: { from: ['claimed'], to: 'started' },
  /** Waits for the run's end and reads it. Writes nothing. */
  collect: { from: ['started'], to: 'collected' },
  /** Releases the slot, then appends ScrapeBatchCompleted. */
  close: { from: ['intended', 'claimed', 'started', 'collected'], to: 'closed' },
} as const satisfies Record<string, { from: readonly BatchState[]; to: BatchState }>;

export type Trigger = keyof typeof TRANSITIONS;

/** On the simulated clock: when JetStream delivers scrapes again whose run cannot be read now. */
const COME_AGAIN_MS = 30_000;

/** One batch at one source. Its run is started once, whatever happens to its processes. */
export class Batch {
  readonly source: Source;
  readonly #ports: BatchPorts;
  #state: BatchState = 'new';
  #stored: StoredBatch;
  #attempts = 0;
  /** A call may have started a run that this process does not know. */
  #mayRun = false;
  #maySlot = false;
  /** Whether ScrapeBatchStarted is in the log. */
  #announced: 'no' | 'maybe' | 'yes' = 'no';
  #calledAt: Date | null = null;

  /**
   * `paid`: what other sources have charged for each scrape before, in millionths of a US dollar.
   */
  constructor(
    ports: BatchPorts,
    source: Source,
    scrapes: readonly Scrape[],
    paid: readonly number[],
  ) {
    this.#ports = ports;
    this.source = source;
    this.#stored = newBatch(ports, source, scrapes, paid);
  }

  /** A batch that an earlier delivery had in hand. */
  static resumed(ports: BatchPorts, source: Source, stored: StoredBatch): Batch {
    const batch = new Batch(ports, source, stored.scrapes, stored.paid);
    batch.#stored = stored;
    batch.#state = stored.abandoned ? 'closed' : stored.run === null ? 'claimed' : 'started';
    batch.#attempts = stored.run === null ? 0 : 1;
    batch.#mayRun = batch.#maySlot = true;
    batch.#announced = 'maybe';
    return batch;
  }

  get batchId(): string {
    return this.#stored.batchId;
  }
  get claimed(): Claim {
    return this.#stored;
  }
  get scrapes(): readonly Scrape[] {
    return this.#stored.scrapes;
  }
  get state(): BatchState {
    return this.#state;
  }

  intend(): Promise<void> {
    return this.#move('intend', async () => {
      const maxCostMicroUsd = await this.source.maxCostMicroUsd(this.scrapes.length);
      this.#stored = { ...this.#stored, maxCostMicroUsd };
      if (this.source.billed) await this.#ports.state.keepBatch(this.#stored);
    });
  }

  /**
   * `replaces` is the last claim on the scrapes. Rejects with {@link TakenOver} if another was
   * faster.
   */
  claim(replaces: Claim | null): Promise<void> {
    return this.#move('claim', async () => {
      if (this.source.billed) await this.#putClaim(replaces, this.scrapes);
      this.#announced = 'maybe';
      await this.#announce();
      this.#announced = 'yes';
    });
  }

  /**
   * Starts the run, with retries. After a call whose answer was lost it searches for the run before
   * it calls again. Gives why the source refused; rejects with {@link Unreadable} if it cannot be
   * known whether a run was started, with {@link TakenOver} if another scraper has the batch by
   * now.
   */
  async start(): Promise<Refusal | null> {
    const { clock, jitter, signal } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.#mayRun && (await this.#find())) return null;
        await this.#acquire();
        while (this.source.billed && !this.#inTime()) await this.#renew(this.scrapes);
        await this.#move('start', () => this.#call());
        return null;
      } catch (error) {
        const { fault, message } = this.#faultOf(error, attempt);
        if (!worthRetrying(fault, attempt) || signal.aborted) {
          const found =
            this.#mayRun &&
            (await this.#find().catch((failure: unknown) => this.comeAgain(failure)));
          return found ? null : { fault, detail: shortened(message, 300) };
        }
        await clock.sleep(pauseBefore(attempt, jitter(), fault.retryAfter), signal);
      }
    }
  }

  /**
   * Collects the run, with retries, and closes the batch. Never starts a run anew for one that it
   * cannot read.
   */
  async collect(): Promise<BatchResult> {
    const { clock, jitter, signal, store } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      try {
        const collected = await this.read();
        await this.close(collected);
        return await answerOf(store, this.scrapes, collected, this.#attempts);
      } catch (error) {
        const { fault, message } = this.#faultOf(error, attempt);
        if (worthRetrying(fault, attempt) && !signal.aborted) {
          this.#attempts++;
          await clock.sleep(pauseBefore(attempt, jitter(), fault.retryAfter), signal);
          continue;
        }
        if (this.source.billed && (isPassing(fault) || signal.aborted)) this.comeAgain(error);
        return this.refuse({ fault, detail: shortened(message, 300) }, this.lost(error));
      }
    }
  }

  /** Collects the run with one try. */
  read(): Promise<Collected> {
    return this.#move('collect', () =>
      this.source.collect(this.#stored.run!, this.scrapes, this.#ports.signal),
    );
  }

  /**
   * Closes a batch whose source refused it, or whose run cannot be read: every scrape has failed.
   */
  async refuse(refusal: Refusal, collected = NOTHING): Promise<BatchResult> {
    await this.close(collected);
    return {
      results: refusedResults(this.scrapes, refusal),
      costMicroUsd: collected.costMicroUsd,
      attempts: this.#attempts,
      whole: true,
    };
  }

  /**
   * Makes certain whether a resumed batch has a run. If it has none, the claims on `scrapes` are
   * this process's, and nobody starts one on the older claim: such a run would show by now.
   */
  async recover(scrapes: readonly Scrape[]): Promise<boolean> {
    const { clock, signal } = this.#ports;
    if (this.#state !== 'claimed') return this.#stored.run !== null;
    if (await this.#find()) return true;
    await clock.sleep(certainInMs(this.#stored, clock.now(), this.#goodForMs), signal);
    if (signal.aborted) throw new RetryLater(1_000, 'this scraper stops');
    await this.#renew(scrapes);
    return this.#find();
  }

  /** The slot goes first: it must not wait for the log. Rejects if the log cannot be written. */
  close(collected: Collected = NOTHING): Promise<void> {
    return this.#move('close', async () => {
      if (this.source.billed && this.#maySlot) await this.#ports.limits.release(this.batchId);
      if (this.#announced === 'maybe') await this.#announce();
      if (this.#announced !== 'no') {
        const { platform, clock } = this.#ports;
        const calledAt = this.#calledAt ?? new Date(this.#stored.intendedAt);
        await this.#append(
          completedEvent(platform, this.#stored, collected, { calledAt, now: clock.now() }),
        );
      }
    });
  }

  /**
   * After a failure: closes the batch if it is certain that no run exists; otherwise a later
   * delivery goes on with it. Never rejects.
   */
  async abandon(): Promise<void> {
    if (this.#mayRun || this.#state === 'new' || this.#state === 'closed') return;
    const { state, log } = this.#ports;
    try {
      await this.close();
      if (this.source.billed) await state.keepBatch({ ...this.#stored, abandoned: true });
    } catch (error) {
      log.warn(
        { batchId: this.batchId, error: (error as Error).message },
        'a batch is still open; a later delivery closes it',
      );
    }
  }

  /**
   * What an unreadable run has cost; by the price list if nobody could learn it. A call that is no
   * run is not billed.
   */
  lost(error: unknown): Collected {
    const billed = error instanceof SourceFault ? error.billedMicroUsd : undefined;
    if (billed !== undefined || !this.source.billed)
      return { ...NOTHING, costMicroUsd: billed ?? 0 };
    return { ...NOTHING, costMicroUsd: this.#stored.expectedCostMicroUsd, estimated: true };
  }

  /** JetStream delivers the scrapes again if the source is at fault; throws any other error on. */
  comeAgain(error: unknown): never {
    if (!(error instanceof SourceFault)) throw error;
    throw new Unreadable(Math.max(1_000, COME_AGAIN_MS / this.#ports.clock.speed), error.message);
  }

  async #move<T>(trigger: Trigger, work: () => Promise<T>): Promise<T> {
    const { from, to }: { from: readonly BatchState[]; to: BatchState } = TRANSITIONS[trigger];
    if (!from.includes(this.#state))
      throw new Error(`A batch that is ${this.#state} cannot ${trigger}.`);
    const result = await work();
    this.#state = to;
    return result;
  }

  async #call(): Promise<void> {
    this.#mayRun = true;
    this.#attempts++;
    this.#calledAt ??= this.#ports.clock.now();
    const run = await this.source
      .start(this.scrapes, () => this.#inTime())
      .catch((error: unknown) => {
        this.#mayRun = !(error instanceof SourceFault) || mayHaveStarted(error.fault);
        throw error;
      });
    if (!this.source.billed) {
      this.#stored = { ...this.#stored, run };
      return;
    }
    const { state } = this.#ports;
    // Another batch of the same clips, whose own call was lost, may have found this run.
    if (!(await state.takeRun(run, this.batchId)))
      throw new SourceFault('another batch has this run', { code: 'ECONNRESET' });
    this.#stored = { ...this.#stored, run };
    await state.keepBatch(this.#stored);
  }

  async #find(): Promise<boolean> {
    const run = await this.source.find(this.scrapes, new Date(this.#stored.intendedAt), (found) =>
      this.#ports.state.takeRun(found, this.batchId),
    );
    this.#mayRun = run !== null;
    if (run === null) return false;
    await this.#move('find', async () => {
      this.#stored = { ...this.#stored, run };
      this.#attempts ||= 1;
    });
    return true;
  }

  #acquire(): Promise<void> {
    return this.#move('acquire', () => {
      this.#maySlot = true;
      return this.#ports.limits.acquire(
        this.source,
        this.batchId,
        this.scrapes.length,
        this.#ports.signal,
      );
    });
  }

  #renew(scrapes: readonly Scrape[]): Promise<void> {
    return this.#move('renew', () => this.#putClaim(this.#stored, scrapes));
  }

  async #putClaim(replaces: Claim | null, scrapes: readonly Scrape[]): Promise<void> {
    const claimed = { ...this.#stored, claimedAt: this.#ports.clock.now().toISOString() };
    if (!(await this.#ports.state.claim(scrapes, claimed, replaces))) throw new TakenOver();
    this.#stored = claimed;
  }

  get #goodForMs(): number {
    return this.#ports.ackWaitMs * this.#ports.clock.speed;
  }

  #inTime(): boolean {
    return isGood(this.#stored, this.#ports.clock.now(), this.#goodForMs);
  }

  /** The fault of a source; throws on what is no fault of a source. */
  #faultOf(error: unknown, attempt: number): SourceFault {
    if (!(error instanceof SourceFault)) throw error;
    const { name } = this.source;
    this.#ports.log.warn(
      { source: name, attempt, reason: classify(error.fault), error: error.message },
      'a source failed',
    );
    return error;
  }

  #announce(): Promise<void> {
    return this.#append(startedEvent(this.#ports.platform, this.#stored));
  }

  async #append(event: NewEvent): Promise<void> {
    await this.#ports.store.append(streams.scrapeBatch(this.batchId), [event], 'any');
  }
}
