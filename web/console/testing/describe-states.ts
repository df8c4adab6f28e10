import type { Role } from '@cliptally/contracts/api';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { hurry, visit } from './browser.js';
import type { ConsoleWorld } from './console-world.js';
import type { Opened } from './describe-screens.js';
import { SCREENS, pathOf, sampled } from './screens.js';

/** They ask the API for nothing before somebody does something. */
const ASKS_NOTHING = ['admin people', 'admin more', 'brand launch'];
const line = (page: Page, words: string) => page.locator('.connection', { hasText: words });
/** Its own, and not that of a screen that has failed. */
const expectHeading = async (page: Page) => {
  const headings = await page.getByRole('heading', { level: 1 }).allTextContents();
  expect([headings.length, headings.join()]).toEqual([1, expect.not.stringContaining('fault')]);
};

/** Screens of a role, whatever the network does. */
export const describeStates = (as: [Role, string], opened: () => Opened): void =>
  describe('each screen, whatever the network does', () => {
    const [role] = as;
    const open = (path: string) => visit(opened().browser, opened().world, { as, path });
    const network: ConsoleWorld['network'] = (state) => opened().world.network(state);
    afterEach(() => network('ok'));
    /** As if somebody comes back to the page after a minute. */
    const readAgain = async (page: Page) => {
      await page.clock.setFixedTime(opened().world.api.clock.now().getTime() + 60_000);
      await page.evaluate("dispatchEvent(new Event('visibilitychange'))");
    };
    const { tried, left } = sampled(role);
    const names = tried.filter(([name]) => !ASKS_NOTHING.includes(`${role} ${name}`));
    (left.length === 0 ? describe : describe.skip)(
      `states of ${left.map(([name]) => name).join(', ')} [needs EVERY_SCREEN=yes]`,
      () => {
        it('are gone through', () => expect(tried).toEqual(Object.entries(SCREENS[role])));
      },
    );
    it.each(names)('%s: fails, waits for a sign-in, is shown, and stays while nothing answers', async (_, screen) => {
    const path = await pathOf(screen, opened().world);
    network('failing');
    const { page, close } = await open(path);
    await line(page, 'The server has a fault.').waitFor();
    await expectHeading(page);
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    network('unauthorized');
    await hurry(page, again.waitFor());
    network('ok');
    await again.getByLabel('Token').fill(await opened().world.token(as));
    await page.keyboard.press('Enter');
    await again.waitFor({ state: 'detached' });
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    await line(page, 'The server has a fault.').waitFor({ state: 'detached' });
    await expectHeading(page);
    const before = await page.locator('main').innerText();

    network('down');
    await readAgain(page);
    await line(page, 'what you see may be old').waitFor();
    await page.context().setOffline(true);
    await line(page, 'You are offline.').waitFor();
    expect(await page.locator('.loading').count()).toBe(0);
    expect((await page.locator('main').innerText()).slice(0, 40)).toBe(before.slice(0, 40));
    await close();
  }); // prettier-ignore

    it.each(names)('%s: says that it is loading, and that the server is slow or busy', async (_, screen) => {
    const path = await pathOf(screen, opened().world);
    network('slow');
    const { page, close } = await open(path);
    await page.locator('.loading').first().waitFor();
    await hurry(page, line(page, 'The server is slow to answer.').waitFor());
    await expectHeading(page);
    network('ok');
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    network('busy');
    await readAgain(page);
    await line(page, 'asks this page to wait a moment').waitFor();
    await close();
  }); // prettier-ignore

    it('a screen whose file does not arrive says so, and is there once it can be', async () => {
      const { page, close } = await open('/');
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      await page.route('**/console/assets/*.js', (route) => route.abort());
      const links = page.getByRole('navigation').getByRole('link');
      await links.nth(1).click();
      await page.getByRole('heading', { level: 1, name: 'could not be loaded' }).waitFor();
      await page.unroute('**/console/assets/*.js');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { level: 1, name: 'could not' }).waitFor({ state: 'detached' }); // prettier-ignore
      await expectHeading(page);
      await close();
    });

    it('a screen that fails leaves the others, and is there once it can be', async () => {
      const { page, close } = await open('/nowhere');
      await page.getByRole('heading', { level: 1, name: 'There is no such screen' }).waitFor();
      const odd = (route: Route) => route.fulfill({ json: { items: [null], next: null } });
      await page.route(/\/(clips|campaigns|payouts)\?/, odd);
      const links = page.getByRole('navigation').getByRole('link');
      await links.first().click();
      await page.getByRole('heading', { level: 1, name: 'This screen has a fault' }).waitFor();
      await page.unroute(/\/(clips|campaigns|payouts)\?/, odd);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { level: 1, name: 'fault' }).waitFor({ state: 'detached' });
      await page.getByRole('heading', { level: 1, name: (await links.first().textContent())! }).waitFor(); // prettier-ignore
      await close();
    });
  });
