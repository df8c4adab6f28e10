import type { AnyEvent } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import type { StreamTails } from './stream-tails.js';

type Placed = Pick<AnyEvent, 'id' | 'stream' | 'position'>;

/**
 * Which requests are in the log: it alone says what is asked for. JetStream has others if the log
 * was set back to a backup, or if somebody else has published them.
 */
export class LoggedRequests {
  constructor(
    private readonly tails: Pick<StreamTails, 'of'>,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  async has({ id, stream, position }: Placed): Promise<boolean> {
    const tail = await this.tails.of(stream);
    if (tail !== null && tail.position >= position) return true;
    this.log.warn(
      { requestId: id, stream, position },
      'a scrape request is left out: the log does not have it, so JetStream holds another log',
    );
    return false;
  }
}
