import { useLocation } from 'preact-iso';
import type { Campaign } from '../app/campaigns.js';

interface FilterProps {
  campaigns: ReadonlyMap<string, Campaign> | undefined;
  value: string | undefined;
}

/** One campaign, or all of the brand; it is in the address, so that links can name it. */
export function CampaignFilter({ campaigns, value }: FilterProps) {
  const { path, route } = useLocation();
  if (!campaigns || campaigns.size < 2) return null;
  return (
    <select
      class="filter"
      aria-label="Campaign"
      value={value ?? ''}
      onChange={({ currentTarget: { value: next } }) =>
        route(next ? `${path}?campaign=${encodeURIComponent(next)}` : path)
      }
    >
      <option value="">All campaigns</option>
      {[...campaigns.values()].map(({ campaignId, name }) => (
        <option key={campaignId} value={campaignId}>
          {name}
        </option>
      ))}
    </select>
  );
}
