import { clipIdOf, type Platform } from '@cliptally/contracts';
import { requireOpen, type Campaign } from './campaign.js';
import { evolveEntry, type ClipEntry } from './clip.js';
import { isRetired } from './clip-restoration.js';
import { decideApproval } from './clip-review.js';
import { DAY_MS, ms, type Decided } from './fact.js';
import { conflict, rule, RuleBroken } from './rule-broken.js';

export interface Submission {
  platform: Platform;
  videoId: string;
  url: string;
  submittedUrl: string;
  campaignId: string;
  creatorId: string;
}

/**
 * Whether the entry takes the clip's place: in its own campaign, and in all if either is exclusive.
 * A first rejection frees it.
 */
export const occupies = (entry: ClipEntry): boolean =>
  entry.status !== 'REJECTED' || entry.approvedAt !== null;

/**
 * `entries` are those of this clip in all campaigns, by whomever. Throws a conflict when one of
 * them takes the clip's place.
 */
export function decideSubmission(
  entries: readonly ClipEntry[],
  submission: Submission,
  campaign: Campaign,
  now: Date,
): Decided<'ClipSubmitted'>[] {
  const clipId = clipIdOf(submission.platform, submission.videoId);
  requireOpen(campaign, 'submitted', now, ['ACTIVE']);
  const { platforms } = campaign.terms;
  if (platforms && !platforms.includes(submission.platform))
    throw rule(
      'platform_refused',
      'url',
      `The campaign "${campaign.campaignId}" takes clips of ${platforms.join(', ')} only: submit one of these.`,
    );
  const standing = entries.filter(occupies);
  const retired = entries.find((entry) => entry.retired)?.retired;
  if (retired) throw isRetired(clipId, retired);
  if (standing.some((entry) => entry.campaignId === campaign.campaignId)) {
    throw conflict(
      'clip_already_submitted',
      `The clip "${clipId}" is in the campaign "${campaign.campaignId}" already: a clip earns there once.`,
    );
  }
  const rival = standing.find((entry) => entry.exclusive || campaign.terms.exclusive);
  if (rival) {
    const jealous = rival.exclusive ? rival.campaignId : campaign.campaignId;
    throw conflict(
      'clip_exclusive',
      rival.creatorId === submission.creatorId
        ? `The clip "${clipId}" is in the campaign "${rival.campaignId}", and "${jealous}" is exclusive: submit another clip.`
        : `The clip "${clipId}" is in another campaign, and ${rival.exclusive ? 'that' : 'this'} one is exclusive: submit another clip.`,
    );
  }
  return [{ type: 'ClipSubmitted', data: { clipId, ...submission } }];
}

/** Of UTC. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * Counts a submission of a campaign that limits them: `made` is how many the creator has made on
 * the day of `at`, whatever became of them. Nothing if there is no limit; throws if it is
 * reached.
 */
export function decideCount(
  { campaignId, terms: { maxSubmissionsPerDay: most } }: Campaign,
  { clipId, creatorId }: { clipId: string; creatorId: string },
  made: number,
  at: Date,
): Decided<'SubmissionCounted'>[] {
  if (most === undefined) return [];
  const day = dayOf(at);
  if (made >= most) {
    const next = new Date(ms(`${day}T00:00:00.000Z`) + DAY_MS).toISOString();
    const times = most === 1 ? '1 submission' : `${most} submissions`;
    throw rule(
      'submissions_of_day',
      'campaignId',
      `The campaign "${campaignId}" takes ${times} of a creator in a day of UTC, and "${creatorId}" has made as many on ${day}: submit the clip from ${next} on.`,
    );
  }
  return [{ type: 'SubmissionCounted', data: { campaignId, creatorId, day, clipId } }];
}

/** Throws if as many submissions of the creator wait for a decision as the operator allows. */
export function requireFewPending(
  { campaignId, creatorId }: { campaignId: string; creatorId: string },
  pending: number,
  most: number,
): void {
  if (pending < most) return;
  throw rule(
    'too_many_pending',
    'campaignId',
    `"${creatorId}" has ${pending} submissions in the campaign "${campaignId}" that nobody has decided on yet, and at most ${most} may wait: submit the clip once some of them are reviewed.`,
  );
}

/**
 * Throws a conflict if the creator's clip was rejected in the campaign: an import of the same
 * rows does not ask anew what was decided.
 */
export function requireUndecided(
  entries: readonly ClipEntry[],
  { platform, videoId, campaignId, creatorId }: Submission,
): void {
  if (!entries.some((entry) => isOwn(entry, campaignId, creatorId) && entry.status === 'REJECTED'))
    return;
  throw conflict(
    'clip_already_submitted',
    `The clip "${clipIdOf(platform, videoId)}" was rejected in the campaign "${campaignId}", and stays so: leave onlyNew out to submit it again.`,
  );
}

const isOwn = (entry: ClipEntry, campaignId: string, creatorId: string): boolean =>
  entry.campaignId === campaignId && entry.creatorId === creatorId;

/**
 * A submission that is approved at once; if the rules refuse the approval, `unapproved` says why
 * and the clip stays pending. A clip that its creator has in the campaign already is approved if
 * it waits for that, and stays rejected if it was.
 */
export function decideAdmission(
  entries: readonly ClipEntry[],
  submission: Submission,
  campaign: Campaign,
  { approve, by }: { approve: boolean; by: string },
  now: Date,
): {
  events: Decided[];
  before: ClipEntry | null;
  entry: ClipEntry;
  unapproved: RuleBroken | null;
} {
  const { campaignId, creatorId } = submission;
  const before = entries.find((entry) => isOwn(entry, campaignId, creatorId)) ?? null;
  const submitted = before ? [] : decideSubmission(entries, submission, campaign, now);
  const entry =
    before ?? evolveEntry(null, { ...submitted[0]!, id: '', time: now.toISOString() }, campaign);
  if (!approve || entry.status !== 'PENDING')
    return { events: submitted, before, entry, unapproved: null };
  try {
    return {
      events: [...submitted, ...decideApproval(entry, campaign, { by }, now)],
      before,
      entry,
      unapproved: null,
    };
  } catch (error) {
    if (error instanceof RuleBroken) return { events: submitted, before, entry, unapproved: error };
    throw error;
  }
}
