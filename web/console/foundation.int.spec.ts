import * as answers from '@cliptally/contracts/api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { z } from 'zod';
import { freshUrl } from '../../services/earnings/src/testing/api-world.js';
import { ROUTES } from './app/routes.js';
import {
  chromiumIsHere,
  hurry,
  openBrowser,
  tooWide,
  visit,
  type Variant,
  VARIANTS,
} from './testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from './testing/console-world.js';

let world: ConsoleWorld;
beforeAll(async () => {
  buildPages();
  world = await startConsoleWorld();
});
afterAll(() => world.close());

it('asks only for routes that the API has, and expects what they answer', async () => {
  const { body } = await world.api.get('/openapi.json', { as: null });
  const schemas = new Map<string, unknown>(Object.entries(answers));
  for (const [route, name] of Object.entries(ROUTES)) {
    const [method, path] = route.split(' ') as [string, string];
    const responses = body.paths[path]?.[method.toLowerCase()]?.responses ?? {};
    const answered = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1] as
      { content: { 'application/json': { schema: { $ref: string } } } } | undefined;
    const { id: expected } = (schemas.get(`${name}Answer`) as z.ZodType).meta() ?? {};
    expect([route, answered?.content['application/json'].schema.$ref]).toEqual([
      route,
      `#/components/schemas/${expected}`,
    ]);
  }
});

/** The page reads anew if one comes back to it. */
const readAgain = (page: Page) => page.evaluate("dispatchEvent(new Event('visibilitychange'))");

(chromiumIsHere() ? describe : describe.skip)('the console in Chromium [needs chromium]', () => {
  let browser: Browser;
  beforeAll(async () => {
    const { api } = world;
    const { campaignId } = (await api.post('/campaigns', api.terms({ campaignId: 'spring' }))).body;
    const { clipId } = (await api.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' }))
      .body;
    await api.post(`/clips/${clipId}/approve`);
    await api.see(clipId, 20_000);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it.each(Object.keys(VARIANTS) as Variant[])('is whole and accessible, %s', async (variant) => {
    const { page, faults, picture, violations, close } = await visit(browser, world, {
      variant,
    });
    await page.getByRole('table').waitFor();
    await picture('foundation');
    expect(await violations()).toEqual([]);
    expect(await tooWide(page)).toBe(false);
    expect(faults).toEqual([]);
    await close();
  });

  it('takes the token out of the address and keeps it nowhere', async () => {
    const { page, close } = await visit(browser, world, {});
    expect(page.url()).toBe(`${world.url}/console/`);
    const kept = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])',
    );
    expect(kept).toBe('[{},{},"",null]');
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Cliptally' }).waitFor();
    await close();
  });

  it('signs in with a pasted token, and says what is wrong with one that is none', async () => {
    const { page, violations, picture, close } = await visit(browser, world, { as: null });
    await page.getByLabel('Token').fill('nonsense');
    await page.keyboard.press('Enter');
    await page.getByText('This is no token').waitFor();
    expect(await violations()).toEqual([]);
    await picture('sign-in');
    await page.getByLabel('Token').fill(await world.api.tokenOf(['brand', 'acme']));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Campaigns' }).waitFor();
    await close();
  });

  it('says that the API is down or slow, and goes on by itself', async () => {
    const { page, picture, close } = await visit(browser, world, {});
    await page.getByRole('table').waitFor();
    world.network('down');
    await readAgain(page);
    await page.getByText('The server does not answer.').waitFor();
    await page.getByRole('table').waitFor();
    await picture('down');
    world.network('ok');
    await hurry(page, page.getByText('The server does not answer.').waitFor({ state: 'detached' }));
    world.network('slow');
    await hurry(page, page.getByText('The server is slow to answer.').waitFor());
    world.network('ok');
    await page.getByText('The server is slow to answer.').waitFor({ state: 'detached' });
    await close();
  });

  it('asks to sign in again in between, and goes on where it was', async () => {
    const { page, violations, close } = await visit(browser, world, {});
    await page.getByRole('table').waitFor();
    world.network('unauthorized');
    await page.getByRole('link', { name: 'My money' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    expect(await violations()).toEqual([]);
    const use = async (token: string) => {
      await dialog.getByLabel('Token').fill(token);
      await page.keyboard.press('Enter');
    };
    await use(await world.api.tokenOf(['creator', 'bob']));
    await dialog.getByText('somebody else than before').waitFor();
    world.network('ok');
    await use(`${await world.api.tokenOf(['creator', 'ann'])} `);
    await dialog.getByText('has just been refused').waitFor();
    await close();
  });
});
