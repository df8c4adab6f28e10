import { Notice } from '../../ui/controls.js';
import { useGet } from '../app/data.js';
import { Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { Standings } from '../creator/standings.js';

/** Creators of a campaign; the brand sees each name, whatever creators see of each other. */
export default function Leaderboard({ params }: ScreenProps) {
  const id = params['id']!;
  const { data: campaign } = useGet('GET /campaigns/{id}', { id });
  return (
    <Page
      title="Leaderboard"
      back={{ href: `/console/campaigns/${id}`, label: campaign?.name ?? 'Campaign' }}
    >
      {campaign && !campaign.leaderboardNames && (
        <Notice kind="info">
          Names are off: creators see ranks and sums, and only themselves by name.{' '}
          <a href={`/console/campaigns/${id}?show=seen`}>Who sees the campaign</a>
        </Notice>
      )}
      <Standings campaignId={id} />
    </Page>
  );
}
