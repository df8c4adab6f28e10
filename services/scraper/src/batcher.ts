import type { Clock } from '@cliptally/contracts';

export interface BatcherOptions<T> {
  clock: Clock;
  size: number;
  /** How long the first of a batch waits for company, on the simulated clock. */
  lingerMs: number;
  /** Batches under way at once. */
  concurrency: number;
  /** Must settle every item; never rejects. */
  work: (items: T[]) => Promise<void>;
}

/**
 * Gathers single items into batches, and works on several batches at once: a slow one holds up
 * nobody but its own items.
 */
export class Batcher<T> {
  readonly #waiting: T[] = [];
  readonly #running = new Set<Promise<void>>();
  #linger: AbortController | null = null;
  #ripe = false;

  constructor(private readonly options: BatcherOptions<T>) {}

  add(item: T): void {
    this.#waiting.push(item);
    if (this.#waiting.length >= this.options.size) this.#dispatch();
    else if (!this.#linger) this.#wait();
  }

  /** Works on what waits, and resolves when nothing is under way. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running.size > 0) {
      this.#ripe = true;
      this.#dispatch();
      await Promise.race(this.#running);
    }
  }

  #wait(): void {
    const linger = new AbortController();
    this.#linger = linger;
    void this.options.clock.sleep(this.options.lingerMs, linger.signal).then(() => {
      if (linger.signal.aborted) return;
      this.#linger = null;
      this.#ripe = true;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const { size, concurrency, work } = this.options;
    while (
      this.#running.size < concurrency &&
      (this.#waiting.length >= size || (this.#ripe && this.#waiting.length > 0))
    ) {
      const batch = this.#waiting.splice(0, size);
      const done: Promise<void> = work(batch).finally(() => {
        this.#running.delete(done);
        this.#dispatch();
      });
      this.#running.add(done);
    }
    if (this.#waiting.length > 0) return;
    this.#ripe = false;
    this.#linger?.abort();
    this.#linger = null;
  }
}
