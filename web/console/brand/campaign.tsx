import { useState } from 'preact/hooks';
import { Choice, Notice } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useAll, useGet } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';
import { Budget, costPerThousand, End, endsBy, Figure, lasts, perDay } from './budget.js';
import { CampaignActions } from './campaign-actions.js';
import { CampaignClips } from './campaign-clips.js';
import { CloseOut } from './close-out.js';
import { ExportButton } from './export.js';
import { Lines } from './lines-table.js';
import { CampaignTag } from './parts.js';
import { SpendChart } from './spend-chart.js';
import { Terms } from './terms.js';
import { Visibility } from './visibility.js';

export default function CampaignScreen({ params, query }: ScreenProps) {
  const id = params['id']!;
  const campaign = useGet('GET /campaigns/{id}', { id });
  return (
    <Page
      title={campaign.data?.name ?? 'Campaign'}
      back={{ href: '/console/campaigns', label: 'Campaigns' }}
      actions={campaign.data && <CampaignActions campaign={campaign.data} />}
    >
      <Loaded of={campaign} lines={8}>
        {(known) => <Shown campaign={known} first={query['show']} />}
      </Loaded>
    </Page>
  );
}

type Tab = 'clips' | 'lines' | 'terms' | 'seen' | 'close-out';

interface ShownProps {
  campaign: Answer<'GET /campaigns/{id}'>;
  /** The tab that a link asks for. */
  first: string | undefined;
}

function Shown({ campaign, first }: ShownProps) {
  const { campaignId: id, currency, status, pace, launchedAt, startsAt } = campaign;
  const lines = useAll('GET /campaigns/{id}/statement', { id });
  const [tab, setTab] = useState<Tab>(
    first === 'seen' ? 'seen' : status === 'ENDED' ? 'close-out' : 'clips',
  );
  return (
    <>
      <p class="row muted">
        <CampaignTag campaign={campaign} />
        <span>
          Launched <When at={launchedAt} as="day" />
        </span>
        {Date.parse(startsAt) > Date.parse(launchedAt) && (
          <span>
            Views count from <When at={startsAt} as="minute" />
          </span>
        )}
      </p>
      {campaign.exhausted && status !== 'ENDED' && (
        <Notice kind="warn">
          The budget is used up: clips earn nothing more until you top up.
        </Notice>
      )}
      <Card>
        <Budget campaign={campaign} />
      </Card>
      <div class="figures-row four">
        <Figure label="Pace" value={pace ? perDay(pace, currency) : '–'}>
          {pace && status !== 'ENDED' ? lasts(pace) : 'over the last 7 days'}
        </Figure>
        <Figure label="A thousand views" value={costPerThousand(campaign) ?? '–'}>
          {money(campaign.ratePerThousand.default, currency)} is the standard rate
          {campaign.fees > 0 && `; fees so far: ${money(campaign.fees, currency)}`}
        </Figure>
        <Figure label="Views" value={campaign.views === undefined ? '–' : number(campaign.views)}>
          of approved clips
        </Figure>
        <Figure label="Expected end" value={<End campaign={campaign} />}>
          {endsBy(campaign)}
        </Figure>
      </div>
      <Card title="Spend and views over time">
        <Loaded of={lines}>{(known) => <SpendChart lines={known} currency={currency} />}</Loaded>
      </Card>
      <div class="row spread">
        <Choice
          label="Of this campaign"
          value={tab}
          onChange={setTab}
          options={[
            ['clips', 'Clips'],
            ['lines', 'Lines'],
            ['terms', 'Terms'],
            ['seen', 'Who sees it'],
            ['close-out', 'Close-out'],
          ]}
        />
        <a href={`/console/campaigns/${id}/leaderboard`}>Leaderboard</a>
      </div>
      {tab === 'clips' && <CampaignClips campaignId={id} />}
      {tab === 'lines' && (
        <Card title="Every line of what it has paid">
          <div class="stack">
            <div class="row">
              <ExportButton campaignId={id} />
            </div>
            <Loaded of={lines}>{(known) => <Lines lines={known} campaignId={id} />}</Loaded>
          </div>
        </Card>
      )}
      {tab === 'terms' && (
        <Card title="What it promises creators">
          <Terms campaign={campaign} />
        </Card>
      )}
      {tab === 'seen' && <Visibility campaign={campaign} />}
      {tab === 'close-out' && <CloseOut campaign={campaign} />}
    </>
  );
}
