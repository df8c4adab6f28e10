import { ManualClock, systemTimers, type AnyEvent } from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { setImmediate } from 'node:timers/promises';
import { type BatchPorts } from '../batch-ports.js';
import { FakeSource, MemorySlots, scrapeOf } from './fake-source.js';
import { MapScrapeState } from '../scrape-state/map-scrape-state.js';

export const ACK_WAIT_S = 30;
export const SCRAPES = [scrapeOf('one'), scrapeOf('two')];
export const never = () => new Promise<never>(() => {});

/** What all replicas share, and what it has been asked to do, in order. */
export class Shared {
  readonly clock = new ManualClock('2026-05-10T00:00:00Z');
  readonly store = new MemoryEventStore();
  readonly state = new MapScrapeState();
  readonly limits = new MemorySlots();
  readonly sources = [new FakeSource('first'), new FakeSource('second')];

  /**
   * The ports of one process; `around` may keep a call from being made, or its answer from coming.
   */
  portsOf(
    around: (name: string, call: () => Promise<unknown>) => Promise<unknown> = (_, call) => call(),
  ) {
    const wrapped = <T extends object>(target: T, names: readonly (keyof T & string)[]): T =>
      new Proxy(target, {
        get: (_, name) => {
          const value = Reflect.get(target, name) as unknown;
          if (typeof value !== 'function') return value;
          const bound = (value as (...args: unknown[]) => Promise<unknown>).bind(target);
          if (!names.includes(name as keyof T & string)) return bound;
          return (...args: unknown[]) => around(labelOf(String(name), args), () => bound(...args));
        },
      });
    const ports: BatchPorts = {
      platform: 'tiktok',
      store: wrapped(this.store, ['append', 'appendMany']),
      state: wrapped(this.state, ['keepBatch', 'runOf', 'takeRun', 'claim', 'keepObservations']),
      limits: wrapped(this.limits, ['acquire', 'release']),
      clock: this.clock,
      timers: systemTimers,
      log: silentLog,
      ackWaitMs: ACK_WAIT_S * 1_000,
      jitter: () => 0,
      signal: new AbortController().signal,
    };
    return {
      ports,
      sources: this.sources.map((source) => wrapped(source, ['start', 'find', 'collect'])),
    };
  }

  /** Lets time pass until the work is done. */
  async pass<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
    let done: PromiseSettledResult<T>[] = [];
    void Promise.allSettled([work]).then((settled) => (done = settled));
    for (let s = 0; s < 600; s++) {
      for (let i = 0; i < 20 && done.length === 0; i++) await setImmediate();
      if (done[0]) return done[0];
      this.clock.advance(1_000);
    }
    throw new Error('not done after ten minutes');
  }

  log(): Promise<AnyEvent[]> {
    return Array.fromAsync(this.store.readAll(0));
  }
}

const labelOf = (name: string, args: unknown[]): string =>
  name === 'append' ? `append ${(args[1] as { type: string }[])[0]!.type}` : name;
