import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { until } from '@cliptally/dev/servers';
import { freshUrl } from '../../services/earnings/src/testing/api-world.js';
import { chromiumIsHere, hurry, openBrowser, visit } from './testing/browser.js';
import { BUSY_S, buildPages, startConsoleWorld, type ConsoleWorld } from './testing/console-world.js'; // prettier-ignore

(chromiumIsHere() ? describe : describe.skip)('a network that fails [needs chromium]', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startConsoleWorld();
    browser = await openBrowser();
    await world.api.post('/campaigns', world.api.terms({ campaignId: 'spring', name: 'Spring' }));
  });
  afterEach(() => world.network('ok'));
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const go = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();
  const line = (page: Page, words: string) => page.getByRole('status').getByText(words);
  const open = (path = '/clips') => visit(browser, world, { path, as: ['creator', 'ann'] });

  it.each([
    ['down', 'The server does not answer.'],
    ['late', 'The server is slow to answer.'],
    ['failing', 'The server has a fault.'],
    ['busy', 'The server asks this page to wait a moment.'],
  ] as const)('%s: says so, keeps asking, and shows the screen once it can', async (network, words) => {
    const { page, picture, violations, close } = await open();
    await page.getByText('No clip yet').waitFor();
    world.network(network);
    await go(page, 'Campaigns');
    await hurry(page, line(page, words).waitFor());
    expect(await violations()).toEqual([]);
    if (network !== 'late') world.network('ok');
    await page.getByRole('heading', { name: 'Spring' }).waitFor();
    await line(page, words).waitFor({ state: 'detached' });
    await picture(`network-${network}-over`);
    await close();
  }); // prettier-ignore

  it('busy: asks again no sooner than the server wants', async () => {
    const { page, close } = await open();
    await page.getByText('No clip yet').waitFor();
    const before = world.refusedAt.length;
    world.network('busy');
    await go(page, 'Submit');
    await until('four refusals', () => world.refusedAt.length - before >= 4);
    world.network('ok');
    await page.getByLabel('Link of the clip').waitFor();
    // The screen's own requests and the first of each route come at once; all others wait.
    const gaps = world.refusedAt.slice(before + 1).map((at, nth) => at - world.refusedAt[before + nth]!); // prettier-ignore
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(BUSY_S * 1_000 - 50);
    await close();
  });

  it.each(['down', 'failing', 'unauthorized'] as const)(
    '%s while something is typed and sent: nothing typed is lost, and it is done once',
    async (network) => {
      const { page, close } = await open(`/submit?campaign=spring`);
      const url = freshUrl();
      await page.getByLabel('Link of the clip').fill(url);
      world.network(network);
      await page.getByRole('button', { name: 'Submit', exact: true }).click();
      if (network === 'unauthorized') {
        const again = page.getByRole('dialog', { name: 'Sign in again' });
        await again.waitFor();
        world.network('ok');
        await again.getByLabel('Token').fill(await world.token(['creator', 'ann']));
        await page.keyboard.press('Enter');
        await again.waitFor({ state: 'detached' });
      } else {
        await page.getByRole('alert').filter({ hasText: /\w/ }).first().waitFor();
        expect(await page.getByLabel('Link of the clip').inputValue()).toBe(url);
        world.network('ok');
        await page.getByRole('button', { name: 'Submit', exact: true }).click();
      }
      await page.getByText('It waits for its review').waitFor();
      const { items } = (await world.api.get('/clips?creatorId=ann')).body as { items: { url: string }[] }; // prettier-ignore
      expect(items.filter((clip) => clip.url === url)).toHaveLength(1);
      await close();
    },
  );

  it('offline: a line says so, a text stays, and what happened meanwhile appears once', async () => {
    const { page, violations, close } = await open('/submit?campaign=spring');
    await page.getByLabel('Link of the clip').fill('https://www.youtube.com/watch?v=half');
    await until('a change feed', () => world.resumedFrom.length > 0);
    // The feed has said something, so that it has a place to go on from.
    await world.api.post('/clips', { url: freshUrl(), campaignId: 'spring', creatorId: 'ann' });
    const before = world.said.length;
    await until('a change', () => world.said.length > before);
    await page.context().setOffline(true);
    await line(page, 'You are offline.').waitFor();
    expect(await violations()).toEqual([]);
    const { clipId } = (await world.api.post('/clips', { url: freshUrl(), campaignId: 'spring', creatorId: 'ann' })).body; // prettier-ignore
    const streams = world.resumedFrom.length;
    await page.context().setOffline(false);
    await line(page, 'You are offline.').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Link of the clip').inputValue()).toContain('watch?v=half');
    await until('the feed goes on', () => world.resumedFrom.length > streams);
    expect(world.resumedFrom.at(-1)).toMatch(/^\d+/);
    await go(page, 'My clips');
    await page.getByText(clipId.slice('youtube-'.length)).waitFor();
    expect(await page.getByText(clipId.slice('youtube-'.length)).count()).toBe(1);
    await close();
  });

  it('down: the change feed goes on where it was, without a gap and without a repetition', async () => {
    const { page, close } = await open();
    const submit = async () =>
      (await world.api.post('/clips', { url: freshUrl(), campaignId: 'spring', creatorId: 'ann' })).body.clipId as string; // prettier-ignore
    const before = world.said.length;
    await submit();
    await until('a change', () => world.said.length > before);
    const [last] = world.said.slice(-1);
    const streams = world.resumedFrom.length;
    world.network('down');
    const missed = await submit();
    await line(page, 'The server does not answer.').waitFor();
    world.network('ok');
    await until('the feed goes on', () => world.resumedFrom.length > streams);
    await page.getByText(missed.slice('youtube-'.length)).waitFor();
    const after = world.said.slice(world.said.indexOf(last!) + 1);
    await until('what was missed', () => world.said.at(-1) !== last);
    expect(after.every(({ position }) => position > last!.position)).toBe(true);
    expect(await page.getByText(missed.slice('youtube-'.length)).count()).toBe(1);
    await close();
  });
});
