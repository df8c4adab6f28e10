import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Notice } from '../../ui/controls.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useGet, usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import { ClipFilterChoice, figuresOf, type ClipFilter } from './clip-list.js';
import { type Campaign, useCampaigns } from '../app/campaigns.js';
import { type Clip, ClipName, type Entry } from './parts.js';

/** A clip in one campaign: a line of the list. */
interface Row {
  clip: Clip;
  entry: Entry;
  campaign: Campaign | undefined;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    header: 'Clip',
    name: true,
    cell: ({ clip, entry, campaign }) => (
      <ClipName clip={clip}>
        <small class="muted">{campaign?.name ?? entry.campaignId}</small>
      </ClipName>
    ),
  },
  ...figuresOf('on its way'),
];

export default function Clips() {
  const [filter, setFilter] = useState<ClipFilter>('all');
  const { data: counts } = useGet('GET /clips/counts');
  const status = filter === 'all' ? undefined : filter;
  const clips = usePages('GET /clips', { query: { sort: 'newest', status } });
  const campaigns = useCampaigns();
  const { route } = useLocation();
  return (
    <Page
      title="My clips"
      actions={
        <>
          <a class="button" href="/console/accounts">
            My accounts
          </a>
          <button type="button" class="button primary" onClick={() => route('/console/submit')}>
            Submit a clip
          </button>
        </>
      }
    >
      <WaitingLinks />
      <ClipFilterChoice value={filter} onChange={setFilter} counts={counts} />
      <Card>
        <Loaded of={{ ...clips, data: clips.items }} lines={6}>
          {(items) =>
            items.length === 0 ? (
              <None filter={filter} />
            ) : (
              <Table
                caption="My clips"
                columns={COLUMNS}
                rows={items.flatMap((clip) =>
                  clip.campaigns.map((entry) => ({
                    clip,
                    entry,
                    campaign: campaigns?.get(entry.campaignId),
                  })),
                )}
                rowId={({ clip, entry }) => `${clip.clipId} ${entry.campaignId}`}
                more={clips}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

const None = ({ filter }: { filter: ClipFilter }) =>
  filter === 'all' ? (
    <Blank title="No clip yet">
      <p>
        Post a clip on its platform, then submit its link here. Its views count as soon as the brand
        has approved it.
      </p>
      <a class="button primary" href="/console/submit">
        Submit the first clip
      </a>
    </Blank>
  ) : (
    <Blank title="No clip is in this state" />
  );

/** Short links that are no clip yet: nothing else shows them. */
function WaitingLinks() {
  const { data } = useGet('GET /short-links', { query: { limit: 20 } });
  const open = data?.items.filter(({ status }) => status !== 'RESOLVED') ?? [];
  return (
    <>
      {open.map(({ linkId, submittedUrl, status, detail, nextTryAt }) => (
        <Notice key={linkId} kind={status === 'REFUSED' ? 'bad' : 'info'}>
          <p>
            <strong class="url">{submittedUrl}</strong>{' '}
            {status === 'REFUSED'
              ? 'became no clip.'
              : status === 'WAITING'
                ? 'waits for a person, who says which clip it is.'
                : 'is followed again soon: its site did not answer.'}
          </p>
          {detail && <p>{detail}</p>}
          {nextTryAt && status === 'PENDING' && (
            <p>
              Next try <When at={nextTryAt} />.
            </p>
          )}
        </Notice>
      ))}
    </>
  );
}
