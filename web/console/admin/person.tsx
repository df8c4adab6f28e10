import { useState } from 'preact/hooks';
import { Button } from '../../ui/controls.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { useGet, usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { EraseDialog } from './erase.js';
import { OutsideDialog } from './outside.js';
import { PayoutState, type Payout } from './payout-parts.js';

/** What an admin needs of one creator before paying. */
export default function Creator({ params }: ScreenProps) {
  const id = params['id']!;
  const balances = useGet('GET /creators/{id}/balance', { id });
  const account = useGet('GET /creators/{id}/payout-account', { id });
  const payouts = usePages('GET /payouts', { query: { creatorId: id } });
  const [recording, setRecording] = useState(false);
  const [erasing, setErasing] = useState(false);
  return (
    <Page
      title={`Creator ${id}`}
      actions={
        <>
          <a class="button" href={`/console/statement/creator/${id}`}>
            Statement
          </a>
          <Button onClick={() => setRecording(true)}>Record a payment made outside</Button>
          <Button danger onClick={() => setErasing(true)}>
            Erase its data
          </Button>
        </>
      }
    >
      {recording && <OutsideDialog creatorId={id} onClose={() => setRecording(false)} />}
      {erasing && <EraseDialog creatorId={id} onClose={() => setErasing(false)} />}
      <Loaded of={balances}>
        {({ balances: known }) =>
          known.length === 0 ? (
            <Card>
              <Blank title="Nothing earned yet" />
            </Card>
          ) : (
            <div class="cards">
              {known.map(({ currency, available, validating, reserved, paid, fees }) => (
                <Card key={currency} title={currency}>
                  <dl class="fact-list">
                    <dt>Available</dt>
                    <dd>
                      <strong class={available < 0 ? 'bad' : undefined}>
                        {money(available, currency)}
                      </strong>
                    </dd>
                    <dt>Being validated</dt>
                    <dd>{money(validating, currency)}</dd>
                    <dt>Reserved for payouts</dt>
                    <dd>{money(reserved, currency)}</dd>
                    <dt>Paid</dt>
                    <dd>{money(paid, currency)}</dd>
                    {fees > 0 && (
                      <>
                        <dt>Platform fees</dt>
                        <dd>{money(fees, currency)}</dd>
                      </>
                    )}
                  </dl>
                </Card>
              ))}
            </div>
          )
        }
      </Loaded>
      <Card title="Where payouts go">
        <Loaded of={account} lines={1}>
          {({ provider, account: known }) => (
            <p>
              {known === null ? (
                'No account given: paid by hand.'
              ) : (
                <>
                  {provider === 'stripe' ? 'Stripe account' : 'By hand to'} <strong>{known}</strong>
                </>
              )}
            </p>
          )}
        </Loaded>
      </Card>
      <Card title="Payouts">
        <Loaded of={{ ...payouts, data: payouts.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <p class="muted">None yet.</p>
            ) : (
              <Table
                caption={`Payouts of ${id}`}
                columns={PAYOUTS}
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

const PAYOUTS: readonly Column<Payout>[] = [
  {
    header: 'Payout',
    name: true,
    cell: ({ payoutId }) => (
      <a class="id-link" href={`/console/payouts/${payoutId}`}>
        {payoutId}
      </a>
    ),
  },
  { header: 'State', cell: (payout) => <PayoutState status={payout.status} /> },
  { header: 'To', cell: ({ destination }) => destination?.account ?? '–' },
  { header: 'Reference', cell: ({ externalReference }) => externalReference ?? '–' },
  { header: 'Amount', figures: true, cell: ({ amount, currency }) => money(amount, currency) },
];
