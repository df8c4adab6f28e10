import { ManualClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { aBusyBrand } from '../testing/brand-world.js';
import { chromiumIsHere, openBrowser } from '../testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from '../testing/console-world.js';
import { describeAccessible } from '../testing/describe-accessible.js';
import { describeStates } from '../testing/describe-states.js';
import { describeEmptyScreens, describeScreens } from '../testing/describe-screens.js';

(chromiumIsHere() ? describe : describe.skip)("a brand's screens [needs chromium]", () => {
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startConsoleWorld({ clock: new ManualClock('2026-02-01T08:00:00Z') });
    await aBusyBrand(world);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const opened = () => ({ browser, world });
  describeScreens(['brand', 'acme'], opened);
  describeEmptyScreens(['brand', 'newcomer'], opened);
  describeAccessible(['brand', 'acme'], opened);
  describeStates(['brand', 'acme'], opened);
});
