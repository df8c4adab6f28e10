import { useState } from 'preact/hooks';
import { Button, Choice, Field } from '../../ui/controls.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { usePages } from '../app/data.js';
import { Download } from '../app/download.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { CreatorLink, Tick, useTicks } from './parts.js';
import { Actions, Destination, sumOf, type Payout } from './payout-parts.js';
import { SeveralDialog } from './payouts-several.js';
import { OutsideDialog } from './outside.js';
import { TransfersDialog } from './transfers.js';

type Status = Payout['status'];
const STATES: readonly (readonly [Status, string])[] = [
  ['REQUESTED', 'To approve'],
  ['APPROVED', 'To pay'],
  ['PAID', 'Paid'],
  ['FAILED', 'Failed'],
  ['REJECTED', 'Rejected'],
];
const NOTHING: Record<Status, string> = {
  REQUESTED: 'No payout waits for approval',
  APPROVED: 'No payout waits for its transfer',
  PAID: 'Nothing was paid yet',
  FAILED: 'No transfer has failed',
  REJECTED: 'No payout was rejected',
};
/** Each row asks for its creator's account. */
const ROWS = 25;

export default function Payouts({ query }: ScreenProps) {
  const given = STATES.find(([status]) => status === query['status'])?.[0];
  const [status, setStatus] = useState<Status>(given ?? 'REQUESTED');
  const [creatorId, setCreatorId] = useState(query['creator'] ?? '');
  const [recording, setRecording] = useState(false);
  const [sending, setSending] = useState(false);
  return (
    <Page
      title="Payouts"
      actions={
        <>
          <Download path="/payouts/transfers.csv" name="transfers.csv">
            Transfers as CSV
          </Download>
          <Button onClick={() => setSending(true)}>Send the list back</Button>
          <Button onClick={() => setRecording(true)}>Record a payment made outside</Button>
        </>
      }
    >
      {sending && <TransfersDialog onClose={() => setSending(false)} />}
      {recording && <OutsideDialog onClose={() => setRecording(false)} />}
      <div class="filters">
        <Choice label="State" value={status} options={STATES} onChange={setStatus} />
        <Field label="Creator">
          {(props) => (
            <input
              {...props}
              type="search"
              placeholder="all"
              value={creatorId}
              onChange={(event) => setCreatorId(event.currentTarget.value.trim())}
            />
          )}
        </Field>
      </div>
      <List key={`${status} ${creatorId}`} status={status} creatorId={creatorId} />
    </Page>
  );
}

function List({ status, creatorId }: { status: Status; creatorId: string }) {
  const payouts = usePages('GET /payouts', {
    query: { status, creatorId: creatorId || undefined, limit: ROWS },
  });
  const rows = payouts.items ?? [];
  const ticks = useTicks(rows, ({ payoutId }) => payoutId);
  const [several, setSeveral] = useState<readonly Payout[] | null>(null);
  const open = status === 'REQUESTED' || status === 'APPROVED';
  const act = status === 'REQUESTED' ? 'Approve' : 'Mark as paid';
  const columns: Column<Payout>[] = [
    {
      header: 'Payout',
      name: true,
      cell: ({ payoutId }) => (
        <span class="row tight">
          {open && (
            <Tick
              label={`Choose ${payoutId}`}
              on={ticks.has(payoutId)}
              onChange={(on) => ticks.set(payoutId, on)}
            />
          )}
          <a class="id-link" href={`/console/payouts/${payoutId}`}>
            {payoutId}
          </a>
        </span>
      ),
    },
    { header: 'Creator', cell: ({ creatorId: id }) => <CreatorLink id={id} /> },
    { header: 'To', cell: (payout) => <Destination payout={payout} /> },
    { header: 'Amount', figures: true, cell: ({ amount, currency }) => money(amount, currency) },
    ...(open
      ? [
          {
            header: 'Actions',
            figures: true,
            cell: (payout: Payout) => <Actions payout={payout} />,
          },
        ]
      : [
          {
            header: 'Reference',
            cell: ({ externalReference }: Payout) => externalReference ?? '–',
          },
        ]),
  ];
  return (
    <Card>
      {several && (
        <SeveralDialog payouts={several} status={status} onClose={() => setSeveral(null)} />
      )}
      <Loaded of={{ ...payouts, data: payouts.items }}>
        {(known) =>
          known.length === 0 ? (
            <Blank title={creatorId ? `Nothing of ${creatorId} here` : NOTHING[status]}>
              {status === 'REQUESTED' && (
                <p>Creators ask for what they have earned; each request appears here.</p>
              )}
            </Blank>
          ) : (
            <>
              {open && (
                <div class="row spread table-bar">
                  <Tick
                    shown
                    on={ticks.chosen.length === known.length}
                    onChange={ticks.all}
                    label={
                      ticks.chosen.length === 0
                        ? 'Choose all'
                        : `${ticks.chosen.length} chosen, ${sumOf(ticks.chosen)}`
                    }
                  />
                  <Button
                    primary
                    disabled={ticks.chosen.length === 0}
                    onClick={() => setSeveral(ticks.chosen)}
                  >
                    {act} {ticks.chosen.length || ''} chosen
                  </Button>
                </div>
              )}
              <Table
                caption={`Payouts: ${STATES.find(([own]) => own === status)![1]}`}
                columns={columns}
                rows={known}
                rowId={({ payoutId }) => payoutId}
                more={payouts}
              />
            </>
          )
        }
      </Loaded>
    </Card>
  );
}
