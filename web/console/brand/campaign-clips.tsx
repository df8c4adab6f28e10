import { useState } from 'preact/hooks';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { useGet, usePages } from '../app/data.js';
import { Card } from '../app/page.js';
import { ClipFilterChoice, figuresOf, type ClipFilter } from '../creator/clip-list.js';
import { ClipTitle, idOf, submissionsOf, type Submission } from './parts.js';

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
  ...figuresOf('due'),
];

export function CampaignClips({ campaignId }: { campaignId: string }) {
  const [filter, setFilter] = useState<ClipFilter>('all');
  const { data: counts } = useGet('GET /clips/counts', { query: { campaignId } });
  const status = filter === 'all' ? undefined : filter;
  const clips = usePages('GET /clips', { query: { campaignId, status, sort: 'newest' } });
  return (
    <Card title="Clips">
      <div class="stack">
        <ClipFilterChoice value={filter} onChange={setFilter} counts={counts} />
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
