import { countListeners, longLived, systemTimers, type Timers } from '@cliptally/contracts';
import { isTransient } from '@cliptally/event-store';
import { isFault } from './apply-batch.js';
import { applyLog, type ApplyOptions } from './apply-log.js';
import { waitForLease } from './lease.js';
import { PositionWaiters } from './position-waiters.js';
import { positionOf, prepareProjection } from './projection.js';

export interface ProjectorOptions extends Omit<ApplyOptions, 'onHandled' | 'applied' | 'timers'> {
  url: string;
  timers?: Timers;
}

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
  onHandled: ApplyOptions['onHandled'] | null = null;

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
        if (!isFault(error))
          log.warn(
            { error: (error as Error).message },
            `projection ${projection.name}: starting over`,
          );
        else {
          // An event that cannot be applied halts the projection rather than being left out; a
          // fixed version, or a person's skip, goes on.
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
    const { url, projection, pool, store } = this.#options;
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
      const applied = (reached: number) => {
        this.halted = null;
        this.#reached(reached, target);
      };
      const onHandled: ApplyOptions['onHandled'] = (...handled) => this.onHandled?.(...handled);
      const following = { ...this.#options, timers: this.#timers, onHandled, applied };
      await applyLog(this.position, following, signal);
    } finally {
      this.following = false;
      await lease.release();
    }
  }

  #reached(position: number, target = Infinity): void {
    this.position = Math.max(this.position, position);
    if (this.position >= target) this.caughtUp = true;
    this.#waiters.reached(this.position);
  }
}
