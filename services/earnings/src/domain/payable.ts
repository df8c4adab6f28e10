import type { Campaign } from './campaign.js';
import { availableAt, validatingAt, type Balance } from './balance.js';
import { endOf } from './campaign.js';
import { ms } from './fact.js';

/** What of the available money may be asked for now, in minor units. */
export interface Payable {
  /** The most. */
  amount: number;
  /** The least. */
  minimum: number;
  /** Available money of campaigns in which the creator has not earned their `minPayout` yet. */
  kept: readonly { campaignId: string; amount: number; minimum: number }[];
}

export type PayingCampaign = Pick<Campaign, 'campaignId' | 'terms' | 'endedAt'>;

const isOver = (campaign: PayingCampaign, now: Date): boolean => {
  const end = endOf(campaign);
  return end !== null && ms(end) <= now.getTime();
};

/**
 * Each campaign has a minimum of its own: once that much of a creator's earnings there was
 * validated, they can be paid out, in amounts from the least of the minimums that are reached. When
 * all campaigns that the creator has earned in are over, there is nothing to wait for: the rest can
 * be paid out whatever it is. `campaigns` are those that the creator has earned in.
 */
export function payableAt(
  balance: Balance,
  campaigns: readonly PayingCampaign[],
  now: Date,
): Payable {
  const available = availableAt(balance, now);
  if (campaigns.every((campaign) => isOver(campaign, now)))
    return { amount: available, minimum: 0, kept: [] };
  const own = campaigns.map(({ campaignId, terms: { minPayout: minimum } }) => {
    const { accrued, reversed } = balance.campaigns.find((of) => of.campaignId === campaignId)!;
    const validated = accrued - validatingAt(balance, now, campaignId);
    return { campaignId, minimum, reached: validated >= minimum, amount: validated - reversed };
  });
  const reached = own.filter((one) => one.reached);
  const kept = own
    .filter((one) => !one.reached && one.amount > 0)
    .map(({ campaignId, amount, minimum }) => ({ campaignId, amount, minimum }));
  return {
    amount: available - kept.reduce((sum, { amount }) => sum + amount, 0),
    minimum: Math.min(...(reached.length > 0 ? reached : own).map(({ minimum }) => minimum)),
    kept,
  };
}
