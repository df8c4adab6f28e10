import type { AnomalyFound, CampaignTerms } from '@cliptally/contracts';
import { decideAnomalyHold } from './anomaly.js';
import type { Campaign } from './campaign.js';
import { isOld, type ClipEntry } from './clip.js';
import { decideApproval, decideHold, decideRelease, REVIEW_AFTER_MS } from './clip-review.js';
import { HOUR_MS, ms, type Decided } from './fact.js';
import { RuleBroken } from './rule-broken.js';

/** `by` of what is decided because its date has come. */
export const BY_REVIEW = 'cliptally:review';

/** When an entry is decided on by itself, or its hold is reviewed; null if nothing is due ever. */
export function reviewAtOf(entry: ClipEntry, { reviewHours = null }: CampaignTerms): string | null {
  if (entry.hold) return entry.hold.reviewAt;
  if (entry.status !== 'PENDING' || reviewHours === null) return null;
  return new Date(ms(entry.submittedAt) + reviewHours * HOUR_MS).toISOString();
}

/**
 * What becomes of an entry whose date has come. A submission is approved if nothing is odd about
 * it, else held with the reasons. A hold of the anomaly rules is released if they find nothing any
 * more; one that a person has to decide on stays. `anomaly` is what the rules find now.
 */
export function decideDueReview(
  entry: ClipEntry,
  campaign: Campaign,
  anomaly: AnomalyFound | null,
  now: Date,
): Decided<'ClipApproved' | 'ClipHeld' | 'ClipReleased'>[] {
  const at = reviewAtOf(entry, campaign.terms);
  if (at === null || ms(at) > now.getTime()) return [];
  if (entry.hold)
    return entry.hold.anomaly && !anomaly ? decideRelease(entry, { by: BY_REVIEW }) : [];
  if (anomaly) return decideAnomalyHold(entry, anomaly, now);
  // Who has released it has seen what is odd.
  const reasons = entry.cleared ? [] : oddOf(entry, campaign);
  const reviewAt = new Date(now.getTime() + REVIEW_AFTER_MS).toISOString();
  const hold = (reason: string) => decideHold(entry, { reason, reviewAt, by: BY_REVIEW }, now);
  if (reasons.length > 0) return hold(reasons.join('; '));
  try {
    return decideApproval(entry, campaign, { by: BY_REVIEW }, now);
  } catch (error) {
    if (!(error instanceof RuleBroken)) throw error;
    return entry.cleared || error.code === 'window_empty' ? [] : hold(error.message.slice(0, 500));
  }
}

function oddOf(entry: ClipEntry, { terms }: Campaign): string[] {
  const old = isOld(entry, terms) && terms.oldPosts === 'count';
  return [
    ...(entry.retired ? ['the clip is gone from its platform'] : []),
    ...(old
      ? [`it was posted on ${entry.postedAt}, and the campaign counts views of old posts`]
      : []),
  ];
}
