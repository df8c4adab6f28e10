import type { AnomalyFound, EntryStatus, HoldCode } from '@cliptally/contracts';
import { requireOpen, type Campaign } from './campaign.js';
import type { ClipEntry } from './clip.js';
import { isRetired } from './clip-restoration.js';
import { countingWindow } from './entitlement.js';
import { DAY_MS, ms, type Decided } from './fact.js';
import { conflict, requireText, rule } from './rule-broken.js';

/** Throws a conflict unless the entry is pending, free of a hold, and still has time to earn. */
export function decideApproval(
  entry: ClipEntry,
  campaign: Campaign,
  { by }: { by: string },
  now: Date,
): Decided<'ClipApproved'>[] {
  requireStatus(entry, 'only a pending clip can be approved', 'PENDING');
  if (entry.retired) throw isRetired(entry.clipId, entry.retired);
  if (entry.hold)
    throw conflict(
      'clip_held',
      `The clip "${entry.clipId}" is on hold (${entry.hold.reason}): release it before it is approved.`,
    );
  requireOpen(campaign, 'approved', now, ['ACTIVE', 'PAUSED']);
  const window = countingWindow(campaign, now.toISOString());
  if (window.from >= window.to) {
    const opens = campaign.terms.startsAt;
    throw conflict(
      'window_empty',
      `Approved now, the clip "${entry.clipId}" would stop counting before the campaign starts on ${opens}: approve it later.`,
    );
  }
  return [{ type: 'ClipApproved', data: { ...named(entry), by } }];
}

/**
 * Ends a review: of a new clip, or of one on hold. What it has earned stays until it is reversed.
 */
export function decideRejection(
  entry: ClipEntry,
  { reason, by }: { reason: string; by: string },
): Decided<'ClipRejected'>[] {
  requireText(reason, 'reason');
  if (!entry.hold)
    requireStatus(
      entry,
      entry.status === 'APPROVED'
        ? 'put it on hold before it is rejected'
        : 'it cannot be rejected again',
      'PENDING',
    );
  return [{ type: 'ClipRejected', data: { ...named(entry), reason, by } }];
}

/** A hold has a date of review: this long after it was decided, if nobody says otherwise. */
export const REVIEW_AFTER_MS = 3 * DAY_MS;

/** A clip on hold accrues nothing until it is released; its views are still counted. */
export function decideHold(
  entry: ClipEntry,
  hold: {
    reason: string;
    reviewAt: string;
    anomaly?: AnomalyFound;
    code?: HoldCode;
    by: string;
  },
  now: Date,
): Decided<'ClipHeld'>[] {
  requireText(hold.reason, 'reason');
  if (!(ms(hold.reviewAt) > now.getTime()))
    throw rule(
      'review_in_the_past',
      'reviewAt',
      'reviewAt must be an instant in the future: a hold has a date of review.',
    );
  if (entry.hold)
    throw conflict(
      'clip_held',
      `The clip "${entry.clipId}" is on hold already, until its review on ${entry.hold.reviewAt}.`,
    );
  requireStatus(entry, 'there is nothing to hold', 'PENDING', 'APPROVED');
  return [{ type: 'ClipHeld', data: { ...named(entry), ...hold } }];
}

export function decideRelease(entry: ClipEntry, { by }: { by: string }): Decided<'ClipReleased'>[] {
  if (!entry.hold)
    throw conflict(
      'clip_not_held',
      `The clip "${entry.clipId}" is not on hold in the campaign "${entry.campaignId}".`,
    );
  return [{ type: 'ClipReleased', data: { ...named(entry), by } }];
}

const named = ({ clipId, platform, campaignId }: ClipEntry) => ({ clipId, platform, campaignId });

function requireStatus(
  { clipId, campaignId, status }: ClipEntry,
  consequence: string,
  ...allowed: EntryStatus[]
): void {
  if (!allowed.includes(status)) {
    throw conflict(
      'clip_state',
      `The clip "${clipId}" is ${status} in the campaign "${campaignId}": ${consequence}.`,
    );
  }
}
