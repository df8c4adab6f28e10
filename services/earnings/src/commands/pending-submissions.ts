import { systemTimers, type Timers } from '@cliptally/contracts';
import { requireFewPending } from '../domain/submission.js';
import type { Queries } from '../queries/queries.js';

/** How long a submission that the tables do not show yet counts; one that failed counts as long. */
const UNSEEN_MS = 10_000;

interface Submitted {
  campaignId: string;
  creatorId: string;
  clipId: string;
}

/**
 * How many submissions of a creator wait for a decision in a campaign. Those of this process count
 * from their decision on, so that many at the same moment do not pass the limit; each further
 * process may take as many as it has decided on since the tables were read.
 */
export class PendingSubmissions {
  /** By campaign and creator: clips that the tables may not show yet, until when they count. */
  readonly #unseen = new Map<string, Map<string, number>>();

  constructor(
    private readonly most: number,
    private readonly timers: Timers = systemTimers,
  ) {}

  /** Gives what counts a further submission, and throws if there are too many. */
  async of(
    queries: Queries,
    { campaignId, creatorId }: Pick<Submitted, 'campaignId' | 'creatorId'>,
  ): Promise<(clipId: string) => void> {
    const key = `${campaignId} ${creatorId}`;
    const known = this.#unseenOf(key);
    const rows = await queries.pendingOf(campaignId, creatorId, [...known.keys()]);
    for (const { clip_id } of rows) known.delete(clip_id);
    const pending = rows.filter(({ status }) => status === 'PENDING');
    return (clipId) => {
      const unseen = this.#unseenOf(key);
      const waiting = new Set([...pending.map(({ clip_id }) => clip_id), ...unseen.keys()]);
      waiting.delete(clipId);
      requireFewPending({ campaignId, creatorId }, waiting.size, this.most);
      this.#unseen.set(key, unseen.set(clipId, this.timers.now() + UNSEEN_MS));
    };
  }

  #unseenOf(key: string): Map<string, number> {
    const unseen = this.#unseen.get(key) ?? new Map<string, number>();
    for (const [clipId, until] of unseen) if (until <= this.timers.now()) unseen.delete(clipId);
    if (unseen.size === 0) this.#unseen.delete(key);
    return unseen;
  }
}
