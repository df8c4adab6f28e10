import { useState } from 'preact/hooks';
import { Button, Notice } from '../../ui/controls.js';
import { useNow } from '../../ui/clock.js';
import { Icon } from '../../ui/icon.js';
import { number, platformName } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useAll, useGet, usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer, Item } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';
import { Earned, Why } from '../why/amount.js';
import { AppealDialog } from './appeal.js';
import { type Campaign, useCampaigns } from '../app/campaigns.js';
import { type Entry, lineWords, Sentence, StateTag } from './parts.js';
import { ViewsChart } from './views-chart.js';

type Line = Item<'GET /clips/{id}/statement'>;

export default function ClipScreen({ params }: ScreenProps) {
  const id = params['id']!;
  const clip = useGet('GET /clips/{id}', { id });
  const platform = platformName(id.slice(0, id.indexOf('-')));
  return (
    <Page
      title={`${platform} clip`}
      back={{ href: '/console/clips', label: 'My clips' }}
      actions={
        clip.data && (
          <a class="button" href={clip.data.url} target="_blank" rel="noreferrer noopener">
            Open it on {platform}
            <Icon name="out_page" />
          </a>
        )
      }
    >
      <Loaded of={clip} lines={8}>
        {(known) => <Clip clip={known} />}
      </Loaded>
    </Page>
  );
}

function Clip({ clip }: { clip: Answer<'GET /clips/{id}'> }) {
  const campaigns = useCampaigns();
  const statement = useAll('GET /clips/{id}/statement', { id: clip.clipId });
  const observations = useGet('GET /clips/{id}/observations', { id: clip.clipId });
  const currency = clip.campaigns[0]?.currency ?? 'USD';
  return (
    <>
      <p class="muted url">{clip.url}</p>
      <div class="figures-row">
        <Figure label="Views" value={clip.views === null ? '–' : number(clip.views)}>
          {clip.observedAt ? (
            <>
              scraped <When at={clip.observedAt} />
            </>
          ) : (
            'not scraped yet'
          )}
        </Figure>
        <Figure
          label="Earned"
          value={
            <Earned
              clipId={clip.clipId}
              amount={clip.campaigns.reduce((sum, { earned }) => sum + earned, 0)}
              currency={currency}
            />
          }
        >
          {clip.campaigns.some(({ due }) => due > 0)
            ? `${money(
                clip.campaigns.reduce((sum, { due }) => sum + due, 0),
                currency,
              )} on its way`
            : 'all that is due is settled'}
        </Figure>
        <Figure label="Next scrape" value={<NextScrape clip={clip} />}>
          {clip.lastScrapeFailed ? (
            <>the last one failed: {clip.lastScrapeFailed.replaceAll('_', ' ')}</>
          ) : clip.lastScrapeAt ? (
            <>
              last one <When at={clip.lastScrapeAt} />
            </>
          ) : (
            'none yet'
          )}
        </Figure>
      </div>
      {clip.campaigns.map((entry) => (
        <InCampaign
          key={entry.campaignId}
          clipId={clip.clipId}
          entry={entry}
          campaign={campaigns?.get(entry.campaignId)}
        />
      ))}
      <Card title="Views and earnings over time">
        <Loaded of={observations}>
          {({ items }) => (
            <ViewsChart observations={items} lines={statement.data ?? []} currency={currency} />
          )}
        </Loaded>
      </Card>
      <Card title="Every line of what it has earned">
        <Loaded of={statement}>{(lines) => <Lines lines={lines} />}</Loaded>
      </Card>
    </>
  );
}

function NextScrape({ clip: { nextScrapeAfter } }: { clip: Answer<'GET /clips/{id}'> }) {
  const now = useNow();
  if (!nextScrapeAfter) return <>none</>;
  return Date.parse(nextScrapeAfter) <= now ? <>due now</> : <When at={nextScrapeAfter} />;
}

