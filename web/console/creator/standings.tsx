import { useState } from 'preact/hooks';
import { Choice } from '../../ui/controls.js';
import { number, plural } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { ApiFailure } from '../app/api.js';
import { usePages } from '../app/data.js';
import { Card } from '../app/page.js';
import type { Item } from '../app/routes.js';

/** `place` tells apart those whom the campaign does not name. */
type Rank = Item<'GET /campaigns/{id}/leaderboard'> & { place: number };
type By = 'earned' | 'views';

const columnsIn = (currency: string): readonly Column<Rank>[] => [
  {
    header: 'Creator',
    name: true,
    cell: ({ rank, creatorId, own }) => (
      <>
        <span class="rank">{number(rank)}</span>{' '}
        {own ? <strong>You</strong> : (creatorId ?? <span class="muted">another creator</span>)}
      </>
    ),
  },
  { header: 'Clips', figures: true, cell: ({ clips }) => number(clips) },
  { header: 'Views', figures: true, cell: ({ views }) => number(views) },
  { header: 'Earned', figures: true, cell: ({ earned }) => money(earned, currency) },
];

/** Creators of a campaign by what they have earned or by views, as the API ranks them. */
export function Standings({ campaignId }: { campaignId: string }) {
  const [by, setBy] = useState<By>('earned');
  const ranks = usePages('GET /campaigns/{id}/leaderboard', { id: campaignId, query: { by } });
  const first = ranks.data?.pages[0];
  const closed = ranks.error instanceof ApiFailure && ranks.error.status === 404;
  return (
    <Card>
      <div class="row spread table-bar">
        <Choice
          label="Ranked by"
          value={by}
          onChange={setBy}
          options={[
            ['earned', 'Earned'],
            ['views', 'Views'],
          ]}
        />
        {first && first.creators > 0 && (
          <span class="muted">{plural(first.creators, 'creator')}</span>
        )}
      </div>
      {closed && !first ? (
        <Blank title="This leaderboard is off for you">
          <p>
            It is for creators who take part: submit a clip, and you are on it once it is approved.
          </p>
          <a class="button primary" href={`/console/submit?campaign=${campaignId}`}>
            Submit a clip
          </a>
        </Blank>
      ) : (
        <Loaded of={{ ...ranks, data: first && ranks.items }} lines={6}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title="Nobody is on it yet">
                <p>Creators are listed once a clip of theirs is approved.</p>
              </Blank>
            ) : (
              <Table
                caption={
                  by === 'earned' ? 'Creators by what they have earned' : 'Creators by views'
                }
                columns={columnsIn(first!.currency)}
                rows={rows.map((row, place) => ({ ...row, place }))}
                rowId={({ place }) => String(place)}
                more={ranks}
              />
            )
          }
        </Loaded>
      )}
    </Card>
  );
}
