import { number } from '../../ui/format.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';

type Clip = Item<'GET /clips'>;
const COLUMNS: readonly Column<Clip>[] = [
  { header: 'Clip', cell: ({ url, clipId }) => <a href={url}>{clipId}</a>, name: true },
  { header: 'Views', cell: ({ views }) => (views === null ? '–' : number(views)), figures: true },
  {
    header: 'Last scrape',
    cell: ({ observedAt }) => (observedAt ? <When at={observedAt} /> : 'not yet'),
  },
];

export default function Clips() {
  const clips = usePages('GET /clips', { query: { sort: 'newest' } });
  return (
    <Page title="My clips">
      <Card>
        <Loaded of={{ ...clips, data: clips.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title="No clip yet" />
            ) : (
              <Table
                caption="My clips"
                columns={COLUMNS}
                rows={rows}
                rowId={({ clipId }) => clipId}
                more={clips}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
