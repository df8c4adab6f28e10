import { QueryClientProvider } from '@tanstack/preact-query';
import type { Role } from '@cliptally/contracts/api';
import { render } from 'preact';
import { LocationProvider } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../ui/controls.js';
import { Blank, Loading } from '../ui/states.js';
import { readAddresses, readConfig, type Config } from './app/config.js';
import { client } from './app/data.js';
import { followChanges } from './app/live.js';
import { RETURN_PATH, SIGNED_OUT_PATH } from './app/paths.js';
import { Routes } from './app/screens.js';
import { followScrolling } from './app/scroll.js';
import type { Screen } from './app/screen.js';
import { renewing, session, sessionOf, signIn, type Session } from './app/session.js';
import { Shell } from './app/shell.js';
import { SignInAgain, SignInPage, type SignedOut } from './app/sign-in.js';
import { useStore } from '../ui/store.js';
import { why } from './why/index.js';

/** Each role's screens are a file of their own, which the others never load. */
const ROLES: Record<Role, () => Promise<{ screens: readonly Screen[] }>> = {
  creator: () => import('./creator/index.js'),
  brand: () => import('./brand/index.js'),
  admin: () => import('./admin/index.js'),
};

interface AppProps {
  config: Config;
  fault: string | null;
  signedOut: SignedOut;
}

function App({ config, fault, signedOut }: AppProps) {
  const who = useStore(session);
  const again = useStore(renewing);
  if (!who) return <SignInPage config={config} fault={fault} signedOut={signedOut} />;
  return (
    <>
      <Screens session={who} />
      {again !== null && <SignInAgain config={config} reason={again} />}
    </>
  );
}

function Screens({ session: who }: { session: Session }) {
  useEffect(() => void followChanges(client), []);
  const [screens, setScreens] = useState<readonly Screen[] | null>(null);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    Promise.all([ROLES[who.role](), readAddresses(who)]).then(
      ([{ screens: own }, here]) =>
        setScreens([...own.filter(({ only }) => !only || here[only] !== null), ...why]),
      () => setMissing(true),
    );
  }, [who.role]);
  if (missing) return <Unreached />;
  return (
    <LocationProvider scope="/console">
      <Shell session={who} screens={screens ?? []}>
        {screens ? <Routes screens={screens} /> : <Loading />}
      </Shell>
    </LocationProvider>
  );
}

const Unreached = () => (
  <Blank title="Cliptally cannot be reached">
    <Button primary onClick={() => location.reload()}>
      Try again
    </Button>
  </Blank>
);

/** What this page was opened with: a sign-in link, the way back from the provider, or nothing. */
async function start(): Promise<void> {
  const root = document.getElementById('app')!;
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  // Before anything else: a token does not stay in the address, nor in the history.
  if (token !== null) history.replaceState(null, '', location.pathname + location.search);
  let config: Config;
  try {
    config = await readConfig();
  } catch {
    render(<Unreached />, root);
    return;
  }
  let fault: string | null = null;
  // Nobody is signed in again at once, and the next one begins at the first screen.
  const here = location.hash === '#here';
  const signedOut = location.pathname === SIGNED_OUT_PATH ? (here ? 'here' : 'everywhere') : null;
  if (signedOut) history.replaceState(null, '', '/console/');
  try {
    if (config.oidc) {
      const oidc = await import('./app/oidc.js');
      if (oidc.isPopup()) return;
      if (location.pathname === RETURN_PATH) {
        const back = await oidc.comeBack(config.oidc);
        if (back) signIn(back.session, back.silently, back.wayOut);
      } else if (!signedOut) return await oidc.leave(config.oidc, true);
    } else if (token !== null && config.signIn === 'development') {
      const given = sessionOf(token);
      if (given) signIn(given);
      else fault = 'The link has no token that can be read. Copy the whole link.';
    }
  } catch (error) {
    fault = `Signing in has failed: ${(error as Error).message}`;
  }
  render(
    <QueryClientProvider client={client}>
      <App config={config} fault={fault} signedOut={signedOut} />
    </QueryClientProvider>,
    root,
  );
}

followScrolling();
void start();
