import * as oauth from 'oauth4webapi';
import type { Config } from './config.js';
import { RETURN_PATH } from './paths.js';
import { sessionOf, type Session } from './session.js';

/**
 * Authorization code with PKCE as a public client. Tokens stay in memory; what has to outlive the
 * way to the provider (verifier, state, nonce: no token) waits in the tab's session storage.
 */
type Oidc = NonNullable<Config['oidc']>;
interface Flow {
  verifier: string;
  state: string;
  nonce: string;
  returnTo: string;
}
export interface SignedIn {
  session: Session;
  /** Gets the next token with the refresh token, if the provider gave one. */
  silently: () => Promise<Session | null>;
}

const STORED = 'cliptally.sign-in';
const CHANNEL = 'cliptally.sign-in';
const POPUP = 'popup.';
const redirectUri = () => location.origin + RETURN_PATH;

async function provider({ issuer, clientId }: Oidc) {
  const url = new URL(issuer);
  // The server refuses an issuer without https unless it is on its own machine.
  const options = { [oauth.allowInsecureRequests]: url.protocol === 'http:' };
  const response = await oauth.discoveryRequest(url, options);
  const server = await oauth.processDiscoveryResponse(url, response);
  return { server, options, client: { client_id: clientId } satisfies oauth.Client };
}

async function addressFor(oidc: Oidc, prefix: string, more: Record<string, string>) {
  const { server } = await provider(oidc);
  const flow: Flow = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: prefix + oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    returnTo: location.pathname + location.search,
  };
  const url = new URL(server.authorization_endpoint!);
  const parameters = {
    client_id: oidc.clientId,
    redirect_uri: redirectUri(),
    response_type: 'code',
    scope: oidc.scopes,
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
    ...(oidc.audience && { audience: oidc.audience }),
    ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url, flow };
}

/** Leaves for the provider. `silent`: it comes back at once, also if nobody is signed in there. */
export async function leave(oidc: Oidc, silent: boolean): Promise<void> {
  const { url, flow } = await addressFor(oidc, '', silent ? { prompt: 'none' } : {});
  sessionStorage.setItem(STORED, JSON.stringify(flow));
  location.assign(url);
}

/** What the provider sent back with, taken from the address. Null if nobody is signed in there. */
export async function comeBack(oidc: Oidc): Promise<SignedIn | null> {
  const stored = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  const answer = new URLSearchParams(location.search);
  const flow = stored ? (JSON.parse(stored) as Flow) : null;
  history.replaceState(null, '', flow?.returnTo ?? '/console/');
  if (!flow) return null;
  if (['login_required', 'interaction_required', 'consent_required'].includes(answer.get('error')!))
    return null;
  return exchange(oidc, flow, answer);
}

/** In the popup: hands the address to the page that opened it. True if this is such a popup. */
export function isPopup(): boolean {
  const { pathname, search } = location;
  if (pathname !== RETURN_PATH) return false;
  if (!new URLSearchParams(search).get('state')?.startsWith(POPUP)) return false;
  new BroadcastChannel(CHANNEL).postMessage(search);
  close();
  return true;
}

/** Signs in again beside the page, so that a form on it stays. Call it on a click. */
export async function signInBeside(oidc: Oidc): Promise<SignedIn> {
  const popup = open('about:blank', '_blank', 'popup,width=480,height=680');
  if (!popup) throw new Error('The browser blocked the window. Allow it for this page.');
  const { url, flow } = await addressFor(oidc, POPUP, {});
  const channel = new BroadcastChannel(CHANNEL);
  try {
    const search = await new Promise<string>((resolve) => {
      channel.addEventListener('message', ({ data }: MessageEvent<string>) => {
        if (new URLSearchParams(data).get('state') === flow.state) resolve(data);
      });
      popup.location.replace(url);
    });
    return await exchange(oidc, flow, new URLSearchParams(search));
  } finally {
    channel.close();
  }
}

async function exchange(oidc: Oidc, flow: Flow, answer: URLSearchParams): Promise<SignedIn> {
  const { server, client, options } = await provider(oidc);
  const parameters = oauth.validateAuthResponse(server, client, answer, flow.state);
  const auth = oauth.None();
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    auth,
    parameters,
    redirectUri(),
    flow.verifier,
    options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: flow.nonce,
    requireIdToken: true,
  });
  let refresh = tokens.refresh_token;
  return {
    session: readable(tokens.access_token),
    silently: async () => {
      if (!refresh) return null;
      const asked = await oauth.refreshTokenGrantRequest(server, client, auth, refresh, options);
      const next = await oauth.processRefreshTokenResponse(server, client, asked);
      refresh = next.refresh_token ?? refresh;
      return readable(next.access_token);
    },
  };
}

function readable(token: string): Session {
  const session = sessionOf(token);
  if (!session)
    throw new Error(
      'You are signed in, but the token names no role ("role": admin, brand or creator). Ask who runs this installation.',
    );
  return session;
}
