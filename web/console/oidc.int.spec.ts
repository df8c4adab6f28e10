import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumIsHere, openBrowser } from './testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from './testing/console-world.js';
import { AUDIENCE, CLIENT_ID, startProvider, type Quirks } from './testing/provider.js';

type Provider = Awaited<ReturnType<typeof startProvider>>;

(chromiumIsHere() ? describe : describe.skip)(
  'signing in with an identity provider [needs chromium]',
  () => {
    let provider: Provider;
    let world: ConsoleWorld;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    beforeAll(async () => {
      buildPages();
      provider = await startProvider({ subject: 'ann', role: 'creator' });
      const { issuer, jwksUrl } = provider;
      world = await startConsoleWorld({
        keys: { jwksUrl, issuer, audience: AUDIENCE },
        consoleOidc: { issuer, clientId: CLIENT_ID, scopes: 'openid', audience: null, origins: [] },
      });
      browser = await openBrowser();
    });
    afterAll(async () => {
      await browser?.close();
      await world?.close();
      provider?.close();
    });
    beforeEach(async () => {
      await context?.close();
      Object.assign(provider.state, { signedIn: false, refreshes: true, exchanges: 0, quirks: {} });
      context = await browser.newContext();
      context.setDefaultTimeout(60_000);
      page = await context.newPage();
    });

    const signInAt = async (path: string) => {
      await page.goto(`${world.url}/console${path}`);
      await page.getByRole('button', { name: 'Sign in with 127.0.0.1' }).click();
      await page.getByRole('link', { name: 'Sign in as ann' }).click();
      await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    };
    const kept = () =>
      page.evaluate<string>(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
      );

    it('comes back to where one was, keeps nothing, and needs no click after a reload', async () => {
      await signInAt('/money?from=mail');
      expect(page.url()).toBe(`${world.url}/console/money?from=mail`);
      await page.getByText('Nothing earned yet').waitFor();
      expect(await kept()).toBe('[{},{},""]');
      await page.reload();
      await page.getByText('Nothing earned yet').waitFor();
      expect(page.url()).toBe(`${world.url}/console/money?from=mail`);
      expect(provider.state.exchanges).toBe(2);
      expect(provider.state.faults).toEqual([]);
    });

    it('a refused token is replaced with the refresh token, and nobody notices', async () => {
      await signInAt('/money');
      await page.getByText('Nothing earned yet').waitFor();
      world.refuseTokensUntilNow();
      await page.getByRole('link', { name: 'Campaigns' }).click();
      await page.getByText('No campaign takes clips just now').waitFor();
      expect(provider.state.exchanges).toBe(2);
      expect(await page.getByRole('dialog').count()).toBe(0);
    });

    it('without one, a window beside the page signs in again, and a form goes on', async () => {
      provider.state.refreshes = false;
      await signInAt('/money');
      await page.getByRole('button', { name: 'Add an account' }).click();
      await page.getByLabel('Account', { exact: true }).fill('DE89 3704 0044');
      world.refuseTokensUntilNow();
      provider.state.signedIn = false;
      await page.getByRole('button', { name: 'Save' }).click();
      const again = page.getByRole('dialog', { name: 'Sign in again' });
      await again.waitFor();
      const opened = context.waitForEvent('page');
      await again.getByRole('button', { name: 'Sign in with 127.0.0.1' }).click();
      const popup = await opened;
      await popup.getByRole('link', { name: 'Sign in as ann' }).click();
      await page.getByText('DE89 3704 0044').waitFor();
      await again.waitFor({ state: 'detached' });
      if (!popup.isClosed()) await popup.waitForEvent('close');
      expect(await kept()).toBe('[{},{},""]');
    });

    it('a token that the API takes from nobody is not asked for again and again', async () => {
      await signInAt('/money');
      await page.getByText('Nothing earned yet').waitFor();
      world.network('unauthorized');
      await page.getByRole('link', { name: 'Campaigns' }).click();
      const again = page.getByRole('dialog', { name: 'Sign in again' });
      await again.getByText('The token has expired; get a new one.').waitFor();
      expect(provider.state.exchanges).toBe(2);
      world.network('ok');
    });

    it('an answer that it did not ask for is not exchanged', async () => {
      for (const search of ['code=stolen&state=forged', 'code=stolen', 'error=access_denied']) {
        await page.goto(`${world.url}/console/signed-in?${search}`);
        await page.getByRole('heading', { name: 'Sign in to Cliptally' }).waitFor();
        expect(page.url()).toBe(`${world.url}/console/`);
      }
      expect(provider.state.exchanges).toBe(0);
    });

    describe('that is not like the others', () => {
      const refused = async (quirks: Quirks, sentence: string | RegExp) => {
        provider.state.quirks = quirks;
        await page.goto(`${world.url}/console/money`);
        const start = page.getByRole('button', { name: 'Sign in with 127.0.0.1' });
        await start.click();
        const there = page.getByRole('link', { name: 'Sign in as ann' });
        await there.click();
        await page.getByRole('alert').filter({ hasText: sentence }).waitFor();
        await start.waitFor();
      };

      it('names its issuer with a slash at the end', async () => {
        provider.state.quirks = { slash: true };
        await signInAt('/money');
        await page.getByText('Nothing earned yet').waitFor();
      });

      it('has a clock that is a minute ahead', async () => {
        provider.state.quirks = { aheadS: 60 };
        await signInAt('/money');
        await page.getByText('Nothing earned yet').waitFor();
      });

      it('gives tokens that only it can read: the page says so', () =>
        refused({ opaque: true }, 'The token is no JWT'));

      it('wants a secret: the page says so', () =>
        refused({ wantsSecret: true }, 'wants a client secret, which a page cannot keep'));

      it('lets no page ask it for tokens: the page says so', () =>
        refused({ noCors: true }, 'The browser cannot ask http://127.0.0.1'));

      it('names another issuer: the page says so', async () => {
        provider.state.quirks = { otherIssuer: true };
        await page.goto(`${world.url}/console/money`);
        await page.getByText('another issuer than CONSOLE_OIDC_ISSUER').waitFor();
      });

      it('signs out there too, if it can', async () => {
        provider.state.quirks = { signsOut: true };
        await signInAt('/money');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('heading', { name: 'Sign in to Cliptally' }).waitFor();
        expect(page.url()).toBe(`${world.url}/console/`);
        expect(provider.state.signedIn).toBe(false);
        expect(provider.state.faults).toEqual([]);
      });

      it('without a way out, it signs out here, and says that one is not there', async () => {
        await signInAt('/money');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByText('You may still be signed in at 127.0.0.1').waitFor();
        expect(provider.state.signedIn).toBe(true);
      });
    });

    it('takes no token from a link', async () => {
      await page.goto(`${world.url}/console/money#token=e30.e30.e30`);
      await page.getByRole('heading', { name: 'Sign in to Cliptally' }).waitFor();
      expect(page.url()).not.toContain('token');
    });
  },
);
