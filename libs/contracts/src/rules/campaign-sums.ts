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
  /** Platform fees that the budget bears, and those that creators bear; less what went back. */
  feesOnTop: number;
  feesWithheld: number;
}

export const NO_SUMS: CampaignSums = {
  budget: 0,
  accrued: 0,
  reversed: 0,
  feesOnTop: 0,
  feesWithheld: 0,
};

/** Only type and data are read. */
export type CampaignMoneyEvent = {
  [T in 'CampaignToppedUp' | 'EarningsAccrued' | 'EarningsReversed']: Pick<
    Extract<AnyEvent, { type: T }>,
    'type' | 'data'
  >;
}['CampaignToppedUp' | 'EarningsAccrued' | 'EarningsReversed'];

type Earning = Extract<CampaignMoneyEvent, { type: 'EarningsAccrued' | 'EarningsReversed' }>;

/** The fees of an accrual; of a reversal what goes back, as amounts below 0. */
export function feesOf({ type, data: { fee } }: Earning): { onTop: number; withheld: number } {
  const total = type === 'EarningsAccrued' ? (fee?.total ?? 0) : 0 - (fee?.total ?? 0);
  return fee?.bearer === 'creator' ? { onTop: 0, withheld: total } : { onTop: total, withheld: 0 };
}

export function sumsAfter(sums: CampaignSums, event: CampaignMoneyEvent): CampaignSums {
  if (event.type === 'CampaignToppedUp')
    return { ...sums, budget: sums.budget + event.data.amount };
  const { onTop, withheld } = feesOf(event);
  const fees = {
    feesOnTop: sums.feesOnTop + onTop,
    feesWithheld: sums.feesWithheld + withheld,
  };
  const { total } = event.data;
  return event.type === 'EarningsAccrued'
    ? { ...sums, ...fees, accrued: sums.accrued + total }
    : { ...sums, ...fees, reversed: sums.reversed + total };
}

/** Below 0 only if the campaign has passed its budget, which invariant 1 excludes. */
export const budgetRemaining = (sums: CampaignSums): number => sums.budget - spentBy(sums);

/** What the budget has paid: earnings, and the fee if it bears it. */
export const spentBy = ({ accrued, reversed, feesOnTop }: CampaignSums): number =>
  accrued - reversed + feesOnTop;

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
