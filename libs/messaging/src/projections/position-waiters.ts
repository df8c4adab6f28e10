import type { Timers } from '@cliptally/contracts';

/** The position is polled this often while somebody waits for it. */
const POLL_MS = 25;

interface Waiter {
  position: number;
  resolve: () => void;
}

/** Those who wait until a projection has reached a position. */
export class PositionWaiters {
  #waiting: Waiter[] = [];
  #position = 0;
  #polling = false;

  /** `poll` calls {@link reached} if it learns the position, and gives whether to go on. */
  constructor(
    private readonly poll: () => Promise<boolean>,
    private readonly timers: Timers,
    private readonly signal: AbortSignal,
  ) {}

  /** True once `position` is reached, false after `timeoutMs` of real time without. */
  async waitFor(position: number, timeoutMs: number): Promise<boolean> {
    if (this.#position >= position) return true;
    let waiter: Waiter | undefined;
    const passed = new Promise<true>((resolve) => {
      waiter = { position, resolve: () => resolve(true) };
      this.#waiting.push(waiter);
    });
    const ended = new AbortController();
    const late = this.timers.sleep(timeoutMs, ended.signal).then(() => false as const);
    if (!this.#polling) void this.#pollForAll();
    const result = await Promise.race([passed, late]);
    ended.abort();
    this.#waiting = this.#waiting.filter((one) => one !== waiter);
    return result;
  }

  reached(position: number): void {
    this.#position = position;
    const passed = this.#waiting.filter((one) => one.position <= position);
    if (passed.length === 0) return;
    this.#waiting = this.#waiting.filter((one) => one.position > position);
    for (const { resolve } of passed) resolve();
  }

  /** Once for all who wait, and for as long as somebody does. */
  async #pollForAll(): Promise<void> {
    this.#polling = true;
    while (this.#waiting.length > 0 && !this.signal.aborted) {
      if (!(await this.poll())) break;
      if (this.#waiting.length > 0) await this.timers.sleep(POLL_MS, this.signal);
    }
    this.#polling = false;
  }
}
