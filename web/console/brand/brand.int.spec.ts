import { ManualClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { aBusyBrand } from '../testing/brand-world.js';
import { chromiumIsHere, openBrowser, screenshotFolder } from '../testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from '../testing/console-world.js';
import { describeScreens } from '../testing/describe-screens.js';

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

  describeScreens('brand', 'acme', folder, () => ({ browser, world }));
});
