import { useState } from 'preact/hooks';
import { Choice } from '../../ui/controls.js';
import { Icon } from '../../ui/icon.js';
import { number, plural } from '../../ui/format.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Button } from '../../ui/controls.js';
import { useGet, usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import { Budget, costPerThousand, End, lasts, perDay } from './budget.js';
import type { Campaign } from '../app/campaigns.js';
import { Funding } from './funding.js';
import { CampaignTag } from './parts.js';

type Filter = 'all' | Campaign['status'];

export default function Campaigns() {
  const [filter, setFilter] = useState<Filter>('all');
  const status = filter === 'all' ? undefined : filter;
  const campaigns = usePages('GET /campaigns', { query: { status, limit: 20 } });
  return (
    <Page
      title="Campaigns"
      actions={
        <a class="button primary" href="/console/campaigns/new">
          <Icon name="add" />
          Launch a campaign
        </a>
      }
    >
      <Waiting />
      <Funding />
      <Choice
        label="Campaigns that are shown"
        value={filter}
        onChange={setFilter}
        options={[
          ['all', 'All'],
          ['ACTIVE', 'Active'],
          ['PAUSED', 'Paused'],
          ['ENDED', 'Ended'],
        ]}
      />
      <Loaded of={{ ...campaigns, data: campaigns.items }} lines={8}>
        {(items) =>
          items.length === 0 ? (
            <Card>
              {filter === 'all' ? <First /> : <Blank title="No campaign is in this state" />}
            </Card>
          ) : (
            <ul class="campaigns">
              {items.map((campaign) => (
                <li key={campaign.campaignId}>
                  <CampaignCard campaign={campaign} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {campaigns.hasNextPage && (
        <div class="row">
          <Button
            busy={campaigns.isFetchingNextPage}
            onClick={() => void campaigns.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </Page>
  );
}

const First = () => (
  <Blank title="No campaign yet">
    <p>
      Say what a thousand views are worth to you and how much you want to spend. Creators then
      submit their clips, you review them, and each view is paid once.
    </p>
    <a class="button primary" href="/console/campaigns/new">
      Launch the first campaign
    </a>
  </Blank>
);

function CampaignCard({ campaign: listed }: { campaign: Campaign }) {
  const { campaignId, name } = listed;
  const { data: shown } = useGet('GET /campaigns/{id}', { id: campaignId });
  const { data: counts } = useGet('GET /clips/counts', { query: { campaignId } });
  const campaign = shown ?? listed;
  const { currency, pace } = campaign;
  return (
    <article class="card campaign">
      <header class="row">
        <h2>
          <a href={`/console/campaigns/${campaignId}`}>{name}</a>
        </h2>
        <CampaignTag campaign={campaign} />
      </header>
      <Budget campaign={campaign} />
      <dl class="facts">
        <div>
          <dt>Pace</dt>
          <dd>{pace ? perDay(pace, currency) : '–'}</dd>
        </div>
        <div>
          <dt>A thousand views</dt>
          <dd>{(shown && costPerThousand(shown)) ?? '–'}</dd>
        </div>
        <div>
          <dt>End</dt>
          <dd>
            <End campaign={campaign} />
          </dd>
        </div>
        <div>
          <dt>Clips</dt>
          <dd>{counts ? number(counts.approved) : '–'}</dd>
        </div>
      </dl>
      <p class="muted">{pace && campaign.status !== 'ENDED' ? lasts(pace) : '\u00a0'}</p>
      {counts && counts.pending > 0 && (
        <a href={`/console/review?campaign=${campaignId}`}>
          {plural(counts.pending, 'clip waits', 'clips wait')} for review
        </a>
      )}
    </article>
  );
}

/** What the brand has to do today, one line each. */
function Waiting() {
  const { data: counts } = useGet('GET /clips/counts');
  if (!counts) return null;
  const { pending, overdue, held, appealed } = counts;
  const parts = [
    [pending, '/console/review', plural(pending, 'clip')],
    [held, '/console/suspicious', `${number(held)} on hold`],
    [appealed, '/console/appeals', plural(appealed, 'appeal')],
  ] as const;
  const open = parts.filter(([n]) => n > 0);
  if (open.length === 0) return null;
  return (
    <p class="waiting">
      Waiting for you:{' '}
      {open.map(([, href, words]) => (
        <a key={href} href={href}>
          {href.endsWith('review') ? `${words} to review` : words}
        </a>
      ))}
      {overdue > 0 && <span class="bad">{number(overdue)} overdue</span>}
    </p>
  );
}
