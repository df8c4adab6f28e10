import { useState } from 'preact/hooks';
import { Choice } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useGet, usePages } from '../app/data.js';
import { Card } from '../app/page.js';
import { StateTag } from '../creator/parts.js';
import { ClipTitle, idOf, submissionsOf, type Submission } from './parts.js';

type Filter = 'all' | 'pending' | 'approved' | 'held' | 'rejected' | 'retired';

const COLUMNS: readonly Column<Submission>[] = [
  {
    header: 'Clip',
    name: true,
    cell: ({ clip, entry }) => (
      <ClipTitle clip={clip}>
        <small class="muted">
          by {entry.creatorId} · <a href={`/console/clips/${clip.clipId}`}>details</a>
        </small>
      </ClipTitle>
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
        {due > 0 && <small class="muted">{money(due, currency)} due</small>}
      </span>
    ),
  },
];

export function CampaignClips({ campaignId }: { campaignId: string }) {
  const [filter, setFilter] = useState<Filter>('all');
  const { data: counts } = useGet('GET /clips/counts', { query: { campaignId } });
  const status = filter === 'all' ? undefined : filter;
  const clips = usePages('GET /clips', { query: { campaignId, status, sort: 'newest' } });
  const counted = (word: string, n: number | undefined) => (n ? `${word} ${number(n)}` : word);
  return (
    <Card title="Clips">
      <div class="stack">
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
        <Loaded of={{ ...clips, data: clips.items }}>
          {(items) =>
            items.length === 0 ? (
              <Blank title={filter === 'all' ? 'No clip yet' : 'No clip is in this state'}>
                {filter === 'all' && <p>Creators find the campaign in their catalogue.</p>}
              </Blank>
            ) : (
              <Table
                caption="Clips of the campaign"
                columns={COLUMNS}
                rows={submissionsOf(items, (entry) => entry.campaignId === campaignId)}
                rowId={idOf}
                more={clips}
              />
            )
          }
        </Loaded>
      </div>
    </Card>
  );
}
