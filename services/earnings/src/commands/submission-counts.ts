import { streams } from '@cliptally/contracts';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Decided } from '../domain/fact.js';
import { dayOf, decideCount } from '../domain/submission.js';
import type { Snapshot } from '../queries/tables.js';
import { at, type StreamDecision } from './decision.js';
import type { PendingSubmissions } from './pending-submissions.js';

/**
 * What a submission counts for in a campaign that limits a creator's submissions in a day: an event
 * of the stream of that day, at the revision that was read, so that of two at once one is decided
 * again. Nothing for other events, and if a person moves a clip. Throws if the limit is
 * reached, or too many of the creator's wait for a decision.
 */
export async function countsOf(
  snapshot: Snapshot,
  events: readonly Decided[],
  on: Date,
  pending: PendingSubmissions,
): Promise<StreamDecision[]> {
  const submitted = events.find(
    (event): event is Decided<'ClipSubmitted'> => event.type === 'ClipSubmitted',
  );
  if (!submitted) return [];
  const { campaignId, creatorId, clipId } = submitted.data;
  if (waits(events)) (await pending.of(snapshot, submitted.data))(clipId);
  const campaign = (await snapshot.campaignRow(campaignId))!.state;
  if (campaign.terms.maxSubmissionsPerDay === undefined) return [];
  const made = await snapshot.submissionsOf(campaignId, creatorId, dayOf(on));
  return [
    {
      stream: streams.submissionDay(campaignId, creatorId, dayOf(on)),
      expected: at(made - 1),
      events: decideCount(campaign, submitted.data, made, on),
    },
  ];
}

/** Whether a reviewer has to decide on what is submitted. An admin's import asks nobody. */
const waits = (events: readonly Decided[]): boolean =>
  !events.some(({ type }) => type === 'ClipApproved');

/** One clip of a request of many. */
export interface Asked {
  clipId: string;
  decide: (entries: ClipEntry[], now: Date) => Decided[];
  /** Of a submission: whose it is, and its campaign, which may limit them. */
  campaign?: { state: Campaign; creatorId: string };
}

type Submitting = NonNullable<Asked['campaign']>;

/**
 * The days of UTC that the submissions of one round count for. Those of one day are made in turn,
 * each at the revision that the one before has left; all others at once.
 */
export class DaysOfSubmissions {
  readonly #made = new Map<string, number>();
  readonly #on: Date;

  private constructor(on: Date) {
    this.#on = on;
  }

  static async of(
    snapshot: Snapshot,
    asked: readonly Asked[],
    on: Date,
  ): Promise<DaysOfSubmissions> {
    const days = new DaysOfSubmissions(on);
    for (const { campaign } of asked) {
      const stream = campaign && days.#streamOf(campaign);
      if (!stream || days.#made.has(stream)) continue;
      const { state, creatorId } = campaign;
      const made = await snapshot.submissionsOf(state.campaignId, creatorId, dayOf(on));
      days.#made.set(stream, made);
    }
    return days;
  }

  /** Null if the campaign has no limit. */
  #streamOf({ state, creatorId }: Submitting): string | null {
    if (state.terms.maxSubmissionsPerDay === undefined) return null;
    return streams.submissionDay(state.campaignId, creatorId, dayOf(this.#on));
  }

  /** What `submit` gives for each, in their order. */
  async inTurn<A extends Asked, T>(
    asked: readonly A[],
    submit: (one: A) => Promise<T>,
  ): Promise<T[]> {
    const results: T[] = [];
    const own = asked.map((one, nth) => ({
      one,
      nth,
      turn: (one.campaign && this.#streamOf(one.campaign)) ?? nth,
    }));
    await Promise.all(
      Map.groupBy(own, ({ turn }) => turn)
        .values()
        .map(async (turns) => {
          for (const { one, nth } of turns) results[nth] = await submit(one);
        }),
    );
    return results;
  }

  /** What a submission counts for; throws if the limit of its day is reached. */
  countOf(campaign: Submitting, events: readonly Decided[]): StreamDecision[] {
    const stream = this.#streamOf(campaign);
    const submitted = events.find(({ type }) => type === 'ClipSubmitted');
    if (submitted?.type !== 'ClipSubmitted') return [];
    if (!stream) return [];
    const made = this.#made.get(stream)!;
    const counted = decideCount(campaign.state, submitted.data, made, this.#on);
    return [{ stream, expected: at(made - 1), events: counted }];
  }

  /** It was appended: the next one of its day comes after it. */
  counted(decision: readonly StreamDecision[]): void {
    for (const { stream } of decision)
      if (this.#made.has(stream)) this.#made.set(stream, this.#made.get(stream)! + 1);
  }
}
