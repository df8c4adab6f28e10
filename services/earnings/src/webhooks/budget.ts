import {
  budgetRemaining,
  derivedId,
  NO_SUMS,
  sumsAfter,
  type CampaignSums,
  type StoredEvent,
} from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { BUDGET_NEARLY_USED, isNearlyUsed } from '../domain/webhook.js';
import type { Queued } from './rows.js';

/**
 * The webhook that an accrual makes if it is the one that passes 80 % of the budget: no event says
 * so. The sums are those of the campaign's stream up to the accrual.
 */
export async function budgetWebhook(
  store: Pick<EventStore, 'readStream'>,
  accrual: StoredEvent<'EarningsAccrued'>,
  brandId: string,
): Promise<Queued | null> {
  const { id, stream, revision, position, time, data } = accrual;
  let before: CampaignSums = NO_SUMS;
  for await (const event of store.readStream(stream, { limit: revision }))
    if (event.type === 'CampaignLaunched') before = { ...before, budget: event.data.terms.budget };
    else if (
      event.type === 'CampaignToppedUp' ||
      event.type === 'EarningsAccrued' ||
      event.type === 'EarningsReversed'
    )
      before = sumsAfter(before, event);
  const after = sumsAfter(before, accrual);
  if (isNearlyUsed(before) || !isNearlyUsed(after)) return null;
  const { campaignId, currency } = data;
  const { budget } = after;
  const payload = {
    type: BUDGET_NEARLY_USED,
    timestamp: time,
    data: { campaignId, currency, budget, remaining: budgetRemaining(after) },
  };
  const webhookId = derivedId(id, BUDGET_NEARLY_USED);
  return { webhookId, type: payload.type, position, stream, revision, payload, brandId };
}
