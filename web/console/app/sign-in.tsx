import { useState } from 'preact/hooks';
import { Button, Field, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import type { Config } from './config.js';
import { sessionOf, session, signIn, signOut } from './session.js';

/** The page of who is not signed in. */
export type SignedOut = 'everywhere' | 'here' | null;

interface SignInPageProps {
  config: Config;
  fault: string | null;
  /** Somebody has just signed out: at the provider as well, or here alone. */
  signedOut: SignedOut;
}

export function SignInPage({ config, fault, signedOut }: SignInPageProps) {
  return (
    <main class="sign-in" id="main">
      <img src="/console/icon.svg" alt="" width="44" height="44" />
      <h1>Sign in to Cliptally</h1>
      <p class="muted">For creators, brands and admins. The token says which of them you are.</p>
      {fault && <Notice kind="bad">{fault}</Notice>}
      {signedOut && (
        <Notice kind="info">
          You are signed out here.
          {config.oidc && signedOut === 'here' && (
            <>
              {' '}
              You may still be signed in at {new URL(config.oidc.issuer).hostname}: sign out there
              too if others use this device.
            </>
          )}
        </Notice>
      )}
      <Ways config={config} again={false} />
    </main>
  );
}

/** Over the page, which stays as it is: what was being done goes on afterwards. */
export function SignInAgain({ config, reason }: { config: Config; reason: string }) {
  return (
    <Dialog title="Sign in again" onClose={null}>
      <p>Your sign-in has ended. What you have typed stays, and goes on as soon as you are in.</p>
      {reason && <p class="muted">The server says: {reason}</p>}
      <Ways config={config} again />
      <p>
        <Button plain onClick={signOut}>
          Sign out instead
        </Button>
      </p>
    </Dialog>
  );
}

function Ways({ config, again }: { config: Config; again: boolean }) {
  return config.oidc ? (
    <WithProvider oidc={config.oidc} again={again} />
  ) : (
    <WithToken links={config.signIn === 'development'} />
  );
}

function WithProvider({ oidc, again }: { oidc: NonNullable<Config['oidc']>; again: boolean }) {
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  async function go() {
    setBusy(true);
    setFault(null);
    try {
      const { leave, signInBeside } = await import('./oidc.js');
      if (!again) return await leave(oidc, false);
      const { session: next, silently, wayOut } = await signInBeside(oidc);
      if (!signIn(next, silently, wayOut)) setFault(OTHER);
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }
  return (
    <div class="stack">
      {fault && <Notice kind="bad">{fault}</Notice>}
      <Button primary busy={busy} onClick={() => void go()}>
        Sign in with {new URL(oidc.issuer).hostname}
      </Button>
    </div>
  );
}

const OTHER =
  'This is somebody else than before. Sign out first, or sign in as the one who is working here.';

function WithToken({ links }: { links: boolean }) {
  const [token, setToken] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  function use(event: Event) {
    event.preventDefault();
    const next = sessionOf(token.trim());
    if (!next)
      setFault('This is no token: it must have three parts, and name a role and a subject.');
    else if (next.token === session.get()?.token) setFault('This token has just been refused.');
    else if (!signIn(next)) setFault(OTHER);
  }
  return (
    <form class="stack" onSubmit={use}>
      {links && (
        <p class="muted">
          <code>npm start</code> prints a link for each role. Open one of them, or paste its token.
        </p>
      )}
      <Field label="Token" error={fault}>
        {(props) => (
          <input
            {...props}
            type="password"
            autocomplete="off"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        )}
      </Field>
      <Button primary type="submit" disabled={token.trim() === ''}>
        Sign in
      </Button>
    </form>
  );
}
