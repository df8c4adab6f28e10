import { useAll } from './data.js';
import type { Item } from './routes.js';

export type Campaign = Item<'GET /campaigns'>;

/** All campaigns that one may see, by id; undefined until they are known. */
export function useCampaigns(): ReadonlyMap<string, Campaign> | undefined {
  const { data } = useAll('GET /campaigns');
  return data && new Map(data.map((campaign) => [campaign.campaignId, campaign]));
}
