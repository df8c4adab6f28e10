import type { ClipMove } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import { netOf, type ClipEntry, type ClipFact } from './clip.js';
import { countingWindow, observe } from './entitlement.js';
import type { Decided, Fact } from './fact.js';
import { decideReversal } from './reversal.js';
import { conflict, requireText, rule } from './rule-broken.js';
import { occupies } from './submission.js';
import { inAnotherField, NO_VIEWS } from './view-fields.js';

export interface Move {
  reason: string;
  by: string;
}

export interface DecidedMove {
  clip: Decided<'ClipRejected' | 'ClipSubmitted' | 'ClipApproved'>[];
  /** What the clip has earned where it was, taken back. */
  from: Decided<'EarningsReversed'>[];
}

/**
 * Moves a clip to the campaign that it belongs to, with the dates of its submission's review: what
 * it has earned goes back to the old campaign, and in the new one all counts that was seen since
 * its approval. `history` are the events of the clip's stream, the oldest first.
 */
export function decideMove(
  entries: readonly ClipEntry[],
  entry: ClipEntry,
  history: readonly ClipFact[],
  [from, to]: readonly [Campaign, Campaign],
  { reason, by }: Move,
): DecidedMove {
  requireText(reason, 'reason');
  const { clipId, platform, creatorId, submittedAt, postedAt } = entry;
  requireMovable(entries, entry, [from, to]);
  const inCampaign = { clipId, platform, campaignId: to.campaignId };
  const { videoId, url, submittedUrl } = submissionOf(history, from.campaignId).data;
  const why = `moved to the campaign "${to.campaignId}": ${reason}`.slice(0, 500);
  const dates = { submittedAt, ...(postedAt !== null && { postedAt }) };
  const moved = entry.approvedAt === null ? null : moveOf(entry.approvedAt, history, from, to);
  return {
    clip: [
      {
        type: 'ClipRejected',
        data: { ...inCampaign, campaignId: from.campaignId, reason: why, by },
      },
      {
        type: 'ClipSubmitted',
        data: { ...inCampaign, videoId, url, submittedUrl, creatorId, ...dates },
      },
      ...(moved ? [{ type: 'ClipApproved' as const, data: { ...inCampaign, by, moved } }] : []),
    ],
    from:
      netOf(entry.tally) > 0 ? decideReversal(entry, from, { amount: 'all', reason: why, by }) : [],
  };
}

function requireMovable(
  entries: readonly ClipEntry[],
  { clipId, campaignId, status, hold }: ClipEntry,
  [from, to]: readonly [Campaign, Campaign],
): void {
  if (from === to)
    throw rule('same_campaign', 'to', `The clip "${clipId}" is in "${campaignId}": name another.`);
  if (status === 'REJECTED')
    throw conflict(
      'clip_state',
      `The clip "${clipId}" is REJECTED in the campaign "${campaignId}": submit it to the other campaign instead.`,
    );
  if (hold)
    throw conflict(
      'clip_held',
      `The clip "${clipId}" is on hold (${hold.reason}): release it before it is moved.`,
    );
  const others = entries.filter((one) => one.campaignId !== campaignId && occupies(one));
  if (others.some((one) => one.campaignId === to.campaignId))
    throw conflict(
      'clip_already_submitted',
      `The clip "${clipId}" is in the campaign "${to.campaignId}" already: reject it here instead.`,
    );
  const rival = others.find((one) => one.exclusive || to.terms.exclusive);
  if (rival)
    throw conflict(
      'clip_exclusive',
      `The clip "${clipId}" is in the campaign "${rival.campaignId}" too, and one of the two is exclusive.`,
    );
}

const submissionOf = (history: readonly ClipFact[], campaignId: string): Fact<'ClipSubmitted'> =>
  history.findLast(
    (fact): fact is Fact<'ClipSubmitted'> =>
      fact.type === 'ClipSubmitted' && fact.data.campaignId === campaignId,
  )!;

function moveOf(
  approvedAt: string,
  history: readonly ClipFact[],
  from: Campaign,
  to: Campaign,
): ClipMove {
  const window = countingWindow(to, approvedAt);
  if (window.from >= window.to)
    throw rule(
      'window_empty',
      'to',
      `Approved on ${approvedAt}, the clip could never count in the campaign "${to.campaignId}".`,
    );
  // Through all moves: the approval by a reviewer, before which nothing counts.
  const approval = history.findIndex(
    ({ type, time, data }) =>
      type === 'ClipApproved' && time === approvedAt && (data as { moved?: unknown }).moved == null,
  );
  let views = NO_VIEWS;
  for (const [nth, fact] of history.entries()) {
    if (fact.type === 'ViewFieldChanged') views = inAnotherField(views, fact.data);
    if (fact.type !== 'ViewsRecorded' || nth <= approval) continue;
    const { id, data } = fact;
    const seen = { id, views: data.views, observedAt: data.observedAt };
    views = observe(views, seen, window, data.metric);
  }
  return { from: from.campaignId, approvedAt, ...views };
}
