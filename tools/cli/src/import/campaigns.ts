import { Refused, type ApiClient } from '../api-client.js';
import type { Result } from './report.js';

/**
 * Launches the campaign of a row. One that is there with the terms of the row is "already"; with
 * other terms the row is refused, and says which. What the row leaves to the moment of the import
 * is no difference.
 */
export async function launchCampaign(
  api: ApiClient,
  request: Record<string, unknown>,
  row: Readonly<Record<string, string>>,
  dryRun: boolean,
): Promise<Result> {
  try {
    await api.make(`/campaigns${dryRun ? '?dryRun=true' : ''}`, request);
    return 'added';
  } catch (error) {
    if (!(error instanceof Refused && error.code === 'campaign_exists')) throw error;
    const others = error.errors.filter(({ field }) => field !== 'startsAt' || row[field]);
    if (others.length === 0) return 'already';
    const terms = others.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return {
      reason: `the campaign "${String(request['campaignId'])}" is there with other terms: ${terms}`,
    };
  }
}
