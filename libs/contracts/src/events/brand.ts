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

/**
 * What allowed it, in minor units: paid in, committed before to budgets, and left over by campaigns
 * that are closed.
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
