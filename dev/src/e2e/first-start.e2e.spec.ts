import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumIsHere, open, openBrowser } from '../../../web/console/testing/browser.js';
import { startSampleWorld, type SampleWorld } from './testing/sample-world.js';

/**
 * Somebody who has read nothing: knows the links that npm start prints, and what stands on the
 * screen.
 */
(chromiumIsHere() ? describe : describe.skip)('from npm start to an amount and its reason [needs chromium]', () => {
  let world: SampleWorld;
  let browser: Browser;
  const began = performance.now();
  beforeAll(async () => {
    [world, browser] = await Promise.all([startSampleWorld(), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const enter = (role: 'creator' | 'brand' | 'admin') =>
    open(browser, { variant: 'wide', link: world.linkOf(role), timezoneId: 'UTC', origins: [] }); // prettier-ignore
  const press = (page: Page, name: string | RegExp) =>
    page.getByRole('button', { name }).first().click();
  const go = (page: Page, name: string | RegExp) =>
    page.getByRole('link', { name }).first().click();

  it('says who is who, and what to try', () => {
    expect(world.said()).toMatch(/as the creator submit a clip to a campaign of acme/);
    for (const role of ['creator', 'brand', 'admin'] as const)
      expect(world.linkOf(role)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/console#token=\S+$/);
  });

  it('a creator submits a clip, the brand approves it, and the creator sees what it earns, and why', async () => {
    const creator = await enter('creator');
    const { page } = creator;
    await press(page, 'Submit a clip');
    await press(page, 'Use an example');
    await page.getByText('A clip on TikTok. It is kept as').waitFor();
    // The other one of acme is at the end of its budget within minutes.
    await page.getByLabel('Campaign').selectOption({ label: 'Spring drop, of acme' });
    await press(page, 'Submit');
    await page.getByText('In review').first().waitFor();
    const [videoId] = /\d{19}$/.exec(page.url())!;

    const brand = await enter('brand');
    await go(brand.page, 'Review');
    await brand.page.getByText(videoId).first().click();
    await brand.page.getByRole('heading', { name: videoId }).waitFor();
    await press(brand.page, /^Approve/);

    await page.getByText('Approved', { exact: true }).first().waitFor();
    const line = page.getByRole('link', { name: /: why\?$/ });
    await line.first().waitFor();
    const amount = (await line.first().textContent())!;
    expect(amount).toMatch(/^US\$\d+\.\d\d$/);
    expect(amount).not.toBe('US$0.00');
    await line.first().click();
    await page.getByRole('heading', { name: /Why/ }).first().waitFor();
    await page.getByRole('main').getByText(amount).first().waitFor();
    await press(page, 'Recompute from the log');
    await page.getByText(/The same amount/).waitFor();
    for (const { faults } of [creator, brand]) expect(faults).toEqual([]);
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    console.info(`From npm start to an amount that was computed anew: ${seconds} s, ${(world.startedMs / 1_000).toFixed(0)} s of them its start.`);
    await creator.close();
    await brand.close();
  });

  it('an admin sees how it goes, on the live page too', async () => {
    const { page, close } = await enter('admin');
    await go(page, 'Scrapes');
    const href = await page.getByRole('link', { name: 'the live page' }).first().getAttribute('href'); // prettier-ignore
    const answer = await until('the live page', () => fetch(href!).then(({ ok }) => ok));
    expect(answer).toBe(true);
    await close();
  });
}); // prettier-ignore
