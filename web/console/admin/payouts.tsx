import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';

type Payout = Item<'GET /payouts'>;
const COLUMNS: readonly Column<Payout>[] = [
  { header: 'Payout', cell: ({ payoutId }) => payoutId, name: true },
  { header: 'Creator', cell: ({ creatorId }) => creatorId },
  { header: 'Amount', cell: ({ amount, currency }) => money(amount, currency), figures: true },
];

export default function Payouts() {
  const payouts = usePages('GET /payouts', { query: { status: 'REQUESTED' } });
  return (
    <Page title="Payouts">
      <Card>
        <Loaded of={{ ...payouts, data: payouts.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title="No payout waits for approval" />
            ) : (
              <Table
                caption="Payouts that wait for approval"
                columns={COLUMNS}
                rows={rows}
                rowId={({ payoutId }) => payoutId}
                more={payouts}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
