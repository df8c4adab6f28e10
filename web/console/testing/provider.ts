import { listen } from '@cliptally/telemetry';
import type { Role } from '@cliptally/contracts/api';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT_ID = 'console';
export const AUDIENCE = 'cliptally';

/** What providers do that others do not. */
export interface Quirks {
  /** Its documents and tokens name the issuer with a slash at the end (Auth0). */
  slash?: boolean;
  /** Access tokens that only the provider can read (Google, Auth0 without an audience). */
  opaque?: boolean;
  /** No token without a secret, also for a page in a browser (Google). */
  wantsSecret?: boolean;
  /** The documents name another issuer than one has asked (Entra ID, "common"). */
  otherIssuer?: boolean;
  /** Seconds that its clock is ahead. */
  aheadS?: number;
  /** One can sign out there (not at Google). */
  signsOut?: boolean;
  /** It lets no page ask its token endpoint (a redirect address of another type at Entra ID). */
  noCors?: boolean;
}

interface Granted {
  challenge: string;
  nonce: string;
  redirectUri: string;
}

/** An OpenID Connect provider on this machine: authorization code with PKCE, one person. */
export async function startProvider(person: { subject: string; role: Role }) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const codes = new Map<string, Granted>();
  const refreshTokens = new Set<string>();
  const state = {
    signedIn: false,
    refreshes: true,
    exchanges: 0,
    faults: [] as string[],
    quirks: {} as Quirks,
  };
  const ownIssuer = () => {
    if (state.quirks.otherIssuer) return `${issuer}/another`;
    return state.quirks.slash ? `${issuer}/` : issuer;
  };
  const present = () => Math.floor(Date.now() / 1_000) + (state.quirks.aheadS ?? 0);
  let issuer = '';

  const sign = (claims: object, audience: string) =>
    new SignJWT({ ...claims, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setSubject(person.subject)
      .setIssuer(ownIssuer())
      .setAudience(audience)
      .setIssuedAt(present())
      .setExpirationTime('3650d')
      .sign(privateKey);

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    if (query.get('client_id') !== CLIENT_ID || query.get('code_challenge_method') !== 'S256')
      state.faults.push('the request names another client, or has no PKCE');
    if (state.signedIn) return back(query, { code: codeFor(query) }, response);
    if (query.get('prompt') === 'none') return back(query, { error: 'login_required' }, response);
    response.setHeader('content-type', 'text/html').end(
      `<!doctype html><title>Provider</title><h1>Provider</h1><a href="/sign-in?${query}">Sign in as ${person.subject}</a>`,
    ); // prettier-ignore
  }

  function codeFor(query: URLSearchParams): string {
    const code = randomUUID();
    codes.set(code, {
      challenge: query.get('code_challenge')!,
      nonce: query.get('nonce')!,
      redirectUri: query.get('redirect_uri')!,
    });
    return code;
  }

  function back(
    query: URLSearchParams,
    answer: Record<string, string>,
    response: ServerResponse,
  ): void {
    const url = new URL(query.get('redirect_uri')!);
    for (const [name, value] of Object.entries({ ...answer, state: query.get('state')! }))
      url.searchParams.set(name, value);
    response.writeHead(302, { location: url.href }).end();
  }

  async function token(form: URLSearchParams): Promise<[status: number, body: object]> {
    state.exchanges++;
    if (state.quirks.wantsSecret)
      return [400, { error: 'invalid_request', error_description: 'client_secret is missing.' }];
    let nonce: string | undefined;
    if (form.get('grant_type') === 'refresh_token') {
      if (!refreshTokens.delete(form.get('refresh_token')!)) return [400, { error: 'invalid_grant' }]; // prettier-ignore
    } else {
      const code = form.get('code')!;
      const granted = codes.get(code);
      codes.delete(code);
      const verified = createHash('sha256').update(form.get('code_verifier')!).digest('base64url');
      if (granted?.challenge !== verified || granted.redirectUri !== form.get('redirect_uri'))
        return [400, { error: 'invalid_grant' }];
      nonce = granted.nonce;
    }
    const refresh = randomUUID();
    if (state.refreshes) refreshTokens.add(refresh);
    return [
      200,
      {
        token_type: 'Bearer',
        expires_in: 300,
        access_token: state.quirks.opaque
          ? `ya29.${randomUUID()}`
          : await sign({ role: person.role }, AUDIENCE),
        id_token: await sign({ nonce }, CLIENT_ID),
        ...(state.refreshes && { refresh_token: refresh }),
      },
    ];
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, issuer);
    if (pathname !== '/token' || !state.quirks.noCors)
      response.setHeader('access-control-allow-origin', '*');
    const json = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/jwks') return void json({ keys: [jwk] });
    if (pathname === '/authorize') return authorize(searchParams, response);
    if (pathname === '/sign-in') {
      state.signedIn = true;
      return back(searchParams, { code: codeFor(searchParams) }, response);
    }
    if (pathname === '/sign-out') {
      state.signedIn = false;
      const to = searchParams.get('post_logout_redirect_uri')!;
      if (!searchParams.get('id_token_hint')) state.faults.push('signing out names no id token');
      return void response.writeHead(302, { location: to }).end();
    }
    if (pathname === '/token') {
      let body = '';
      for await (const part of request) body += String(part);
      const [status, content] = await token(new URLSearchParams(body));
      return void json(content, status);
    }
    json({
      issuer: ownIssuer(),
      ...(state.quirks.signsOut && { end_session_endpoint: `${issuer}/sign-out` }),
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      state.faults.push(String(error));
      response.destroy();
    });
  });
  await listen(server, 0, '127.0.0.1');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    state,
    close(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}
