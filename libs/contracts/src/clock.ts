import { systemTimers, type Timers } from './timers.js';

/** The one clock, passed in everywhere: nothing else in the product reads the time or sleeps. */
export interface Clock {
  /** The world's present instant. */
  now(): Date;
  /**
   * Resolves after `ms` milliseconds of the simulated clock, or at once when `signal` aborts. Never
   * rejects.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** How many milliseconds of the world pass in one real millisecond; 1 in production. */
  readonly speed: number;
}

/**
 * A clock that shows `world` when the machine's clock shows `real`, and runs `speed` times
 * as fast.
 */
export interface ClockSetting {
  world: number;
  real: number;
  speed: number;
}

export function clockOf(setting: ClockSetting, timers: Timers = systemTimers): Clock {
  const { world, real, speed } = setting;
  return {
    speed,
    now: () => new Date(world + Math.floor((Date.now() - real) * speed)),
    sleep: (ms, signal) => timers.sleep(Math.max(0, ms) / speed, signal),
  };
}

/** Life as it is: the machine's own clock. */
export const systemClock: Clock = clockOf({ world: 0, real: 0, speed: 1 });

/**
 * Reads what {@link formatClock} wrote, so that every process of one world shares one clock; empty
 * means the machine's own.
 */
export function parseClock(text: string | undefined): Clock {
  if (!text) return systemClock;
  const match = /^(\d+)@(\d+)x(\d+(?:\.\d+)?)$/.exec(text);
  if (!match || Number(match[3]) <= 0) {
    throw new Error(
      `CLOCK must look like "<world ms>@<real ms>x<speed>", for example 1767225600000@1767225600000x720, but it is "${text}".`,
    );
  }
  return clockOf({ world: Number(match[1]), real: Number(match[2]), speed: Number(match[3]) });
}

export const formatClock = (setting: ClockSetting): string =>
  `${setting.world}@${setting.real}x${setting.speed}`;

/** A clock for tests that only a test moves; a sleeper wakes when its instant is reached. */
export class ManualClock implements Clock {
  readonly speed = 1;
  #now: number;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(start: string | number | Date) {
    this.#now = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** How many sleepers wait for time to pass. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        wake();
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Moves time forward by `ms` and wakes all that slept until then. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter((s) => s.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((s) => s.at > this.#now);
    for (const s of due) s.wake();
  }
}
