import { useState } from 'preact/hooks';
import { Button, Notice, Tag, type Kind } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useAll, useGet, usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer, Item } from '../app/routes.js';
import { useSubject } from '../app/session.js';
import { Why } from '../why/amount.js';
import { type Campaign, useCampaigns } from '../app/campaigns.js';
import { lineWords } from './parts.js';
import { AccountDialog, PayoutDialog } from './payout.js';

type Balance = Answer<'GET /creators/{id}/balance'>['balances'][number];
type Payout = Item<'GET /payouts'>;
type Line = Item<'GET /creators/{id}/statement'>;

export default function Money() {
  const id = useSubject();
  const balances = useGet('GET /creators/{id}/balance', { id });
  return (
    <Page title="My money">
      <Loaded of={balances}>
        {({ balances: known }) =>
          known.length === 0 ? (
            <Card>
              <Blank title="Nothing earned yet">
                <p>
                  What your approved clips earn appears here, with the day from which it can be paid
                  out.
                </p>
                <a class="button primary" href="/console/submit">
                  Submit a clip
                </a>
              </Blank>
            </Card>
          ) : (
            known.map((balance) => <InCurrency key={balance.currency} balance={balance} />)
          )
        }
      </Loaded>
      <Account id={id} />
      <Payouts />
      <Statement id={id} />
    </Page>
  );
}

function InCurrency({ balance }: { balance: Balance }) {
  const { currency, available, validating, reserved, paid, payable, minimumPayout } = balance;
  const [asking, setAsking] = useState(false);
  const campaigns = useCampaigns();
  const amount = (minor: number) => money(minor, currency);
  return (
    <Card title={currency}>
      <div class="balance">
        <div class="balance-main">
          <span class="muted">Available</span>
          <strong>{amount(available)}</strong>
          <Button
            primary
            disabled={payable === 0 || payable < minimumPayout}
            onClick={() => setAsking(true)}
          >
            Request a payout
          </Button>
        </div>
        <dl class="parts">
          <Part name="Being validated" amount={amount(validating)} />
          <Part name="Reserved for payouts" amount={amount(reserved)} />
          <Part name="Paid" amount={amount(paid)} />
        </dl>
        <Coming balance={balance} />
      </div>
      <WhyNot balance={balance} campaigns={campaigns} />
      {asking && <PayoutDialog balance={balance} onClose={() => setAsking(false)} />}
    </Card>
  );
}

