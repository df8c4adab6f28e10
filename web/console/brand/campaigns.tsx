import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';

type Campaign = Item<'GET /campaigns'>;
const COLUMNS: readonly Column<Campaign>[] = [
  { header: 'Campaign', cell: ({ name }) => name, name: true },
  { header: 'Spent', cell: ({ spent, currency }) => money(spent, currency), figures: true },
  {
    header: 'Remaining',
    cell: ({ remaining, currency }) => money(remaining, currency),
    figures: true,
  },
];

export default function Campaigns() {
  const campaigns = usePages('GET /campaigns');
  return (
    <Page title="Campaigns">
      <Card>
        <Loaded of={{ ...campaigns, data: campaigns.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title="No campaign yet" />
            ) : (
              <Table
                caption="Campaigns"
                columns={COLUMNS}
                rows={rows}
                rowId={({ campaignId }) => campaignId}
                more={campaigns}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
