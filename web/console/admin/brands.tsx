import { useState } from 'preact/hooks';
import { Button } from '../../ui/controls.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import type { Campaign } from '../app/campaigns.js';
import { useAll } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import { FundingDialog } from './funding-dialog.js';
import { BrandLink } from './parts.js';

/** Who has campaigns, in one currency. */
interface Row {
  brandId: string;
  currency: string;
  campaigns: number;
  active: number;
  budget: number;
  spent: number;
}

export default function Brands() {
  const campaigns = useAll('GET /campaigns');
  const [recording, setRecording] = useState(false);
  return (
    <Page
      title="Brands"
      actions={
        <Button primary icon="add" onClick={() => setRecording(true)}>
          Record a payment
        </Button>
      }
    >
      {recording && <FundingDialog onClose={() => setRecording(false)} />}
      <Card>
        <Loaded of={campaigns}>
          {(known) =>
            known.length === 0 ? (
              <Blank title="No brand has a campaign yet">
                <p>
                  A brand is here from its first campaign on. Its payment can be recorded before.
                </p>
              </Blank>
            ) : (
              <Table
                caption="Brands"
                columns={COLUMNS}
                rows={rowsOf(known)}
                rowId={({ brandId, currency }) => `${brandId} ${currency}`}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

function rowsOf(campaigns: readonly Campaign[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { brandId, currency, status, budget, spent } of campaigns) {
    const key = `${brandId} ${currency}`;
    const row = rows.get(key) ?? {
      brandId,
      currency,
      campaigns: 0,
      active: 0,
      budget: 0,
      spent: 0,
    };
    rows.set(key, {
      ...row,
      campaigns: row.campaigns + 1,
      active: row.active + (status === 'ACTIVE' ? 1 : 0),
      budget: row.budget + budget,
      spent: row.spent + spent,
    });
  }
  return [...rows.values()].toSorted((a, b) => (a.brandId < b.brandId ? -1 : 1));
}

const COLUMNS: readonly Column<Row>[] = [
  {
    header: 'Brand',
    name: true,
    cell: ({ brandId }) => <BrandLink id={brandId} />,
    sort: ({ brandId }) => brandId,
  },
  {
    header: 'Campaigns',
    figures: true,
    cell: ({ campaigns, active }) => `${active} active of ${campaigns}`,
    sort: ({ campaigns }) => campaigns,
  },
  { header: 'Budgets', figures: true, cell: ({ budget, currency }) => money(budget, currency) },
  { header: 'Spent', figures: true, cell: ({ spent, currency }) => money(spent, currency) },
];
