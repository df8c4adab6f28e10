import { listen } from '@cliptally/telemetry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import type { Browser, Page } from 'playwright-core';
import { chromiumIsHere, openBrowser } from './testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from './testing/console-world.js';

const AUDIENCE = 'urn:cliptally';

/** `oidc-provider` of npm is certified: what it refuses, others refuse as well. */
async function providerFor(issuer: string, console_: string): Promise<Provider> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  return new Provider(issuer, {
    clients: [
      {
        client_id: 'console',
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: 'ES256',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${console_}/console/signed-in`],
        post_logout_redirect_uris: [`${console_}/console/signed-out`],
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: ['a key of the tests'] },
    clientBasedCORS: () => true,
    features: {
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    // As Keycloak names them.
    extraTokenClaims: () => ({ realm_access: { roles: ['offline_access', 'creator'] } }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
}

(chromiumIsHere() ? describe : describe.skip)(
  'signing in with a certified provider [needs chromium]',
  () => {
    let server: Server;
    let world: ConsoleWorld;
    let browser: Browser;
    let page: Page;
    const refreshed: string[] = [];
    beforeAll(async () => {
      buildPages();
      server = createServer();
      await listen(server, 0, '127.0.0.1');
      const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      world = await startConsoleWorld({
        keys: {
          jwksUrl: `${issuer}/jwks`,
          issuer,
          audience: AUDIENCE,
          claims: { role: 'realm_access.roles', subject: 'sub' },
        },
        consoleOidc: { issuer, clientId: 'console', scopes: 'openid', audience: null, origins: [] },
      });
      const provider = await providerFor(issuer, world.url);
      const answer = provider.callback();
      server.on('request', (request, response) => void answer(request, response));
      provider.on('refresh_token.consumed', ({ jti }) => void refreshed.push(jti));
      browser = await openBrowser();
      const context = await browser.newContext();
      context.setDefaultTimeout(60_000);
      page = await context.newPage();
    });
    afterAll(async () => {
      await browser?.close();
      await world?.close();
      server?.close();
      server?.closeAllConnections();
    });

    it('gives a role that is two names deep, and a token for the API', async () => {
      await page.goto(`${world.url}/console/money`);
      await page.getByRole('button', { name: 'Sign in with 127.0.0.1' }).click();
      await page.locator('[name=login]').fill('ann');
      await page.locator('[name=password]').fill('any');
      await page.locator('[type=submit]').click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Nothing earned yet').waitFor();
      expect(page.url()).toBe(`${world.url}/console/money`);
    });

    it('rotates the refresh token, twice', async () => {
      for (const [link, words] of [
        ['Campaigns', 'No campaign takes clips just now'],
        ['My clips', 'No clip yet'],
      ] as const) {
        world.refuseTokensUntilNow();
        await page.getByRole('link', { name: link }).click();
        await page.getByText(words).waitFor();
      }
      expect(new Set(refreshed).size).toBe(2);
      expect(await page.getByRole('dialog').count()).toBe(0);
    });

    it('needs no click after a reload', async () => {
      await page.reload();
      await page.getByText('No clip yet').waitFor();
    });

    it('signs out there, and comes back', async () => {
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Yes, sign me out' }).click();
      await page.getByText('You are signed out here.').waitFor();
      await page.getByRole('button', { name: 'Sign in with 127.0.0.1' }).click();
      await page.locator('[name=login]').waitFor();
    });
  },
);