const Figure = ({
  label,
  value,
  children,
}: {
  label: string;
  value: preact.ComponentChildren;
  children: preact.ComponentChildren;
}) => (
  <div class="figure">
    <span class="muted">{label}</span>
    <strong>{value}</strong>
    <small class="muted">{children}</small>
  </div>
);

interface InCampaignProps {
  clipId: string;
  entry: Entry;
  campaign: Campaign | undefined;
}

function InCampaign({ clipId, entry, campaign }: InCampaignProps) {
  const [appealing, setAppealing] = useState(false);
  const restore = usePost('POST /clips/{id}/restore');
  const { status, hold, retired, appeal, keeps = [] } = entry;
  const foreign = hold?.code === 'foreign_author';
  const platform = clipId.slice(0, clipId.indexOf('-'));
  const mayAppeal = !appeal && (status === 'REJECTED' || hold !== null);
  return (
    <Card title={campaign?.name ?? entry.campaignId}>
      <div class="stack">
        <div class="row">
          <StateTag entry={entry} />
          {mayAppeal && <Button onClick={() => setAppealing(true)}>Appeal</Button>}
          {retired && (
            <Button
              busy={restore.isPending}
              onClick={() => restore.mutate({ id: clipId, body: {} })}
            >
              It is there: scrape it again
            </Button>
          )}
        </div>
        {restore.error && <Notice kind="bad">{restore.error.message}</Notice>}
        {foreign && <ForeignAccount platform={platform} />}
        {keeps.length > 0 ? (
          <ul class="keeps">
            {keeps
              .filter(({ code }) => code !== 'foreign_author')
              .map(({ code, sentence }) => (
                <li key={code}>
                  <Sentence text={sentence} />
                </li>
              ))}
          </ul>
        ) : (
          <p class="muted">Nothing keeps it from earning.</p>
        )}
        {appeal && (
          <Notice kind={appeal.answer ? (appeal.answer.granted ? 'good' : 'bad') : 'info'}>
            <p>
              You appealed <When at={appeal.at} />: “{appeal.text}”
            </p>
            <p>
              {appeal.answer ? (
                <>
                  {appeal.answer.granted ? 'Granted' : 'Not granted'} <When at={appeal.answer.at} />
                  : “{appeal.answer.reason}”
                </>
              ) : (
                'The brand or an admin answers it.'
              )}
            </p>
          </Notice>
        )}
      </div>
      {appealing && (
        <AppealDialog
          clipId={clipId}
          campaignId={entry.campaignId}
          onClose={() => setAppealing(false)}
        />
      )}
    </Card>
  );
}

/** The way out of a hold for an account that nobody has proved to own. */
const ForeignAccount = ({ platform }: { platform: string }) => (
  <Notice kind="warn">
    <p>
      This campaign pays clips of your own accounts alone, and you have not proved that this one is
      yours. Nothing is lost: once it is proved, the hold ends by itself and what is due is paid.
    </p>
    <p>
      <a href={`/console/accounts?claim=${platform}`}>Prove that the account is yours</a>
    </p>
  </Notice>
);

const LINES: readonly Column<Line>[] = [
  { header: 'When', name: true, cell: ({ at }) => <When at={at} as="minute" /> },
  { header: 'What', cell: lineWords },
  {
    header: 'Amount',
    figures: true,
    cell: (line) => <Why of="clip" id={line.clipId ?? ''} line={line} />,
  },
  { header: 'Sum', figures: true, cell: ({ sum, currency }) => money(sum, currency) },
];

const Lines = ({ lines }: { lines: readonly Line[] }) =>
  lines.length === 0 ? (
    <Blank title="It has earned nothing yet">
      <p>Each amount will be a line here, with the views and the rate that it comes from.</p>
    </Blank>
  ) : (
    <Table
      caption="Lines of the clip's statement, newest first"
      columns={LINES}
      rows={lines.toReversed()}
      rowId={({ eventId, campaignId, kind }) => `${eventId} ${campaignId} ${kind}`}
    />
  );
