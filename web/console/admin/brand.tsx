import { useState } from 'preact/hooks';
import { Button, Notice } from '../../ui/controls.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { CampaignTag } from '../brand/parts.js';
import type { Campaign } from '../app/campaigns.js';
import { useGet, usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';
import { FundingDialog } from './funding-dialog.js';
import { RefundDialog, UndoRefundDialog } from './refund-dialogs.js';

type Funding = Answer<'GET /brands/{id}/funding'>;
type Payment = Funding['payments'][number];
type Refund = Funding['refunds'][number];

/** What one brand has paid in, what that is committed to, and its campaigns. */
export default function Brand({ params }: ScreenProps) {
  const id = params['id']!;
  const funding = useGet('GET /brands/{id}/funding', { id });
  const campaigns = usePages('GET /campaigns', { query: { brandId: id } });
  const [recording, setRecording] = useState(false);
  return (
    <Page
      title={`Brand ${id}`}
      actions={
        <Button primary icon="add" onClick={() => setRecording(true)}>
          Record a payment
        </Button>
      }
    >
      {recording && <FundingDialog brandId={id} onClose={() => setRecording(false)} />}
      <Loaded of={funding}>{(known) => <PaidIn funding={known} />}</Loaded>
      <Card title="Campaigns">
        <Loaded of={{ ...campaigns, data: campaigns.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <p class="muted">None yet.</p>
            ) : (
              <Table
                caption={`Campaigns of ${id}`}
                columns={CAMPAIGNS}
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

function PaidIn({ funding }: { funding: Funding }) {
  const { brandId, prefunding, currencies, payments, refunds } = funding;
  return (
    <>
      {!prefunding && (
        <Notice kind="info">
          Here a brand may launch campaigns before it has paid: what is left may be below nothing.
        </Notice>
      )}
      {currencies.length === 0 ? (
        <Card>
          <Blank title="Nothing paid in yet" />
        </Card>
      ) : (
        <div class="cards">
          {currencies.map(({ currency, funded, refunded, committed, returned, left }) => (
            <Card key={currency} title={currency}>
              <dl class="fact-list">
                <dt>Left</dt>
                <dd>
                  <strong class={left < 0 ? 'bad' : undefined}>{money(left, currency)}</strong>
                </dd>
                <dt>Paid in</dt>
                <dd>{money(funded, currency)}</dd>
                {refunded > 0 && (
                  <>
                    <dt>Went back</dt>
                    <dd>{money(refunded, currency)}</dd>
                  </>
                )}
                <dt>In campaigns</dt>
                <dd>{money(committed, currency)}</dd>
                <dt>Back from campaigns</dt>
                <dd>{money(returned, currency)}</dd>
              </dl>
            </Card>
          ))}
        </div>
      )}
      {payments.length > 0 && (
        <Card title="Payments">
          <Table
            caption="The newest payments"
            columns={[
              ...PAYMENTS,
              actions<Payment>((payment) => <Refunding brandId={brandId} payment={payment} />),
            ]}
            rows={payments}
            rowId={({ reference }) => reference}
          />
        </Card>
      )}
      {refunds.length > 0 && (
        <Card title="What went back">
          <Table
            caption="The newest refunds and disputes"
            columns={[
              ...REFUNDS,
              actions<Refund>((refund) => <Undoing brandId={brandId} refund={refund} />),
            ]}
            rows={refunds}
            rowId={({ refundId }) => refundId}
          />
        </Card>
      )}
    </>
  );
}

const actions = <T,>(cell: Column<T>['cell']): Column<T> => ({
  header: 'Actions',
  figures: true,
  cell,
});

function Refunding({ brandId, payment }: { brandId: string; payment: Payment }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button aria-label={`Refund of ${payment.reference}`} onClick={() => setAsking(true)}>
        Refund
      </Button>
      {asking && (
        <RefundDialog brandId={brandId} payment={payment} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

function Undoing({ brandId, refund }: { brandId: string; refund: Refund }) {
  const [asking, setAsking] = useState(false);
  if (refund.undoneAt !== null) return null;
  return (
    <>
      <Button aria-label={`Undo ${refund.refundId}`} onClick={() => setAsking(true)}>
        Undo
      </Button>
      {asking && (
        <UndoRefundDialog brandId={brandId} refund={refund} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

const PAYMENTS: readonly Column<Payment>[] = [
  { header: 'Reference', name: true, cell: ({ reference }) => reference },
  { header: 'Recorded', cell: ({ at }) => <When at={at} as="minute" /> },
  { header: 'By', cell: ({ by }) => by },
  { header: 'Amount', figures: true, cell: ({ amount, currency }) => money(amount, currency) },
];

const REFUNDS: readonly Column<Refund>[] = [
  { header: 'Refund', name: true, cell: ({ refundId }) => refundId },
  { header: 'Of payment', cell: ({ reference }) => reference },
  {
    header: 'When',
    cell: ({ undoneAt, at }) =>
      undoneAt === null ? (
        <When at={at} as="minute" />
      ) : (
        <>
          undone <When at={undoneAt} as="minute" />
        </>
      ),
  },
  { header: 'Amount', figures: true, cell: ({ amount, currency }) => money(amount, currency) },
];

const CAMPAIGNS: readonly Column<Campaign>[] = [
  {
    header: 'Campaign',
    name: true,
    cell: ({ campaignId, name }) => (
      <a href={`/console/statement/campaign/${campaignId}`}>{name}</a>
    ),
  },
  {
    header: 'State',
    cell: (campaign) => (
      <span class="row tight">
        <CampaignTag campaign={campaign} />
      </span>
    ),
  },
  { header: 'Budget', figures: true, cell: ({ budget, currency }) => money(budget, currency) },
  { header: 'Spent', figures: true, cell: ({ spent, currency }) => money(spent, currency) },
];
