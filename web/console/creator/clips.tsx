import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Choice, Notice } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useGet, usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import { ClipName, StateTag, useCampaigns, type Campaign, type Clip, type Entry } from './parts.js';

type Filter = 'all' | 'pending' | 'approved' | 'held' | 'rejected' | 'retired';
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
  { header: 'State', cell: ({ entry }) => <StateTag entry={entry} /> },
  {
    header: 'Views',
    figures: true,
    cell: ({ clip: { views, observedAt } }) =>
      views === null || observedAt === null ? (
        <span class="muted">not scraped yet</span>
      ) : (
        <span class="two-lines">
          {number(views)}
          <small class="muted">
            <When at={observedAt} />
          </small>
        </span>
      ),
  },
  {
    header: 'Earned',
    figures: true,
    cell: ({ entry: { earned, due, currency } }) => (
      <span class="two-lines">
        {money(earned, currency)}
        {due > 0 && <small class="muted">{money(due, currency)} on its way</small>}
      </span>
    ),
  },
];

export default function Clips() {
  const [filter, setFilter] = useState<Filter>('all');
  const { data: counts } = useGet('GET /clips/counts');
  const status = filter === 'all' ? undefined : filter;
  const clips = usePages('GET /clips', { query: { sort: 'newest', status } });
  const campaigns = useCampaigns();
  const { route } = useLocation();
  const counted = (word: string, n: number | undefined) => (n ? `${word} ${number(n)}` : word);
  return (
    <Page
      title="My clips"
      actions={
        <button type="button" class="button primary" onClick={() => route('/console/submit')}>
          Submit a clip
        </button>
      }
    >
      <WaitingLinks />
      <Choice
        label="State"
        value={filter}
        onChange={setFilter}
        options={[
          ['all', 'All'],
          ['pending', counted('In review', counts?.pending)],
          ['approved', counted('Approved', counts?.approved)],
          ['held', counted('On hold', counts?.held)],
          ['rejected', counted('Rejected', counts?.rejected)],
          ['retired', counted('Gone', counts?.retired)],
        ]}
      />
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

const None = ({ filter }: { filter: Filter }) =>
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
