import { ManualClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { aBusyBrand } from '../testing/brand-world.js';
import {
  VARIANTS,
  chromiumIsHere,
  openBrowser,
  screenshotFolder,
  expectWhole,
  visit,
  type Variant,
} from '../testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from '../testing/console-world.js';
import { SCREENS, pathOf } from '../testing/screens.js';

const ACME = ['brand', 'acme'] as ['brand', string];

(chromiumIsHere() ? describe : describe.skip)("a brand's screens [needs chromium]", () => {
  const folder = screenshotFolder();
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startConsoleWorld({ clock: new ManualClock('2026-02-01T08:00:00Z') });
    await aBusyBrand(world);
    browser = await openBrowser();
  });
  afterAll(async () => {
    console.info(`Screenshots of a brand's screens: ${folder}`);
    await browser?.close();
    await world?.close();
  });

  describe.each(Object.entries(SCREENS.brand))('%s', (name, screen) => {
    it.each(Object.keys(VARIANTS) as Variant[])('full, %s', async (variant) => {
      const visitor = await visit(browser, world, {
        as: ACME,
        variant,
        path: await pathOf(screen, world),
        folder,
      });
      await expectWhole(visitor, `brand-${name}`);
      await visitor.close();
    });

    it('of a brand that has nothing yet', async () => {
      const { page, faults, picture, violations, close } = await visit(browser, world, {
        as: ['brand', 'newcomer'],
        path: await pathOf(screen, world),
        folder,
      });
      await picture(`brand-${name}-empty`);
      expect(await violations()).toEqual([]);
      // Somebody else's campaign is refused, which the browser reports by itself.
      expect(faults.filter((fault) => !fault.includes('403'))).toEqual([]);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      await close();
    });
  });
});
