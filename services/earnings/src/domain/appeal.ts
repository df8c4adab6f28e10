import { MOST_APPEAL } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import type { ClipEntry } from './clip.js';
import { decideApproval, decideRelease } from './clip-review.js';
import type { Decided } from './fact.js';
import { conflict, malformed, requireText } from './rule-broken.js';
import { occupies } from './submission.js';

/** A creator objects to a rejection or a hold of its clip, once in a campaign. */
export function decideAppeal(
  entry: ClipEntry,
  { text, by }: { text: string; by: string },
): Decided<'ClipAppealed'>[] {
  if (text.trim() === '' || text.length > MOST_APPEAL)
    throw malformed('text', `text must have 1 to ${MOST_APPEAL} characters.`);
  const { clipId, campaignId, creatorId } = entry;
  if (entry.appeal)
    throw conflict(
      'appeal_exists',
      `The clip "${clipId}" was appealed on ${entry.appeal.at}: a decision is appealed once.`,
    );
  if (entry.status !== 'REJECTED' && !entry.hold)
    throw conflict(
      'nothing_to_appeal',
      `The clip "${clipId}" is neither rejected nor on hold in the campaign "${campaignId}".`,
    );
  return [{ type: 'ClipAppealed', data: { ...named(entry), creatorId, text, by } }];
}

/**
 * A person answers with a reason. A granted appeal ends the hold, or approves the clip: with the
 * date of its first approval, if it had one. `entries` are those of the clip in all campaigns.
 */
export function decideAppealAnswer(
  entries: readonly ClipEntry[],
  entry: ClipEntry,
  campaign: Campaign,
  { granted, reason, by }: { granted: boolean; reason: string; by: string },
  now: Date,
): Decided<'ClipAppealAnswered' | 'ClipApproved' | 'ClipReleased'>[] {
  requireText(reason, 'reason');
  const { clipId, appeal } = entry;
  if (!appeal || appeal.answer)
    throw conflict('no_appeal', `No appeal of the clip "${clipId}" waits for an answer.`);
  const answered = {
    type: 'ClipAppealAnswered' as const,
    data: { ...named(entry), granted, reason, by },
  };
  if (!granted) return [answered];
  if (entry.hold) return [answered, ...decideRelease(entry, { by })];
  if (entry.status !== 'REJECTED') return [answered];
  const rival = entries.find(
    (one) => one !== entry && occupies(one) && (one.exclusive || entry.exclusive),
  );
  if (rival)
    throw conflict(
      'clip_exclusive',
      `The clip "${clipId}" is in the campaign "${rival.campaignId}" meanwhile, and one of the two is exclusive.`,
    );
  if (entry.approvedAt !== null)
    return [answered, { type: 'ClipApproved', data: { ...named(entry), by } }];
  return [answered, ...decideApproval({ ...entry, status: 'PENDING' }, campaign, { by }, now)];
}

const named = ({ clipId, platform, campaignId }: ClipEntry) => ({ clipId, platform, campaignId });
