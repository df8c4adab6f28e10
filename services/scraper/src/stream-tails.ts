import { systemTimers, type Timers } from '@cliptally/contracts';
import type { EventStore, Tail } from '@cliptally/event-store';
import type DataLoader from 'dataloader';
import { askedTogether } from './asked-together.js';

/** Where streams end, for all that ask at about the same time with one question. */
export class StreamTails {
  readonly #tails: DataLoader<string, Tail | null>;

  constructor(store: Pick<EventStore, 'tails'>, timers: Timers = systemTimers) {
    this.#tails = askedTogether<string, Tail | null>(async (streams) => {
      const tails = await store.tails([...new Set(streams)]);
      return streams.map((stream) => tails.get(stream) ?? null);
    }, timers);
  }

  /** Null for a stream that does not exist. */
  of(stream: string): Promise<Tail | null> {
    return this.#tails.load(stream);
  }
}
