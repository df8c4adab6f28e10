import { budgetOf, endOf, feesIn, remainingOf, spentOf, type Campaign } from './campaign.js';
import { ms } from './fact.js';

/** What of a campaign still waits, counted from the same state. */
export interface Waiting {
  /** Submissions that nobody has decided on. */
  pending: number;
  held: number;
  /** Appeals without an answer. */
  appeals: number;
  /** Clips that are due something, of which the budget allows at least a part. */
  unsettled: number;
  /** Scrapes that were requested and have no outcome yet. */
  scrapes: number;
}

export interface CloseOut {
  campaignId: string;
  currency: string;
  endedAt: string | null;
  /** Whether nothing can change any more by itself: what remains goes back to the brand. */
  closed: boolean;
  waiting: Waiting & { end: boolean };
  budget: number;
  spent: number;
  /** Platform fees: part of `spent` if the brand bears them, else of what creators have earned. */
  fees: number;
  remaining: number;
}

/** How a campaign stands on its way to its last cent. */
export function closeOutOf(campaign: Campaign, waiting: Waiting, now: Date): CloseOut {
  const endedAt = endOf(campaign);
  const end = endedAt === null || ms(endedAt) > now.getTime();
  const remaining = remainingOf(campaign);
  const unsettled = remaining > 0 ? waiting.unsettled : 0;
  const all = { ...waiting, unsettled, end };
  return {
    campaignId: campaign.campaignId,
    currency: campaign.terms.currency,
    endedAt,
    closed: Object.values(all).every((one) => !one),
    waiting: all,
    budget: budgetOf(campaign),
    spent: spentOf(campaign),
    fees: feesIn(campaign),
    remaining,
  };
}
