import type { AccrualLine, LeftOut, SettlementBasis } from '@cliptally/contracts';
import { budgetOf, type Campaign } from './campaign.js';
import { earnedBy, netOf, paidUpTo, restsOn, type ClipEntry } from './clip.js';
import { extrasOf } from './entitlement.js';
import type { Decided } from './fact.js';
import { feesOfLines, feeTaken } from './fee.js';

/**
 * An event has at most 4 MiB: the lines of a larger settlement take several events in the same
 * append.
 */
const MOST_BYTES_PER_EVENT = 3_500_000;

/** What a clip is due, and what of it a settlement pays. */
export interface Due {
  clip: ClipEntry;
  due: number;
  amount: number;
  /** What the limit for the creator left before this line, if there is one. */
  room?: number;
}

/** `cost` is what the budget pays: `amount`, and a fee that comes on top. */
export type Paid = Due & { cost: number };

/**
 * A clip whose share is nothing has no line: it stays unsettled, and its due is part of what a
 * top-up settles.
 */
export function accrued(
  campaign: Campaign,
  paid: readonly Paid[],
  leftOut: readonly LeftOut[],
): Decided<'EarningsAccrued'>[] {
  const lines = paid
    .filter(({ amount }) => amount > 0)
    .map((line) => ({
      ...lineOf(campaign, line),
      ...feeTaken({ terms: campaign.terms, tally: line.clip.tally }, line.amount, line.cost),
    }));
  return inParts(lines).map((part, nth) => ({
    type: 'EarningsAccrued',
    data: {
      ...ofCampaign(campaign),
      total: part.reduce((sum, { amount }) => sum + amount, 0),
      lines: part,
      ...feesOfLines(campaign.terms, part),
      leftOut: nth === 0 ? [...leftOut] : [],
    },
  }));
}

/** Lines are of plain ASCII, so that their length is their size. */
function inParts(lines: readonly AccrualLine[]): AccrualLine[][] {
  const parts: AccrualLine[][] = [];
  let room = 0;
  for (const line of lines) {
    const bytes = JSON.stringify(line).length + 1;
    if (bytes > room) {
      parts.push([]);
      room = MOST_BYTES_PER_EVENT;
    }
    parts.at(-1)!.push(line);
    room -= bytes;
  }
  return parts;
}

export function lineOf(campaign: Campaign, { clip, due, amount, room }: Due): AccrualLine {
  const { clipId, creatorId } = clip;
  const grounds = restsOn(clip, campaign.terms);
  const { highWater } = grounds;
  if (!highWater) throw new Error(`The clip "${clipId}" is due money without an observation.`);
  return {
    clipId,
    creatorId,
    fromViews: paidUpTo(clip, grounds),
    toViews: highWater.views,
    due,
    amount,
    observation: highWater.id,
    basis: { ...basisOf(clip, campaign), ...(room !== undefined && { creatorRoom: room }) },
  };
}

export function basisOf(clip: ClipEntry, { terms }: Campaign): SettlementBasis {
  const grounds = restsOn(clip, terms);
  const { flat, bonus } = extrasOf(terms, grounds);
  const { highWater, baseline, field } = grounds;
  return {
    views: highWater?.views ?? 0,
    baseline,
    earned: earnedBy(clip, terms),
    voided: clip.tally.voided,
    had: netOf(clip.tally),
    ...(flat > 0 && { flat }),
    ...(bonus > 0 && { bonus }),
    ...(field !== null && { field }),
  };
}

export const emptied = (
  campaign: Campaign,
  unpaid: number,
): Decided<'CampaignBudgetExhausted'> => ({
  type: 'CampaignBudgetExhausted',
  data: { ...ofCampaign(campaign), budget: budgetOf(campaign), unpaid },
});

export const ofCampaign = ({ campaignId, terms: { currency } }: Campaign) => ({
  campaignId,
  currency,
});
