import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { chromiumIsHere, openBrowser, visit } from '../testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from '../testing/console-world.js';

(chromiumIsHere() ? describe : describe.skip)('what a brand has paid in [needs chromium]', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startConsoleWorld({ limits: { prefunding: true } });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('is said where campaigns are, and beside a launch, which goes no further than it', async () => {
    const { page, violations, close } = await visit(browser, world, {
      as: ['brand', 'acme'],
    });
    await page.getByText('Nothing has arrived yet.').waitFor();
    await world.api.post('/brands/acme/funding', { currency: 'USD', amount: 50_000, reference: 'SEPA 1' }); // prettier-ignore
    // Nobody has asked: the change feed says so.
    await page.getByText('US$500.00 left for campaigns, of US$500.00 paid in').waitFor();
    await page.getByRole('link', { name: 'Launch the first campaign' }).click();
    await page.getByText('US$500.00 left for campaigns, of US$500.00 paid in').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Spring');
    await page.getByLabel('For a thousand views').fill('2');
    await page.getByLabel('Budget').fill('500.01');
    await page.getByRole('button', { name: 'Launch it' }).click();
    await page.getByRole('alert').filter({ hasText: /\w/ }).first().waitFor();
    expect(await violations()).toEqual([]);
    await page.getByLabel('Budget').fill('400');
    await page.getByRole('button', { name: 'Launch it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Spring' }).waitFor();
    await page.getByRole('link', { name: 'Campaigns' }).first().click();
    await page.getByText('US$100.00 left for campaigns').waitFor();
    await world.api.post('/brands/acme/funding/refunds', { currency: 'USD', amount: 15_000, reference: 'SEPA 1', refundId: 're_1' }); // prettier-ignore
    await page.getByText('US$50.00 left for campaigns, of US$350.00 paid in; US$150.00 more went back to you. Your campaigns go on; pay in what is missing to launch another').waitFor(); // prettier-ignore
    await close();
  });
});
