import type { Caller } from '@cliptally/contracts/api';
import { requireOwner } from './auth/ownership.js';
import type { FoundCampaign } from '../queries/found-rows.js';
import type { Queries } from '../queries/queries.js';
import { badRequest, notFound } from './problem.js';

/** The campaign; 404 if there is none. */
export async function campaignOf(queries: Queries, id: string): Promise<FoundCampaign> {
  const row = await queries.campaignRow(id);
  if (!row) throw notFound(`There is no campaign "${id}".`);
  return row;
}

/** The campaign if it is the caller's own, or the caller an admin. */
export async function ownCampaignOf(
  queries: Queries,
  caller: Caller,
  id: string,
): Promise<FoundCampaign> {
  const row = await queries.campaignRow(id);
  requireOwner(caller, row?.state ?? null, `campaign "${id}"`);
  return row!;
}

/**
 * A brand lists what belongs to one of its campaigns, and has to name it; others list as they like.
 */
export async function requireBrandsCampaign(
  queries: Queries,
  caller: Caller,
  campaignId: string | undefined,
): Promise<void> {
  if (caller.role !== 'brand') return;
  if (!campaignId)
    throw badRequest('Name one of your campaigns.', [
      { field: 'campaignId', message: 'is needed' },
    ]);
  await ownCampaignOf(queries, caller, campaignId);
}
