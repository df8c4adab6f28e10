import { clipIdOf, type Platform } from '@cliptally/contracts';
import { requireOpen, type Campaign } from './campaign.js';
import { evolveEntry, type ClipEntry } from './clip.js';
import { decideApproval } from './clip-review.js';
import type { Decided } from './fact.js';
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
  if (entries.some((entry) => entry.retired))
    throw conflict(
      'clip_retired',
      `The clip "${clipId}" is gone from its platform: it can earn no more.`,
    );
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
      `The clip "${clipId}" is in the campaign "${rival.campaignId}", and "${jealous}" is exclusive: submit another clip.`,
    );
  }
  return [{ type: 'ClipSubmitted', data: { clipId, ...submission } }];
}

/**
 * A submission that is approved at once; where the rules refuse the approval, `unapproved` says why
 * and the clip stays pending. A clip that its creator has in the campaign already is approved where
 * it waits for that.
 */
export function decideAdmission(
  entries: readonly ClipEntry[],
  submission: Submission,
  campaign: Campaign,
  { approve, by }: { approve: boolean; by: string },
  now: Date,
): { events: Decided[]; before: ClipEntry | null; unapproved: RuleBroken | null } {
  const { campaignId, creatorId } = submission;
  const before =
    entries.find(
      (entry) =>
        entry.campaignId === campaignId && entry.creatorId === creatorId && occupies(entry),
    ) ?? null;
  const submitted = before ? [] : decideSubmission(entries, submission, campaign, now);
  const entry =
    before ?? evolveEntry(null, { ...submitted[0]!, id: '', time: now.toISOString() }, campaign);
  if (!approve || entry.status !== 'PENDING')
    return { events: submitted, before, unapproved: null };
  try {
    return {
      events: [...submitted, ...decideApproval(entry, campaign, { by }, now)],
      before,
      unapproved: null,
    };
  } catch (error) {
    if (error instanceof RuleBroken) return { events: submitted, before, unapproved: error };
    throw error;
  }
}
