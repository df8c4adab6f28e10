import { useEffect } from 'preact/hooks';
import { Notice } from '../../ui/controls.js';
import { money } from '../../ui/money.js';
import { Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useGet, usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';
import { CreatorLink } from './parts.js';
import { Actions, Destination, PayoutState, useDestination, type Payout } from './payout-parts.js';

export default function PayoutScreen({ params }: ScreenProps) {
  const payout = useGet('GET /payouts/{id}', { id: params['id']! });
  return (
    <Page title={`Payout ${params['id']}`} back={{ href: '/console/payouts', label: 'Payouts' }}>
      <Loaded of={payout}>{(known) => <Whole payout={known} />}</Loaded>
    </Page>
  );
}

function Whole({ payout }: { payout: Payout }) {
  const { creatorId, currency, amount, externalReference, status } = payout;
  const { changed, before, setSince } = useDestination(payout);
  const balances = useGet('GET /creators/{id}/balance', { id: creatorId });
  const balance = balances.data?.balances.find((one) => one.currency === currency);
  const open = status === 'REQUESTED' || status === 'APPROVED';
  return (
    <>
      <Card>
        <div class="payout-head">
          <PayoutState status={status} />
          <strong>{money(amount, currency)}</strong>
          <Actions payout={payout} />
        </div>
        {open && changed && (
          <Notice kind="warn">
            The payout account was changed: the last payment went to{' '}
            <strong>{before!.account}</strong>.
          </Notice>
        )}
        {status === 'REQUESTED' && setSince && (
          <Notice kind="warn">
            The payout account was changed <When at={setSince} as="minute" />, after the request.
          </Notice>
        )}
        <dl class="fact-list">
          <dt>Requested</dt>
          <dd>
            <When at={payout.requestedAt} as="minute" />
          </dd>
          <dt>Creator</dt>
          <dd>
            <CreatorLink id={creatorId} />
          </dd>
          <dt>To</dt>
          <dd>
            <Destination payout={payout} />
          </dd>
          <dt>Reference</dt>
          <dd>{externalReference ?? '–'}</dd>
          {balance && (
            <>
              <dt>Available beside it</dt>
              <dd>{money(balance.available, currency)}</dd>
              <dt>Paid so far</dt>
              <dd>{money(balance.paid, currency)}</dd>
            </>
          )}
        </dl>
      </Card>
      <Steps payout={payout} />
    </>
  );
}

type Line = Item<'GET /creators/{id}/statement'>;
const STEPS: Record<Payout['status'], string> = {
  REQUESTED: 'Requested',
  APPROVED: 'Approved',
  REJECTED: 'Rejected',
  PAID: 'Paid',
  FAILED: 'Failed',
};
const COLUMNS: readonly Column<Line>[] = [
  { header: 'When', name: true, cell: ({ at }) => <When at={at} as="minute" /> },
  { header: 'Step', cell: ({ status }) => STEPS[status!] },
  { header: 'Note', cell: ({ note }) => note ?? '–' },
  { header: 'Event', cell: ({ eventId }) => <code class="id">{eventId.slice(0, 8)}</code> },
];

/** Its lines of the creator's statement, newest last. */
function Steps({ payout: { payoutId, creatorId, currency } }: { payout: Payout }) {
  const lines = usePages('GET /creators/{id}/statement', {
    id: creatorId,
    query: { currency, limit: 200 },
  });
  const own = lines.items?.filter((line) => line.payoutId === payoutId);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = lines;
  // Its steps are the newest lines of a long statement.
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage]);
  return (
    <Card title="What has happened to it">
      <Loaded of={{ ...lines, data: own }} lines={3}>
        {(rows) => (
          <Table
            caption="Steps of the payout"
            columns={COLUMNS}
            rows={rows}
            rowId={({ eventId }) => eventId}
          />
        )}
      </Loaded>
    </Card>
  );
}
