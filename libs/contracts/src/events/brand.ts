import { z } from 'zod';
import { Currency, Minor } from '../money.js';
import { Label, Text } from '../text.js';
import { EntityId } from './common.js';

const ofBrand = { brandId: EntityId, currency: Currency, amount: Minor.min(1) };

/** A brand has paid in what its campaigns may cost. `reference` names the payment, once a brand. */
export const BudgetFunded = z.object({
  ...ofBrand,
  reference: Text.min(1).max(200),
  by: Label,
});

const ofRefund = {
  ...ofBrand,
  reference: Text.min(1).max(200),
  refundId: Text.min(1).max(200),
  by: Label,
};

/**
 * Money of the payment `reference` has gone back to the brand, or its bank holds it (a dispute);
 * `refundId` names that, once a brand.
 */
export const BudgetRefunded = z.object(ofRefund);

/** It has come back after all: the refund failed, or the dispute was won. For good. */
export const BudgetRefundUndone = z.object(ofRefund);

/**
 * What allowed it, in minor units: paid in less refunds, committed before to budgets, and left over
 * by campaigns that are closed.
 */
const CommitmentBasis = z.object({ funded: Minor, committed: Minor, returned: Minor });

/**
 * In one append with CampaignLaunched or CampaignToppedUp, if budgets are paid in first: two at
 * once cannot commit the same money.
 */
export const BudgetCommitted = z.object({
  ...ofBrand,
  campaignId: EntityId,
  basis: CommitmentBasis,
});
