import type { EventType } from '../events/catalog.js';
import type { AnyEvent } from '../events/envelope.js';
import { instantMs } from '../instant.js';

export const CAMPAIGN_STATUSES = ['ACTIVE', 'PAUSED', 'ENDED'] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

const AFTER = {
  CampaignLaunched: 'ACTIVE',
  CampaignPaused: 'PAUSED',
  CampaignResumed: 'ACTIVE',
  CampaignEnded: 'ENDED',
} as const satisfies Partial<Record<EventType, CampaignStatus>>;

export const campaignStatusAfter = (type: keyof typeof AFTER): CampaignStatus => AFTER[type];

/** What a campaign's events add up to, in minor units of its currency. */
export interface CampaignSums {
  /** Launch and top-ups. */
  budget: number;
  accrued: number;
  reversed: number;
}

/** Only type and data are read. */
export type CampaignMoneyEvent = {
  [T in 'CampaignToppedUp' | 'EarningsAccrued' | 'EarningsReversed']: Pick<
    Extract<AnyEvent, { type: T }>,
    'type' | 'data'
  >;
}['CampaignToppedUp' | 'EarningsAccrued' | 'EarningsReversed'];

export function sumsAfter(
  { budget, accrued, reversed }: CampaignSums,
  { type, data }: CampaignMoneyEvent,
): CampaignSums {
  switch (type) {
    case 'CampaignToppedUp':
      return { budget: budget + data.amount, accrued, reversed };
    case 'EarningsAccrued':
      return { budget, accrued: accrued + data.total, reversed };
    default: // EarningsReversed
      return { budget, accrued, reversed: reversed + data.total };
  }
}

/** Below 0 only if the campaign has passed its budget, which invariant 1 excludes. */
export const budgetRemaining = ({ budget, accrued, reversed }: CampaignSums): number =>
  budget - (accrued - reversed);

/**
 * Nothing accrues until a top-up or a reversal brings money. It follows from the sums;
 * CampaignBudgetExhausted only tells of it.
 */
export const isBudgetExhausted = (sums: CampaignSums): boolean => budgetRemaining(sums) <= 0;

/**
 * When views stop counting for every clip: the planned end or an earlier actual one; null while
 * neither is known.
 */
export function campaignEnd(plannedAt: string | null, endedAt: string | null): string | null {
  if (plannedAt === null || endedAt === null) return endedAt ?? plannedAt;
  return instantMs(endedAt) < instantMs(plannedAt) ? endedAt : plannedAt;
}
