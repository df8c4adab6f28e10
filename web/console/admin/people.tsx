import { useEffect, useState } from 'preact/hooks';
import { LOCALE } from '../../ui/money.js';
import { Loading } from '../../ui/states.js';
import { readConfig, type Config } from '../app/config.js';
import { Card, Page } from '../app/page.js';
import { claimsOf, session } from '../app/session.js';
import { useStore } from '../../ui/store.js';

const ROLES = [
  [
    'Admin',
    'Everything: payouts, holds and appeals, failed scrapes, short links, webhooks of the operator, the log.',
    'the name that stands in events, such as "root"',
  ],
  [
    'Brand',
    'Its own campaigns: launch, top up, review clips, answer appeals, statements, webhooks.',
    'the id of the brand',
  ],
  [
    'Creator',
    'What concerns itself: submit clips, appeal, balance and statement, request a payout, payout account.',
    'the id of the creator',
  ],
] as const;

export default function People() {
  const who = useStore(session)!;
  const [config, setConfig] = useState<Config | null>(null);
  useEffect(() => void readConfig().then(setConfig, () => setConfig(null)), []);
  return (
    <Page title="People and tokens">
      <Card title="You">
        <dl class="fact-list">
          <dt>Name</dt>
          <dd>{who.subject}</dd>
          <dt>Role</dt>
          <dd>{who.role}</dd>
          <dt>Signed in until</dt>
          <dd>{expiryOf(who.token)}</dd>
        </dl>
      </Card>
      <Card title="What each role may do">
        <dl class="fact-list wide">
          {ROLES.map(([role, may, subject]) => (
            <>
              <dt>{role}</dt>
              <dd class="two-lines">
                {may}
                <small class="muted">
                  <code>sub</code> is {subject}
                </small>
              </dd>
            </>
          ))}
        </dl>
        <p class="muted">
          There is no list of people: who has a token with a role may do what the role may. The API
          decides it in each request.
        </p>
      </Card>
      <Card title="How tokens are made">{config ? <Ways config={config} /> : <Loading />}</Card>
    </Page>
  );
}

function Ways({ config }: { config: Config }) {
  if (config.oidc)
    return (
      <p>
        The identity provider <strong>{new URL(config.oidc.issuer).hostname}</strong> makes them.
        Give somebody a role there, as the claim <code>role</code> of the access token (
        <code>admin</code>, <code>brand</code> or <code>creator</code>), with the id as{' '}
        <code>sub</code>. Who has left is switched off there too; a token ends by itself.
      </p>
    );
  return (
    <div class="stack">
      <p>
        {config.signIn === 'development'
          ? 'This installation is for one machine: tokens are signed with its secret.'
          : 'Tokens are signed with keys that this installation checks.'}{' '}
        On the command line, beside the service:
      </p>
      <pre class="command" tabIndex={0} aria-label="Commands">
        {`npm run cliptally -- token creator --subject ann
npm run cliptally -- token brand --subject acme --days 7
npm run cliptally -- token admin`}
      </pre>
      <p class="muted">
        The API makes no tokens, so that nobody who holds one can make another. A token cannot be
        taken back before it ends: keep its days few, or change the secret.
      </p>
    </div>
  );
}

const END = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'long', timeStyle: 'short' });

/** When the token ends, as it says itself. */
function expiryOf(token: string): string {
  const { exp } = claimsOf(token);
  return typeof exp === 'number' ? END.format(exp * 1_000) : 'not said by the token';
}
