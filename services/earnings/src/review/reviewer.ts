import { derivedId, type Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import type { Commands } from '../commands/commands.js';
import { suspicionOf } from '../domain/anomaly.js';
import { decideDueReview } from '../domain/due-review.js';
import { PeriodicTask } from '../periodic-task.js';
import type { Queries } from '../queries/queries.js';

export interface ReviewerOptions {
  commands: Commands;
  queries: Queries;
  clock: Clock;
  log: Log;
}

/**
 * Decides on submissions and holds whose date has come. Each by itself: one that fails waits for
 * the next run, and the others do not wait for it.
 */
export class Reviewer extends PeriodicTask {
  readonly #options: ReviewerOptions;

  constructor(options: ReviewerOptions) {
    const { clock, log } = options;
    super({ run: (signal) => this.review(signal), what: 'reviewing', clock, log });
    this.#options = options;
  }

  /** Gives the instant at which the next one is due. */
  async review(signal?: AbortSignal): Promise<Date | null> {
    const { queries, clock, log } = this.#options;
    const now = clock.now();
    for (const due of await queries.reviewsDue(now)) {
      if (signal?.aborted) return null;
      const { clip_id: clipId, campaign_id: campaignId } = due;
      await this.#decide(due).catch((error: Error) =>
        log.warn({ clipId, campaignId, error: error.message }, 'a review could not be decided'),
      );
    }
    return queries.nextReview(now);
  }

  #decide({
    clip_id: clipId,
    campaign_id: campaignId,
    revision,
  }: {
    clip_id: string;
    campaign_id: string;
    revision: number;
  }) {
    const id = derivedId('due-review', clipId, campaignId, revision);
    return this.#options.commands.clip(id, clipId, async (entries, now, snapshot) => {
      const entry = entries.find((one) => one.campaignId === campaignId);
      const campaign = await snapshot.campaignRow(campaignId);
      if (!entry || !campaign) return [];
      const { terms } = campaign.state;
      const evidence = await snapshot.evidence(clipId);
      const found = evidence
        ? suspicionOf({ ...entry, hold: null }, terms, evidence.observations, evidence.background)
        : null;
      return decideDueReview(entry, campaign.state, found, now);
    });
  }
}
