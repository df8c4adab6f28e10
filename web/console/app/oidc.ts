import * as oauth from 'oauth4webapi';
import { detailOf } from './api.js';
import type { Config } from './config.js';
import { RETURN_PATH, SIGNED_OUT_PATH } from './paths.js';
import { sentenceOf, toldBy } from './oidc-faults.js';
import type { Session } from './session.js';

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
  /** Where one signs out at the provider; null if it has no such address. */
  wayOut: string | null;
}

const STORED = 'cliptally.sign-in';
const CHANNEL = 'cliptally.sign-in';
const POPUP = 'popup.';
const redirectUri = () => location.origin + RETURN_PATH;

/** Clocks of providers and people differ by more than the half minute of the library. */
const TOLERANCE_S = 120;

async function provider(oidc: Oidc) {
  try {
    return await discovered(oidc);
  } catch (error) {
    throw new Error(sentenceOf(error), { cause: error });
  }
}

async function discovered({ issuer, clientId }: Oidc) {
  const url = new URL(issuer);
  // The server refuses an issuer without https unless it is on its own machine.
  const options = { [oauth.allowInsecureRequests]: url.protocol === 'http:' };
  const response = await toldBy(url, () => oauth.discoveryRequest(url, options));
  // Auth0 ends its issuer with a slash, others do not: its own spelling counts from here on.
  const said = (await response.clone().json().catch(() => ({}))) as { issuer?: unknown }; // prettier-ignore
  const same = typeof said.issuer === 'string' && plain(said.issuer) === plain(issuer);
  const server = await oauth.processDiscoveryResponse(
    same ? new URL(said.issuer as string) : url,
    response,
  );
  const client = { client_id: clientId, [oauth.clockTolerance]: TOLERANCE_S } satisfies oauth.Client; // prettier-ignore
  return { server, options, client };
}

const plain = (issuer: string) => issuer.replace(/\/$/, '');

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
  if (NOBODY.includes(answer.get('error') ?? '')) return null;
  return exchange(oidc, flow, answer);
}

/** What providers answer to `prompt=none` while nobody is signed in, or has to choose something. */
const NOBODY = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
];

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
  try {
    return await exchanged(oidc, flow, answer);
  } catch (error) {
    throw new Error(sentenceOf(error), { cause: error });
  }
}

async function exchanged(oidc: Oidc, flow: Flow, answer: URLSearchParams): Promise<SignedIn> {
  const { server, client, options } = await provider(oidc);
  const parameters = oauth.validateAuthResponse(server, client, answer, flow.state);
  const auth = oauth.None();
  const response = await toldBy(server.token_endpoint, () =>
    oauth.authorizationCodeGrantRequest(
      server,
      client,
      auth,
      parameters,
      redirectUri(),
      flow.verifier,
      options,
    ),
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: flow.nonce,
    requireIdToken: true,
  });
  let refresh = tokens.refresh_token;
  return {
    session: await whoHas(tokens.access_token),
    silently: async () => {
      if (!refresh) return null;
      const asked = await oauth.refreshTokenGrantRequest(server, client, auth, refresh, options);
      const next = await oauth.processRefreshTokenResponse(server, client, asked);
      // With rotation the old one is good for nothing any more.
      refresh = next.refresh_token ?? refresh;
      return whoHas(next.access_token);
    },
    wayOut: wayOutOf(server, oidc, tokens.id_token!),
  };
}

/** RP-initiated logout, if the provider offers it. */
function wayOutOf(
  { end_session_endpoint: endpoint }: oauth.AuthorizationServer,
  { clientId }: Oidc,
  idToken: string,
): string | null {
  if (!endpoint) return null;
  const url = new URL(endpoint);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('id_token_hint', idToken);
  url.searchParams.set('post_logout_redirect_uri', location.origin + SIGNED_OUT_PATH);
  return url.href;
}

/**
 * Whom the API takes the token for: a page cannot read the token of every provider, and where it
 * names the role is the API's setting. Throws its sentence if it does not take it.
 */
async function whoHas(token: string): Promise<Session> {
  const response = await fetch('/me', {
    credentials: 'omit',
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok)
    throw new Error(
      `You are signed in at the provider, but the server does not take its token. ${await detailOf(response)} Tell who runs this installation.`,
    );
  return { token, ...((await response.json()) as Omit<Session, 'token'>) };
}
