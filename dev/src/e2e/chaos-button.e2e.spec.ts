import type { ChaosState } from '@cliptally/contracts/api';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  VARIANTS,
  chromiumIsHere,
  open,
  openBrowser,
  type Variant,
  type Visitor,
} from '../../../web/console/testing/browser.js';
import { startSampleWorld, type SampleWorld } from './testing/sample-world.js';

/** With a folder for pictures, the page is open in each of its forms. */
const FORMS = (process.env['SCREENSHOTS'] ? Object.keys(VARIANTS) : ['wide']) as Variant[];

// It takes minutes beside other tests: what has to recover is waited for.
(chromiumIsHere() ? describe : describe.skip)('the chaos of a running sample world [needs chromium]', () => {
  let world: SampleWorld;
  let browser: Browser;
  let visitors: Visitor[] = [];
  beforeAll(async () => {
    [world, browser] = await Promise.all([startSampleWorld(), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  /** The launcher's own words, for what the page cannot show. */
  async function state(): Promise<ChaosState> {
    const { origin, hash } = new URL(await address());
    return (await ask(`${origin}/state`, hash.slice(1))) as ChaosState;
  }
  async function address(): Promise<string> {
    const token = new URL(world.linkOf('admin')).hash.slice('#token='.length);
    const config = await ask(`${world.url}/console/config.json`, token);
    return (config as { sampleWorld: string }).sampleWorld;
  }
  const ask = async (url: string, bearer: string): Promise<unknown> =>
    (await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })).json();

  async function openPages(): Promise<Page> {
    const control = new URL(await address()).origin;
    visitors = await Promise.all(
      FORMS.map((variant) =>
        open(browser, { variant, link: world.linkOf('admin'), timezoneId: 'UTC', origins: [control] }), // prettier-ignore
      ),
    );
    for (const { page } of visitors) {
      const menu = page.getByRole('link', { name: 'Chaos' });
      if (!(await menu.isVisible())) await page.getByRole('link', { name: 'More' }).click();
      await menu.click();
      await page.getByRole('heading', { name: 'Disturb it' }).waitFor();
    }
    return visitors[0]!.page;
  }
  const pictures = async (name: string) => {
    if (process.env['SCREENSHOTS'])
      for (const { picture } of visitors) await picture(`admin-chaos-${name}`);
  };
  const closePages = async () => {
    for (const { close } of visitors.splice(0)) await close();
  };
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  /** A scrape without an outcome counts as lost after four minutes, and not before. */
  async function said(page: Page, words: string): Promise<void> {
    let shown: string | null = null;
    const so = async () => {
      shown = await page.locator('.chaos-verdict').textContent();
      return shown?.includes(words);
    };
    await until(words, so, { withinMs: 360_000, said: () => `It says: ${shown}` });
  }

  it('0 lost, 0 twice: a scraper is killed while NATS is cut, the page is closed, then a source fails', async () => {
    let page = await openPages();
    await until('scrapes', async () => (await state()).lag.some(({ waiting }) => waiting > 0));
    await pictures('idle');

    await press(page, '5 s');
    await press(page, 'Kill the scraper');
    await press(page, 'Cut NATS');
    await page.getByText(/process \d+ was killed/).waitFor();
    await pictures('during');
    // Nobody looks any more: both end by themselves.
    await closePages();
    await until('the end of both faults', async () => (await state()).faults.every(({ overAt }) => overAt !== null)); // prettier-ignore
    page = await openPages();
    await said(page, '0 lost, 0 twice');
    const after = await state();
    expect(after.faults.map(({ problem }) => problem)).toEqual([null, null]);
    expect(after.faults.every(({ recoveredAt }) => recoveredAt !== null)).toBe(true);
    // It was seen in the lag, or nothing was disturbed.
    const disturbed = after.lag.filter(({ at }) => at >= after.faults[0]!.beganAt);
    expect(Math.max(...disturbed.map(({ waiting }) => waiting))).toBeGreaterThan(0);
    expect(Math.max(...disturbed.map(({ behind }) => behind['JetStream']!))).toBeGreaterThan(0);

    await press(page, '15 s');
    await press(page, 'Make the source fail');
    await page.getByText('A fault is under way').waitFor();
    await said(page, '0 lost, 0 twice');
    await page.getByText(/[1-9]\d* calls to the source were answered 503/).waitFor();
    const { verdict } = await state();
    expect(verdict).toMatchObject({ lost: 0, twice: 0, differs: 0, problem: null });
    // A check of nothing would say that all is well.
    expect(verdict!.checks.filter(({ checked }) => checked === 0)).toEqual([]);
    await pictures('after');
    expect(visitors.flatMap(({ faults }) => faults)).toEqual([]);
    await closePages();
  }, 900_000);

  it('is stopped in the middle of a fault, and leaves everything in order', async () => {
    const page = await openPages();
    await press(page, '30 s');
    await press(page, 'Cut NATS');
    await page.getByText(/Under way, for \d+ seconds more/).waitFor();
    await closePages();
    await world.close();
    expect(world.said()).toContain('Stopped. The next npm start goes on from here.');
    expect(world.said()).not.toMatch(/did not start|in vain|^\s+at /m);
  });
}); // prettier-ignore
