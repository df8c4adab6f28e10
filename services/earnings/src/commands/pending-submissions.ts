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
    const rows = await queries.pendingOf(campaignId, creatorId, this.#unseenOf(key));
    const [pending, decided] = [new Set<string>(), new Set<string>()];
    for (const { clip_id, status } of rows) (status === 'PENDING' ? pending : decided).add(clip_id);
    return (clipId) => {
      // Tables that were read earlier than others do not show what those have shown already.
      const unseen = this.#unseenOf(key).filter((id) => !decided.has(id));
      const waiting = new Set([...pending, ...unseen]);
      waiting.delete(clipId);
      requireFewPending({ campaignId, creatorId }, waiting.size, this.most);
      this.#count(key, clipId);
    };
  }

  #unseenOf(key: string): string[] {
    const now = this.timers.now();
    return [...(this.#unseen.get(key) ?? [])].flatMap(([id, until]) => (until > now ? [id] : []));
  }

  /** Forgets those of the longest ago: the last one of a key is its newest. */
  #count(key: string, clipId: string): void {
    const now = this.timers.now();
    const known = [...(this.#unseen.get(key) ?? [])].filter(([, until]) => until > now);
    this.#unseen.delete(key);
    this.#unseen.set(key, new Map([...known, [clipId, now + UNSEEN_MS]]));
    for (const [oldest, of] of this.#unseen) {
      if ([...of.values()].at(-1)! > now) break;
      this.#unseen.delete(oldest);
    }
  }
}
