import type { Campaign } from './campaign.js';
import type { Decided } from './fact.js';

export interface Visibility {
  publicCatalogue?: boolean | undefined;
  leaderboardNames?: boolean | undefined;
}

/** What is left out stays; nothing if all of it does. */
export function decideVisibility(
  { campaignId, terms }: Campaign,
  asked: Visibility,
  by: string,
): Decided<'CampaignVisibilityChanged'>[] {
  const { publicCatalogue: listed = false, leaderboardNames: named = false } = terms;
  const { publicCatalogue = listed, leaderboardNames = named } = asked;
  if (publicCatalogue === listed && leaderboardNames === named) return [];
  return [
    {
      type: 'CampaignVisibilityChanged',
      data: { campaignId, publicCatalogue, leaderboardNames, by },
    },
  ];
}
