import { Tag } from '../../ui/controls.js';
import { percent } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { usePages } from '../app/data.js';
import { Button } from '../../ui/controls.js';
import { Page } from '../app/page.js';
import type { Campaign } from './parts.js';
import { CampaignTermsList, Rates } from './terms.js';

export default function Catalogue() {
  const campaigns = usePages('GET /campaigns', { query: { status: 'ACTIVE' } });
  return (
    <Page title="Campaigns">
      <Loaded of={{ ...campaigns, data: campaigns.items }} lines={8}>
        {(open) =>
          open.length === 0 ? (
            <Blank title="No campaign takes clips just now">
              <p>What brands launch appears here, with what it pays.</p>
            </Blank>
          ) : (
            <ul class="catalogue">
              {open.map((campaign) => (
                <li key={campaign.campaignId}>
                  <Offer campaign={campaign} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {campaigns.hasNextPage && (
        <Button busy={campaigns.isFetchingNextPage} onClick={() => void campaigns.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}

function Offer({ campaign }: { campaign: Campaign }) {
  const { campaignId, name, brandId, budget, remaining, currency, endsAt, exhausted } = campaign;
  const left = budget === 0 ? 0 : remaining / budget;
  return (
    <article class="card offer" aria-label={name}>
      <header>
        <div>
          <h2>{name}</h2>
          <p class="muted">{brandId}</p>
        </div>
        {endsAt && (
          <Tag kind="quiet">
            ends <When at={endsAt} as="day" />
          </Tag>
        )}
      </header>
      <p class="rates">
        <Rates campaign={campaign} />
      </p>
      <div>
        <meter
          min={0}
          max={1}
          low={0.1}
          optimum={1}
          value={left}
          aria-label={`Budget that remains: ${percent(left)}`}
        />
        <p class="muted">
          {exhausted
            ? 'The budget is used up'
            : `${money(remaining, currency)} of ${money(budget, currency)} remain`}
        </p>
      </div>
      <details>
        <summary>All terms</summary>
        <CampaignTermsList campaign={campaign} />
      </details>
      <a class="button primary" href={`/console/submit?campaign=${campaignId}`}>
        Submit a clip<span class="hidden"> to {name}</span>
      </a>
    </article>
  );
}
