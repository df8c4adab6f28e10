import { countListeners, longLived, systemTimers, type Timers } from '@cliptally/contracts';
import { isTransient, type EventStore } from '@cliptally/event-store';
import type { Pool } from 'pg';
import { followLog, type Batch } from './follower.js';
import { waitForLease } from './lease.js';
import type { Log } from '../log.js';
import type { Nats } from '../nats/connection.js';
import { PositionWaiters } from './position-waiters.js';
import {
  NotTheFollower,
  ProjectionBlocked,
  advance,
  positionOf,
  prepareProjection,
  type Projection,
} from './projection.js';

export interface ProjectorOptions {
  projection: Projection;
  url: string;
  pool: Pool;
  store: EventStore;
  nats: Nats;
  log: Log;
  /**
   * Called after each commit of the replica that follows; its failure is logged and does not stop
   * the projection.
   */
  afterBatch?: (batch: Batch) => Promise<void>;
  timers?: Timers;
}

/** The outcomes of a batch of events. */
export const PROJECTION_HANDLINGS = ['done', 'failed'] as const;

const FAULT_PAUSE_TO_MS = 30_000;

/**
 * Keeps a projection up to date. Of several replicas one follows (it holds a lease, so a dead one
 * is replaced within ten seconds); all of them answer reads and can wait for a position.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #timers: Timers;
  readonly #stop = longLived();
  #running: Promise<void> = Promise.resolve();
  readonly #waiters: PositionWaiters;
  /** Position this replica knows the projection to have reached. */
  position = 0;
  following = false;
  /**
   * Whether this replica has seen the projection at the end of the log as it was when the replica
   * started.
   */
  caughtUp = false;
  /** Why the projection has halted, while it has. */
  halted: string | null = null;
  /** Called with how long each batch of events took, and whether it was applied. */
  onHandled: ((outcome: (typeof PROJECTION_HANDLINGS)[number], seconds: number) => void) | null =
    null;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    const { projection, pool } = options;
    // A replica that does not apply learns of progress by polling.
    const poll = async () => {
      if (this.following) return false;
      this.#reached(await positionOf(projection, pool).catch(() => 0));
      return true;
    };
    this.#waiters = new PositionWaiters(poll, this.#timers, this.#stop.signal);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /**
   * Resolves true once the projection has passed `position`, false after `timeoutMs` of real time
   * without.
   */
  waitFor(position: number, timeoutMs: number): Promise<boolean> {
    return this.#waiters.waitFor(position, timeoutMs);
  }

  async #run(): Promise<void> {
    const { log, projection, store } = this.#options;
    const target = await this.#untilAnswered(() => store.head());
    for (let pause = 100; !this.#stop.signal.aborted;) {
      try {
        await this.#followOnce(target);
        pause = 100;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (
          error instanceof NotTheFollower ||
          error instanceof ProjectionBlocked ||
          isTransient(error)
        )
          log.warn(
            { error: (error as Error).message },
            `projection ${projection.name}: starting over`,
          );
        else {
          // An event that cannot be applied halts the projection rather than being left out; a
          // fixed version goes on.
          this.halted = (error as Error).message;
          log.error({ error: (error as Error).stack }, `projection ${projection.name} has halted`);
          pause = Math.min(pause * 2, FAULT_PAUSE_TO_MS);
        }
        await this.#timers.sleep(pause, this.#stop.signal);
      }
    }
  }

  async #untilAnswered(ask: () => Promise<number>): Promise<number> {
    while (!this.#stop.signal.aborted) {
      try {
        return await ask();
      } catch (error) {
        if (!isTransient(error)) throw error;
        await this.#timers.sleep(500, this.#stop.signal);
      }
    }
    return 0;
  }

  /**
   * Waits for the lease, then follows until it loses the lease or the store, or `stop` is called.
   */
  async #followOnce(target: number): Promise<void> {
    const { url, projection, pool, store, nats, log, afterBatch } = this.#options;
    const poll = async () => this.#reached(await positionOf(projection, pool), target);
    const lease = await waitForLease(url, projection.name, this.#stop.signal, poll, this.#timers);
    if (!lease) return;
    const signal = countListeners(AbortSignal.any([this.#stop.signal, lease.lost]));
    try {
      // Not the largest seen: another version of the projection may have been further on.
      this.position = await prepareProjection(
        projection,
        pool,
        store,
        projection.name,
        this.#timers,
      );
      this.#reached(this.position, target);
      this.following = true;
      const following = { store, nats, log, types: projection.types, timers: this.#timers };
      for await (const batch of followLog(this.position, following, signal)) {
        await this.#apply(batch);
        this.halted = null;
        this.#reached(batch.position, target);
        if (batch.events.length > 0)
          await afterBatch?.(batch).catch((error: Error) =>
            log.error({ error: error.stack }, `after a batch of ${projection.name}`),
          );
      }
    } finally {
      this.following = false;
      await lease.release();
    }
  }

  async #apply({ events, position }: Batch): Promise<void> {
    const { projection, pool } = this.#options;
    const began = this.#timers.now();
    const handled = (outcome: 'done' | 'failed') => {
      if (events.length > 0) this.onHandled?.(outcome, (this.#timers.now() - began) / 1000);
    };
    try {
      await advance(projection, pool, events, this.position, position);
      handled('done');
    } catch (error) {
      handled('failed');
      throw error;
    }
  }

  #reached(position: number, target = Infinity): void {
    this.position = Math.max(this.position, position);
    if (this.position >= target) this.caughtUp = true;
    this.#waiters.reached(this.position);
  }
}