const Part = ({ name, amount }: { name: string; amount: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{amount}</dd>
  </div>
);

const MOST_DATES = 5;

/** What becomes available when. */
function Coming({ balance: { upcoming, currency } }: { balance: Balance }) {
  if (upcoming.length === 0) return null;
  const rest = upcoming.slice(MOST_DATES);
  return (
    <div class="coming">
      <h3>Becomes available</h3>
      <ul>
        {upcoming.slice(0, MOST_DATES).map(({ at, amount }) => (
          <li key={at}>
            <When at={at} as="minute" />
            <strong>{money(amount, currency)}</strong>
          </li>
        ))}
        {rest.length > 0 && (
          <li>
            <span>later, {number(rest.length)} more</span>
            <strong>
              {money(
                rest.reduce((sum, { amount }) => sum + amount, 0),
                currency,
              )}
            </strong>
          </li>
        )}
      </ul>
    </div>
  );
}

/** Why what is available cannot be asked for, if it cannot. */
function WhyNot({
  balance: { available, payable, minimumPayout, kept, currency },
  campaigns,
}: {
  balance: Balance;
  campaigns: ReadonlyMap<string, Campaign> | undefined;
}) {
  if (available < 0)
    return (
      <Notice kind="warn">
        More was paid out than has been earned by now. New earnings make up for it first.
      </Notice>
    );
  return (
    <>
      {payable > 0 && payable < minimumPayout && (
        <Notice kind="info">
          A payout is of at least {money(minimumPayout, currency)}.{' '}
          {money(minimumPayout - payable, currency)} more, and you can ask for one.
        </Notice>
      )}
      {kept.map(({ campaignId, amount, minimum }) => (
        <Notice key={campaignId} kind="info">
          {money(amount, currency)} of {campaigns?.get(campaignId)?.name ?? campaignId} can be paid
          out once you have earned {money(minimum, currency)} there, or when all your campaigns are
          over.
        </Notice>
      ))}
    </>
  );
}

function Account({ id }: { id: string }) {
  const account = useGet('GET /creators/{id}/payout-account', { id });
  const [changing, setChanging] = useState(false);
  return (
    <Card title="Where payouts go">
      <Loaded of={account} lines={1}>
        {(known) => (
          <div class="row spread">
            {known.account === null ? (
              <p>No account yet. Add one before your first payout is approved.</p>
            ) : (
              <p>
                {known.provider === 'stripe' ? 'Stripe account' : 'Paid by hand to'}{' '}
                <strong>{known.account}</strong>
              </p>
            )}
            <Button onClick={() => setChanging(true)}>
              {known.account === null ? 'Add an account' : 'Change it'}
            </Button>
            {changing && (
              <AccountDialog id={id} account={known} onClose={() => setChanging(false)} />
            )}
          </div>
        )}
      </Loaded>
    </Card>
  );
}

const PAYOUT_STATES: Record<Payout['status'], [Kind, string]> = {
  REQUESTED: ['info', 'Waits for approval'],
  APPROVED: ['info', 'On its way'],
  PAID: ['good', 'Paid'],
  REJECTED: ['bad', 'Rejected'],
  FAILED: ['bad', 'Did not arrive'],
};

const PAYOUTS: readonly Column<Payout>[] = [
  { header: 'Payout', name: true, cell: ({ payoutId }) => <span class="url">{payoutId}</span> },
  {
    header: 'State',
    cell: ({ status }) => {
      const [kind, words] = PAYOUT_STATES[status];
      return <Tag kind={kind}>{words}</Tag>;
    },
  },
  {
    header: 'To',
    cell: ({ destination, externalReference }) => (
      <span class="two-lines">
        {destination?.account ?? '–'}
        {externalReference && <small class="muted">{externalReference}</small>}
      </span>
    ),
  },
  { header: 'Amount', figures: true, cell: ({ amount, currency }) => money(amount, currency) },
];

function Payouts() {
  const payouts = usePages('GET /payouts');
  return (
    <Card title="Payouts">
      <Loaded of={{ ...payouts, data: payouts.items }} lines={2}>
        {(rows) =>
          rows.length === 0 ? (
            <p class="muted">None yet.</p>
          ) : (
            <Table
              caption="Payouts"
              columns={PAYOUTS}
              rows={rows}
              rowId={({ payoutId }) => payoutId}
              more={payouts}
            />
          )
        }
      </Loaded>
    </Card>
  );
}

const linesOf = (id: string): readonly Column<Line>[] => [
  { header: 'When', name: true, cell: ({ at }) => <When at={at} as="minute" /> },
  { header: 'What', cell: (line) => <What line={line} /> },
  {
    header: 'Amount',
    figures: true,
    cell: (line) => (line.amount === 0 ? '–' : <Why of="creator" id={id} line={line} />),
  },
];

function What({ line }: { line: Line }) {
  const { kind, clipId, status, note } = line;
  if (kind === 'payout')
    return (
      <span class="two-lines">
        Payout: {PAYOUT_STATES[status!][1].toLowerCase()}
        {note && <small class="muted">{note}</small>}
      </span>
    );
  return (
    <span class="two-lines">
      <a class="url" href={`/console/clips/${clipId}`}>
        {clipId}
      </a>
      <small class="muted">{lineWords(line)}</small>
    </span>
  );
}

const MOST_LINES = 12;

function Statement({ id }: { id: string }) {
  const lines = useAll('GET /creators/{id}/statement', { id });
  const [all, setAll] = useState(false);
  return (
    <Card title="Statement">
      <Loaded of={lines}>
        {(known) => {
          const newest = known.toReversed();
          return newest.length === 0 ? (
            <p class="muted">Each amount will be a line here, with where it comes from.</p>
          ) : (
            <>
              <Table
                caption="Lines of my statement, newest first"
                columns={linesOf(id)}
                rows={all ? newest : newest.slice(0, MOST_LINES)}
                rowId={({ eventId, clipId = '', kind }) => `${eventId} ${clipId} ${kind}`}
              />
              {newest.length > MOST_LINES && (
                <p>
                  <Button plain onClick={() => setAll(!all)}>
                    {all ? 'Show fewer' : `Show all ${number(newest.length)} lines`}
                  </Button>
                </p>
              )}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
