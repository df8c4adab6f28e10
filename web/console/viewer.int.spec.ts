import { ManualClock } from '@cliptally/contracts';
import type { Role } from '@cliptally/contracts/api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { freshUrl } from '../../services/earnings/src/testing/api-world.js';
import { chromiumIsHere, openBrowser, tooWide, visit } from './testing/browser.js'; // prettier-ignore
import { buildPages, startConsoleWorld, type ConsoleWorld } from './testing/console-world.js';
import { lost } from './testing/everybody.js';

const ACME = ['brand', 'acme'] as [Role, string];
const ANN = ['creator', 'ann'] as [Role, string];
const LONG = '🎬 حملة الربيع للمبدعين في كل مكان — Spring drop for everybody who likes Donaudampfschifffahrtsgesellschaftskapitaene and other words'; // prettier-ignore

(chromiumIsHere() ? describe : describe.skip)('who looks at the console [needs chromium]', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startConsoleWorld({ clock: new ManualClock('2026-03-28T20:00:00Z') });
    browser = await openBrowser();
    const { post, terms } = world.api;
    for (const currency of ['JPY', 'KRW', 'KWD'])
      await post('/campaigns', terms({ campaignId: currency.toLowerCase(), brandId: 'acme', name: currency, currency, budget: 1_234_567 })); // prettier-ignore
    await post('/campaigns', terms({ campaignId: 'long', brandId: 'acme', name: LONG }));
    const { clipId } = (await post('/clips', { url: freshUrl(), campaignId: 'kwd', creatorId: 'ann' })).body; // prettier-ignore
    await post(`/clips/${clipId}/approve`);
    await world.api.see(clipId, 12_345);
    for (let nth = 0; nth < 60; nth++)
      await post('/clips', { url: freshUrl(), campaignId: 'long', creatorId: 'ann' });
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  const open = (as: [Role, string], path: string, timezoneId = 'Europe/Berlin') =>
    visit(browser, world, { as, path, timezoneId });

  // In the night to 29 March clocks in Berlin go from 2 to 3; those of New York went on 8 March.
  it.each([
    ['Europe/Berlin', '2026-03-29T01:30', '2026-03-29T00:30:00.000Z', '29 Mar'],
    ['Europe/Berlin', '2026-03-29T03:30', '2026-03-29T01:30:00.000Z', '29 Mar'],
    ['Europe/Berlin', '2026-10-25T12:00', '2026-10-25T11:00:00.000Z', '25 Oct'],
    ['America/New_York', '2026-03-28T23:30', '2026-03-29T03:30:00.000Z', '28 Mar'],
    ['America/New_York', '2026-11-01T12:00', '2026-11-01T17:00:00.000Z', '1 Nov'],
  ])('in %s a campaign that starts at %s starts then', async (zone, typed, instant, day) => {
    const { page, close } = await open(ACME, '/campaigns/new', zone);
    const name = `Starts ${typed} ${zone}`;
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Budget').fill('500');
    await page.getByLabel('For a thousand views').fill('2');
    await page.getByLabel('Starts').fill(typed);
    await page.getByRole('button', { name: 'Launch it' }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    const { items } = (await world.api.get('/campaigns?limit=200')).body;
    expect(items.find((one: { name: string }) => one.name === name)).toMatchObject({ startsAt: instant }); // prettier-ignore
    await page.getByRole('button', { name: 'Terms' }).click();
    expect(await page.locator('main').innerText()).toContain(day);
    await close();
  });

  it('an instant has the hour of the viewer, and UTC in its title', async () => {
    const hours = new Map<string, string>();
    for (const zone of ['Europe/Berlin', 'America/New_York']) {
      const { page, close } = await open(ACME, '/review', zone);
      const since = page.locator('.queue-list time').last();
      hours.set(zone, (await since.textContent())!);
      expect(await since.getAttribute('title')).toMatch(/20:00:00 UTC\)/);
      await close();
    }
    expect([...hours.values()]).toEqual(['28 Mar, 21:00', '28 Mar, 16:00']);
  });

  it.each([
    ['jpy', 'JP¥1,234,567'],
    ['krw', '₩1,234,567'],
    ['kwd', 'KWD 1,234.567'],
  ])('an amount in %s has the digits of its currency', async (campaignId, amount) => {
    const { page, close } = await open(ACME, `/campaigns/${campaignId}`);
    await page
      .getByText(`of ${amount.replace(' ', '\u00a0')}`)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Top up' }).click();
    await page.getByLabel('Amount in').fill('1.2345');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('alert').filter({ hasText: /\w/ }).first().waitFor();
    await close();
  });

  it('long names, of any writing, are whole on a narrow screen', async () => {
    for (const [as, path] of [[ACME, '/campaigns'], [ACME, '/campaigns/long'], [ACME, '/review?campaign=long'], [ANN, '/clips'], [ANN, '/campaigns'], [ANN, '/submit']] as const) {
      const { page, close } = await open([...as], path);
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      await page.setViewportSize({ width: 320, height: 640 });
      expect([path, await tooWide(page), ...(await lost(page))]).toEqual([path, false]);
      await close();
    } // prettier-ignore
  });

  it('ten thousand clips come page by page, and the keyboard keeps its place', async () => {
    const { page, close } = await open(ANN, '/money');
    const [clip] = (await world.api.get('/clips?creatorId=ann&limit=1')).body.items;
    await page.route(/\/clips\?/, async (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
      const items = Array.from({ length: 50 }, (_, nth) => ({ ...clip, clipId: `youtube-n${from + nth}` })); // prettier-ignore
      await route.fulfill({ json: { items, next: from + 50 < 10_000 ? String(from + 50) : null } });
    });
    await page.getByRole('link', { name: 'My clips' }).click();
    await page.getByText('n49', { exact: true }).waitFor();
    expect(await page.getByRole('row').count()).toBe(51);
    const more = page.getByRole('button', { name: 'Show more' });
    await more.focus();
    for (const [nth, last] of ['n99', 'n149', 'n199'].entries()) {
      await page.keyboard.press('Enter');
      await page.getByText(last, { exact: true }).waitFor();
      expect(await page.getByRole('row').count()).toBe(51 + 50 * (nth + 1));
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Show more');
    }
    await close();
  });

  const atTop = (page: Page) => page.evaluate<number>('scrollY');
  it('the way back leads to where one was, an address to its screen', async () => {
    const { page, close } = await open(ANN, '/clips');
    await page.getByRole('button', { name: 'Show more' }).scrollIntoViewIfNeeded();
    const link = page.getByRole('row').nth(40).getByRole('link').first();
    await link.scrollIntoViewIfNeeded();
    const before = await atTop(page);
    expect(before).toBeGreaterThan(500);
    await link.click();
    await page.getByRole('heading', { level: 1, name: /YouTube/ }).waitFor();
    expect(await atTop(page)).toBe(0);
    const clip = page.url();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'My clips' }).waitFor();
    expect(Math.abs((await atTop(page)) - before)).toBeLessThan(100);
    await page.goForward();
    await page.waitForURL(clip);
    await page.reload();
    await page.getByLabel('Token').fill(await world.token(ANN));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /YouTube/ }).waitFor();
    expect(page.url()).toBe(clip);
    await close();
  });

  it('who signs out in one tab is signed out in the others, and nobody else is', async () => {
    const first = await open(ANN, '/clips');
    const tab = async (as: [Role, string]) => {
      const page = await first.page.context().newPage();
      await page.goto(`${world.url}/console/#token=${await world.token(as)}`);
      await page.getByRole('navigation', { name: 'Screens' }).waitFor();
      return page;
    };
    const [same, other] = [await tab(ANN), await tab(ACME)];
    await first.page.getByRole('button', { name: 'Sign out' }).click();
    await first.page.getByText('You are signed out here.').waitFor();
    await same.getByText('You are signed out here.').waitFor();
    expect(await other.getByRole('navigation', { name: 'Screens' }).count()).toBe(1);
    await first.close();
  });
});
