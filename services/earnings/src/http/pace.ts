import { systemTimers, type Timers } from '@cliptally/contracts';
import { LRUCache } from 'lru-cache';
import { tooMany } from './problem.js';

/** Requests that a caller may make at once, and how many it gets back in a second of real time. */
export interface RateLimit {
  burst: number;
  perSecond: number;
}

/** Callers with a token bucket at most: some ten megabytes. */
const MOST_BUCKETS = 10_000;

/** A token bucket for each caller; of too many, the one that was used longest ago goes. */
export class Pace {
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: MOST_BUCKETS });

  constructor(
    private readonly rate: RateLimit,
    private readonly timers: Timers = systemTimers,
  ) {}

  /** Throws a 429 problem that says when the next request is taken. */
  take(caller: string): void {
    const { burst, perSecond } = this.rate;
    const now = this.timers.now();
    const { tokens: left, at } = this.#buckets.get(caller) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, left + ((now - at) / 1000) * perSecond);
    if (tokens < 1) {
      const seconds = Math.ceil((1 - tokens) / perSecond);
      throw tooMany(`Too many requests: the next one is taken in ${seconds} s.`, seconds);
    }
    this.#buckets.set(caller, { tokens: tokens - 1, at: now });
  }
}
