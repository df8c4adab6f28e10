import { useState } from 'preact/hooks';
import { Button, Notice } from '../../ui/controls.js';
import { platformName } from '../../ui/format.js';
import { Blank, Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { ApiFailure } from '../app/api.js';
import { useAll, usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { useSubject } from '../app/session.js';
import { ClaimDialog, WithdrawDialog } from './account-dialogs.js';
import { AccountName, AccountState, accountName, checkWords, type Account } from './account-parts.js'; // prettier-ignore

/** Accounts of platforms that the creator has claimed, and how each is proved. */
export default function Accounts({ query }: ScreenProps) {
  const id = useSubject();
  const accounts = useAll('GET /creators/{id}/accounts', { id });
  const [claiming, setClaiming] = useState(query['claim'] !== undefined);
  const claim = <Button primary onClick={() => setClaiming(true)}>Claim an account</Button>; // prettier-ignore
  return (
    <Page title="My accounts" actions={claim}>
      {claiming && (
        <ClaimDialog id={id} platform={query['claim']} onClose={() => setClaiming(false)} />
      )}
      <p class="muted">
        Some campaigns pay clips of your own accounts alone. Prove once that an account is yours; it
        then holds for every campaign.
      </p>
      <Loaded of={accounts}>{(all) => <List accounts={all} />}</Loaded>
    </Page>
  );
}

function List({ accounts }: { accounts: readonly Account[] }) {
  const open = accounts.filter(({ status }) => status !== 'RELEASED');
  const gone = accounts.filter(({ status }) => status === 'RELEASED');
  return (
    <>
      {open.length === 0 && (
        <Card>
          <Blank title="You have claimed no account">
            <p>
              You get a code, put it into the account's bio, and the next scrape reads it there.
            </p>
          </Blank>
        </Card>
      )}
      {open.map((account) => (
        <section class="card stack" key={account.accountId} aria-label={accountName(account)}>
          <header class="row spread">
            <h2>
              <AccountName account={account} />
            </h2>
            <AccountState {...account} />
          </header>
          {account.status === 'CLAIMED' ? (
            <Claimed account={account} />
          ) : (
            <Proved account={account} />
          )}
        </section>
      ))}
      {gone.length > 0 && (
        <details>
          <summary>Given up ({gone.length})</summary>
          <ul class="plain-list">
            {gone.map((account) => (
              <li key={account.accountId}>
                <AccountName account={account} />
                <span class="muted">{account.reason}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Claimed({ account }: { account: Account }) {
  const { accountId, contested, code, places, check, platform, claimedAt } = account;
  const verify = usePost('POST /accounts/{id}/verify');
  const refused = verify.error instanceof ApiFailure ? verify.error : null;
  return (
    <>
      {contested ? (
        <Notice kind="warn">
          Another creator has proved to own this account. If it is yours, ask an admin: only an
          admin can take it over. Your claim waits for that.
        </Notice>
      ) : (
        <ol class="steps">
          <li>
            Put this code {places.includes('bio') ? "into the account's bio, or " : ''}into the
            caption of a clip of it:
            <Code code={code} />
            {!places.includes('bio') && (
              <small class="muted">
                What scrapes read of {platformName(platform)} has no bio, so that only a caption
                serves.
              </small>
            )}
          </li>
          <li>
            The next scrape of a clip of the account reads it. You may take the code out afterwards.
          </li>
        </ol>
      )}
      <p role="status">
        <span class="muted">
          Claimed <When at={claimedAt} />.
        </span>{' '}
        {checkWords(account)}
        {check?.scrapedAt && (
          <>
            {' '}
            Read <When at={check.scrapedAt} /> from{' '}
            <a href={`/console/clips/${check.clipId}`}>{check.clipId}</a>.
          </>
        )}
      </p>
      {verify.isSuccess && (
        <Notice kind="info">A scrape is asked for. This page says its result by itself.</Notice>
      )}
      {verify.error && (
        <Notice kind="bad">
          <p>{verify.error.message}</p>
          {refused?.code === 'no_clip_to_read' && <a href="/console/submit">Submit a clip</a>}
        </Notice>
      )}
      <div class="row">
        {!contested && (
          <Button
            busy={verify.isPending}
            aria-label={`Check now: ${accountName(account)}`}
            onClick={() => verify.mutate({ id: accountId })}
          >
            Check now
          </Button>
        )}
        <Withdraw account={account} words="Withdraw the claim" />
      </div>
    </>
  );
}

const Proved = ({ account }: { account: Account }) => (
  <>
    <p>
      {account.proof === 'admin' ? 'An admin has confirmed that it is yours' : 'Its code was read'},{' '}
      <When at={account.verifiedAt!} />.
    </p>
    <div class="row">
      <Withdraw account={account} words="It is mine no more" />
    </div>
  </>
);

function Withdraw({ account, words }: { account: Account; words: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        danger
        aria-label={`${words}: ${accountName(account)}`}
        onClick={() => setAsking(true)}
      >
        {words}
      </Button>
      {asking && <WithdrawDialog account={account} onClose={() => setAsking(false)} />}
    </>
  );
}

function Code({ code }: { code: string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const copy = () =>
    void navigator.clipboard.writeText(code).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <span class="row code-line">
      <code>{code}</code>
      <Button onClick={copy}>Copy the code</Button>
      <span role="status" class="muted">
        {copied === null ? '' : copied ? 'Copied.' : 'The browser does not copy: mark it by hand.'}
      </span>
    </span>
  );
}
