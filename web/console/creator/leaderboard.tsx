import { Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { useCampaigns } from '../app/campaigns.js';
import { Standings } from './standings.js';

/** How the creator stands among the others of a campaign. */
export default function Leaderboard({ params }: ScreenProps) {
  const id = params['id']!;
  const name = useCampaigns()?.get(id)?.name;
  return (
    <Page
      title={name ? `Leaderboard of ${name}` : 'Leaderboard'}
      back={{ href: '/console/campaigns', label: 'Campaigns' }}
    >
      <Standings campaignId={id} />
    </Page>
  );
}
