import { streams } from '@cliptally/contracts';
import type { StreamAppend } from '@cliptally/event-store';
import { beginSpan, workSpanOf } from '@cliptally/messaging';
import { RetryLater } from '@cliptally/messaging/nest';
import { completedEvent, startedEvent } from './events.js';
import type { BatchPorts } from './batch-ports.js';
import { TakenOver, type Refusal } from './batch-refusal.js';
import { NOTHING, answerOf, type BatchResult } from './batch-result.js';
import { collectAgain, startAgain } from './batch-retries.js';
import {
  TRANSITIONS,
  certainAt,
  isGood,
  type BatchState,
  type Claim,
  type Trigger,
} from './domain/batch.js';
import { mayHaveStarted } from './domain/faults.js';
import type { Scrape } from './domain/scrape.js';
import type { StoredBatch } from './scrape-state/scrape-state.js';
import { SourceFault, type Collected, type Source } from './sources/source.js';

/** Claims that grow old before they are used: a process that is so slow leaves it to another. */
const RENEWALS = 3;
const TOO_SLOW = 'each new claim was too old to start a run on; this process has too little time';

/** One batch at one source. Its run is started once, whatever happens to its processes. */
export class Batch {
  /** Calls that were made. */
  attempts: number;
  #state: BatchState;
  #stored: StoredBatch;
  #mayRun: boolean;
  #maySlot: boolean;
  /** Whether ScrapeBatchStarted is in the log. */
  #announced: 'no' | 'maybe' | 'yes';
  #calledAt: Date | null = null;

  /** A batch in another state than `new` is one that an earlier delivery had in hand. */
  constructor(
    readonly ports: BatchPorts,
    readonly source: Source,
    stored: StoredBatch,
    state: BatchState = 'new',
  ) {
    const isResumed = state !== 'new';
    this.#state = state;
    this.#stored = stored;
    this.attempts = stored.run === null ? 0 : 1;
    this.#mayRun = this.#maySlot = isResumed;
    this.#announced = isResumed ? 'maybe' : 'no';
  }

  get stored(): StoredBatch {
    return this.#stored;
  }
  get scrapes(): readonly Scrape[] {
    return this.#stored.scrapes;
  }
  get state(): BatchState {
    return this.#state;
  }
  /** A call may have started a run that this process does not know. */
  get mayRun(): boolean {
    return this.#mayRun;
  }
  /** For so long a claim is good for a start, on the simulated clock. */
  get goodForMs(): number {
    return this.ports.ackWaitMs * this.ports.clock.speed;
  }

