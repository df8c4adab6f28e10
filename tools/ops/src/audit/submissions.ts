import { millis, textOf, wholeOf, type RawEvent, type Report } from './events.js';

/** Submissions of a creator in a day, in campaigns that limit them. */
export class Submissions {
  readonly #report: Report;
  /** The limit, by campaign. */
  readonly #most = new Map<string, bigint>();
  /** By campaign, creator and day. */
  readonly #made = new Map<string, bigint>();
  /** Submissions that wait for their count, by campaign and clip. */
  readonly #uncounted = new Map<string, RawEvent>();

  constructor(report: Report) {
    this.#report = report;
  }

  take(event: RawEvent): void {
    const { type, data } = event;
    const campaignId = textOf(data, 'campaignId');
    if (type === 'CampaignLaunched') {
      const terms = (data['terms'] ?? {}) as Record<string, unknown>;
      const most = wholeOf(terms['maxSubmissionsPerDay']);
      if (most !== null) this.#most.set(campaignId, most);
    }
    const most = this.#most.get(campaignId);
    if (most === undefined) return;
    const entry = `${campaignId} ${textOf(data, 'clipId')}`;
    // A clip that a person has moved here says when it was submitted, and counts for nothing.
    if (type === 'ClipSubmitted' && !data['submittedAt']) this.#uncounted.set(entry, event);
    if (type === 'SubmissionCounted') this.#count(event, entry, most);
  }

  #count(event: RawEvent, entry: string, most: bigint): void {
    const [creatorId, day] = [textOf(event.data, 'creatorId'), textOf(event.data, 'day')];
    const submitted = this.#uncounted.get(entry);
    this.#uncounted.delete(entry);
    if (submitted?.data['creatorId'] !== creatorId)
      this.#report(event, 'a submission is counted that was not made', `ClipSubmitted of ${entry} by ${creatorId}`, 'none'); // prettier-ignore
    if (millis(`${day}T00:00:00Z`) > millis(event.time))
      this.#report(event, 'a submission is counted for a day to come', event.time, day);
    const key = `${textOf(event.data, 'campaignId')} ${creatorId} ${day}`;
    const made = (this.#made.get(key) ?? 0n) + 1n;
    this.#made.set(key, made);
    if (made > most)
      this.#report(event, `${creatorId} has made more submissions on ${day} than the campaign takes`, `at most ${most}`, made); // prettier-ignore
  }

  end(): void {
    for (const event of this.#uncounted.values())
      this.#report(
        event,
        'a submission is not counted in a campaign that limits them',
        'SubmissionCounted in the same append',
        'none',
      );
  }
}
