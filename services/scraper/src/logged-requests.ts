import { systemTimers, type AnyEvent, type Timers } from '@cliptally/contracts';
import type { EventStore, Tail } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import DataLoader from 'dataloader';

type Placed = Pick<AnyEvent, 'id' | 'stream' | 'position'>;

/**
 * Which requests are in the log: it alone says what is asked for. JetStream has others if the log
 * was set back to a backup, or if somebody else has published them.
 */
export class LoggedRequests {
  /** Asks for the streams of one turn of the event loop together; they are few. */
  readonly #tails: DataLoader<string, Tail | null>;

  constructor(
    store: Pick<EventStore, 'tails'>,
    private readonly log: Pick<Log, 'warn'>,
    timers: Timers = systemTimers,
  ) {
    const load = async (streams: readonly string[]) => {
      const tails = await store.tails([...new Set(streams)]);
      return streams.map((stream) => tails.get(stream) ?? null);
    };
    this.#tails = new DataLoader<string, Tail | null>(load, {
      cache: false,
      batchScheduleFn: (work) => void timers.turn().then(work),
    });
  }

  async has({ id, stream, position }: Placed): Promise<boolean> {
    const tail = await this.#tails.load(stream);
    if (tail !== null && tail.position >= position) return true;
    this.log.warn(
      { requestId: id, stream, position },
      'a scrape request is left out: the log does not have it, so JetStream holds another log',
    );
    return false;
  }
}
