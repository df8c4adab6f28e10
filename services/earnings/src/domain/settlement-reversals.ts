import type { ReversalLine } from '@cliptally/contracts';
import type { Campaign } from './campaign.js';
import { BY_SETTLEMENT } from './clip-reversal.js';
import { countsAnew } from './clip.js';
import type { Decided } from './fact.js';
import { feeReturned, feesOfLines } from './fee.js';
import { basisOf, ofCampaign, type Due } from './settlement-lines.js';

/** Takes back what was accrued on a baseline that an earlier observation has corrected. */
export function reversed(campaign: Campaign, over: readonly Due[]): Decided<'EarningsReversed'>[] {
  if (over.length === 0) return [];
  const lines = over.map((line) => ({
    ...reversalOf(campaign, line),
    ...feeReturned({ terms: campaign.terms, tally: line.clip.tally }, -line.due),
  }));
  return [
    {
      type: 'EarningsReversed',
      data: {
        ...ofCampaign(campaign),
        total: over.reduce((sum, { due }) => sum - due, 0),
        lines,
        ...feesOfLines(campaign.terms, lines),
        by: BY_SETTLEMENT,
      },
    },
  ];
}

export function reversalOf(campaign: Campaign, { clip, due }: Due): ReversalLine {
  const { clipId, creatorId, views } = clip;
  const { first } = views;
  const seen = `${first?.views} views at ${first?.observedAt} (${first?.id})`;
  const reason = countsAnew(clip, campaign.terms)
    ? `the clip was posted on ${clip.postedAt}, so that views count from the first observation: ${seen}`
    : `an earlier first observation arrived: ${seen}`;
  return { clipId, creatorId, amount: -due, reason, basis: basisOf(clip, campaign) };
}
