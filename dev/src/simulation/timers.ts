import { derivedId, type ManualClock, type Timers } from '@cliptally/contracts';
import type { Chance } from './chance.js';
import type { Loop } from './loop.js';

/** Real time of the simulation is its one clock; randomness follows from the seed. */
export class SimulatedTimers implements Timers {
  #ids = 0;

  constructor(
    readonly time: ManualClock,
    readonly loop: Loop,
    readonly chance: Chance,
  ) {}

  now = () => this.time.now().getTime();
  sleep = (ms: number, signal?: AbortSignal) => this.time.sleep(ms, signal);
  turn = () => this.loop.turn();
  random = () => this.chance.next();
  uuid = () => derivedId('uuid', this.#ids++);

  after(ms: number, work: () => void): () => void {
    const cancelled = new AbortController();
    void this.time.sleep(ms, cancelled.signal).then(() => {
      if (!cancelled.signal.aborted) work();
    });
    return () => cancelled.abort();
  }

  every(ms: number, work: () => void): () => void {
    const cancelled = new AbortController();
    const again = async () => {
      for (;;) {
        await this.time.sleep(ms, cancelled.signal);
        if (cancelled.signal.aborted) return;
        work();
      }
    };
    void again();
    return () => cancelled.abort();
  }
}
