import { useState } from 'preact/hooks';
import { Button, Choice, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { platformName } from '../../ui/format.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { usePages, usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import { AccountName, AccountState, accountName, checkWords, type Account } from '../creator/account-parts.js'; // prettier-ignore
import { CreatorLink, ReasonDialog } from './parts.js';

type Status = Account['status'];
const STATES: readonly (readonly [Status, string])[] = [
  ['CLAIMED', 'Wait'],
  ['VERIFIED', 'Proved'],
  ['RELEASED', 'Given up'],
];

/** Claims of creators to accounts: most are proved by a code, the others wait for an admin. */
export default function Accounts() {
  const [status, setStatus] = useState<Status>('CLAIMED');
  const accounts = usePages('GET /accounts', { query: { status } });
  return (
    <Page
      title="Accounts"
      actions={<Choice label="State" value={status} options={STATES} onChange={setStatus} />}
    >
      <Card>
        <Loaded of={{ ...accounts, data: accounts.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title={status === 'CLAIMED' ? 'No claim waits' : 'There is none here'}>
                <p>
                  A creator claims an account and puts a code into its bio. If nobody can read it
                  there, or another creator has the account, your word decides.
                </p>
              </Blank>
            ) : (
              <Table
                caption={`Accounts: ${STATES.find(([own]) => own === status)![1]}`}
                columns={COLUMNS}
                rows={rows}
                rowId={({ accountId }) => accountId}
                more={accounts}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

const COLUMNS: readonly Column<Account>[] = [
  { header: 'Account', name: true, cell: (account) => <AccountName account={account} /> },
  {
    header: 'Creator',
    cell: ({ creatorId, claimedAt }) => (
      <span class="two-lines">
        <CreatorLink id={creatorId} />
        <small class="muted">
          <When at={claimedAt} />
        </small>
      </span>
    ),
  },
  {
    header: 'State',
    cell: (account) => (
      <span class="two-lines">
        <AccountState {...account} />
        <small class="muted">
          {account.status === 'CLAIMED'
            ? checkWords(account)
            : account.status === 'RELEASED'
              ? account.reason
              : account.proof === 'admin'
                ? 'by the word of an admin'
                : 'by its code'}
        </small>
        {account.status === 'CLAIMED' && <code>{account.code}</code>}
      </span>
    ),
  },
  { header: 'Actions', figures: true, cell: (account) => <Actions account={account} /> },
];

function Actions({ account }: { account: Account }) {
  const [asking, setAsking] = useState<'confirm' | 'release' | null>(null);
  const release = usePost('POST /accounts/{id}/release');
  const { status, contested, accountId, creatorId } = account;
  const close = () => setAsking(null);
  const of = `${accountName(account)} of ${creatorId}`;
  if (status === 'RELEASED') return null;
  return (
    <span class="row tight end">
      {status === 'CLAIMED' && (
        <Button
          danger={contested}
          aria-label={`${contested ? 'Take over' : 'Confirm'} ${of}`}
          onClick={() => setAsking('confirm')}
        >
          {contested ? 'Take over' : 'Confirm'}
        </Button>
      )}
      <Button danger aria-label={`Release ${of}`} onClick={() => setAsking('release')}>
        Release
      </Button>
      {asking === 'confirm' && <ConfirmDialog account={account} onClose={close} />}
      {asking === 'release' && (
        <ReasonDialog
          title="Release the account"
          label="Reason"
          hint={`${creatorId} reads it. Clips of it are held where a campaign asks for a proof.`}
          action="Release"
          send={(reason, key) => release.mutateAsync({ id: accountId, body: { reason }, key })}
          onClose={close}
        />
      )}
    </span>
  );
}

function ConfirmDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const confirm = usePost('POST /accounts/{id}/confirm');
  const [key] = useState(() => crypto.randomUUID() as string);
  const { contested, creatorId, platform, accountId } = account;
  return (
    <Dialog title={contested ? 'Take the account over' : 'Confirm the account'} onClose={onClose}>
      <p>
        <strong>{accountName(account)}</strong> on {platformName(platform)} is then an account of{' '}
        <strong>{creatorId}</strong>. Clips that wait for this proof are paid.
      </p>
      {contested && (
        <Notice kind="warn">
          Another creator has proved to own it, and loses it: clips that are on hold or come later
          are not paid to that creator. What was paid stays paid.
        </Notice>
      )}
      {confirm.error && <Notice kind="bad">{confirm.error.message}</Notice>}
      <div class="row">
        <Button
          primary
          busy={confirm.isPending}
          onClick={() =>
            confirm.mutate(
              { id: accountId, key, body: { takeOver: contested } },
              { onSuccess: () => onClose() },
            )
          }
        >
          {contested ? `Give it to ${creatorId}` : 'Confirm it'}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
