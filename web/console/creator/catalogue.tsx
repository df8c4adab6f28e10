import { Button, Notice, Tag } from '../../ui/controls.js';
import { percent } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useAll, usePages } from '../app/data.js';
import { Page } from '../app/page.js';
import { CatalogueFigures, type CatalogueEntry } from './catalogue-figures.js';
import type { Campaign } from '../app/campaigns.js';
import { CampaignTermsList, Rates } from './terms.js';

export default function Catalogue() {
  const campaigns = usePages('GET /campaigns', { query: { status: 'ACTIVE' } });
  // A campaign that is in the catalogue has figures as well; the others take clips all the same.
  const catalogue = useAll('GET /catalogue');
  const entries = new Map(catalogue.data?.map((entry) => [entry.campaignId, entry]));
  return (
    <Page title="Campaigns">
      {catalogue.error && !catalogue.data && (
        <Notice kind="warn">
          How fast campaigns review and pay could not be read: {catalogue.error.message}
        </Notice>
      )}
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
                  <Offer campaign={campaign} entry={entries.get(campaign.campaignId)} />
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

interface OfferProps {
  campaign: Campaign;
  entry: CatalogueEntry | undefined;
}

function Offer({ campaign, entry }: OfferProps) {
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
      {entry && <CatalogueFigures entry={entry} />}
      <details>
        <summary>All terms</summary>
        <CampaignTermsList campaign={campaign} />
      </details>
      <a href={`/console/campaigns/${campaignId}/leaderboard`}>
        Leaderboard<span class="hidden"> of {name}</span>
      </a>
      <a class="button primary" href={`/console/submit?campaign=${campaignId}`}>
        Submit a clip<span class="hidden"> to {name}</span>
      </a>
    </article>
  );
}