  intend(): Promise<void> {
    return this.#move('intend', async () => {
      const maxCostMicroUsd = await this.source.maxCostMicroUsd(this.scrapes.length);
      this.#stored = { ...this.#stored, maxCostMicroUsd };
      if (this.source.billed) await this.ports.state.keepBatch(this.#stored);
    });
  }

  /**
   * `replaces` is the last claim on the scrapes. Rejects with {@link TakenOver} if another was
   * faster.
   */
  claim(replaces: Claim | null): Promise<void> {
    return this.#move('claim', async () => {
      if (this.source.billed) {
        await this.#putClaim(replaces, this.scrapes);
        await this.#announce();
        // What nobody bills needs no intent: it is in the log with its end, or not at all.
      } else this.#announced = 'maybe';
    });
  }

  /**
   * Starts the run, with retries. Gives why the source refused; rejects with Unreadable if it
   * cannot be known whether a run was started, with {@link TakenOver} if another scraper has the
   * batch by now.
   */
  async start(): Promise<Refusal | null> {
    try {
      await this.tryToStart();
      return null;
    } catch (error) {
      return startAgain(this, error);
    }
  }

  async tryToStart(): Promise<void> {
    const { limits, signal } = this.ports;
    await this.#move('acquire', () => {
      this.#maySlot = true;
      return limits.acquire(this.source, this.#stored.batchId, this.scrapes.length, signal);
    });
    for (let tries = 0; this.source.billed && !this.#inTime(); tries++) {
      if (tries === RENEWALS) throw new RetryLater(1_000, TOO_SLOW);
      await this.renew(this.scrapes);
    }
    await this.#move('start', () => this.#call());
  }

  /** Collects the run, with retries, and closes the batch. Never starts a run anew. */
  async collect(): Promise<BatchResult> {
    try {
      return await this.tryToCollect();
    } catch (error) {
      return collectAgain(this, error);
    }
  }

  async tryToCollect(): Promise<BatchResult> {
    const collected = await this.read();
    const { store } = this.ports;
    if (this.source.billed) {
      await this.close(collected);
      return answerOf(store, this.scrapes, collected, this.attempts);
    }
    const unlogged = await this.#move('close', () => Promise.resolve([this.#ending(collected)]));
    return { ...(await answerOf(store, this.scrapes, collected, this.attempts)), unlogged };
  }

  /** Collects the run with one try. */
  read(): Promise<Collected> {
    return this.#move('collect', () =>
      this.source.collect(this.#stored.run!, this.scrapes, this.ports.signal),
    );
  }

  /** The slot goes first: it must not wait for the log. Rejects if the log cannot be written. */
  close(collected: Collected = NOTHING): Promise<void> {
    return this.#move('close', async () => {
      const { limits, store } = this.ports;
      if (this.source.billed && this.#maySlot) await limits.release(this.#stored.batchId);
      if (this.#announced === 'no') return;
      if (this.#announced === 'maybe' && this.source.billed) await this.#announce();
      const { stream, events, expected } = this.#ending(collected);
      await store.append(stream, events, expected);
    });
  }

  /** The end of the batch; all of it if nobody bills it. */
  #ending(collected: Collected): StreamAppend {
    const { platform, clock } = this.ports;
    const calledAt = this.#calledAt ?? new Date(this.#stored.intendedAt);
    const end = completedEvent(platform, this.#stored, collected, { calledAt, now: clock.now() });
    const started = startedEvent(platform, this.#stored);
    const stream = streams.scrapeBatch(this.#stored.batchId);
    // In a trace of its own, as a batch may end in another process long after.
    const span = {
      at: workSpanOf(end, stream),
      parent: null,
      links: [workSpanOf(started, stream)],
    };
    beginSpan('end batch', span).span.end();
    return { stream, events: this.source.billed ? [end] : [started, end], expected: 'any' };
  }

  /**
   * Finds a run that an earlier call has started, if there is one. `runOf` searches among those
   * that are known to be this batch's.
   */
  async find(ask: 'runOf' | 'takeRun' = 'takeRun'): Promise<boolean> {
    const since = new Date(this.#stored.intendedAt);
    const runs = await this.source.find(
      this.scrapes,
      since,
      certainAt(this.#stored, this.goodForMs),
    );
    const run = await this.#ownRun(ask, runs);
    if (ask === 'takeRun') this.#mayRun = run !== null;
    if (run === null) return false;
    await this.#move('find', async () => {
      this.#stored = { ...this.#stored, run };
      this.attempts ||= 1;
    });
    return true;
  }

  renew(scrapes: readonly Scrape[]): Promise<void> {
    return this.#move('renew', () => this.#putClaim(this.#stored, scrapes));
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
    this.attempts++;
    this.#calledAt ??= this.ports.clock.now();
    const run = await this.source
      .start(this.scrapes, () => this.#inTime())
      .catch((error: unknown) => {
        this.#mayRun = !(error instanceof SourceFault) || mayHaveStarted(error.fault);
        throw error;
      });
    // Another batch of the same clips, whose own call was lost, may have found this run.
    if (this.source.billed && (await this.#ownRun('takeRun', [run])) !== run)
      throw new SourceFault('another batch has this run', { code: 'ECONNRESET' });
    this.#stored = { ...this.#stored, run };
    if (this.source.billed) await this.ports.state.keepBatch(this.#stored);
  }

  /** Ids of runs are a source's own, so the scrape state has its name before them. */
  async #ownRun(ask: 'runOf' | 'takeRun', runs: readonly string[]): Promise<string | null> {
    const name = (run: string) => `${this.source.name}.${run}`.replaceAll(/[^-/=.\w]/g, '_');
    const known = new Map(runs.map((run) => [name(run), run]));
    const own = await this.ports.state[ask]([...known.keys()], this.#stored.batchId);
    return own === null ? null : known.get(own)!;
  }

  async #putClaim(replaces: Claim | null, scrapes: readonly Scrape[]): Promise<void> {
    const claimed = { ...this.#stored, claimedAt: this.ports.clock.now().toISOString() };
    if (!(await this.ports.state.claim(scrapes, claimed, replaces))) throw new TakenOver();
    this.#stored = claimed;
  }

  #inTime(): boolean {
    return isGood(this.#stored, this.ports.clock.now(), this.goodForMs);
  }

  async #announce(): Promise<void> {
    this.#announced = 'maybe';
    const stream = streams.scrapeBatch(this.#stored.batchId);
    const started = startedEvent(this.ports.platform, this.#stored);
    await this.ports.store.append(stream, [started], 'any');
    this.#announced = 'yes';
  }
}
