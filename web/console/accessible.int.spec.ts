import type { Role } from '@cliptally/contracts/api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import {
  chromiumIsHere,
  openBrowser,
  screenshotFolder,
  tooWide,
  visit,
} from './testing/browser.js';
import { buildPages, type ConsoleWorld } from './testing/console-world.js';
import { tryDialogs } from './testing/dialogs.js';
import { colourAlone, lost, moving, nameless, outlineOf } from './testing/everybody.js';
import { faultsOfTab } from './testing/keyboard.js';
import { SCREENS, pathOf, sampled } from './testing/screens.js';
import { WORLDS } from './testing/worlds.js';

const ROLES = Object.keys(SCREENS) as Role[];
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 640 };
/** With text of twice the size it holds as much as a narrow one. */
const HALF = { width: 720, height: 900 };
/** A window of 1280 by 1024 at 400 %. */
const ZOOMED = { width: 320, height: 256 };
/** As somebody has set it in the browser: twice the usual size. */
const LARGE_TEXT = ['--blink-settings=defaultFontSize=32,defaultFixedFontSize=26'];

(chromiumIsHere() ? describe : describe.skip).each(ROLES)(
  'every screen of a %s, for everybody [needs chromium]',
  (role) => {
    const folder = screenshotFolder();
    const { as, start, fill } = WORLDS[role];
    const { tried: screens, left } = sampled(role);
    let world: ConsoleWorld;
    let browser: Browser;
    let large: Browser;
    beforeAll(async () => {
      buildPages();
      world = await start();
      await fill(world);
      browser = await openBrowser();
      large = await openBrowser(LARGE_TEXT);
    });
    afterAll(async () => {
      await browser?.close();
      await large?.close();
      await world?.close();
    });
    const open = async (screen: Parameters<typeof pathOf>[0], by = browser) => {
      const visitor = await visit(by, world, { as, folder, path: await pathOf(screen, world) });
      await visitor.page.locator('.loading').first().waitFor({ state: 'detached' });
      return visitor;
    };

    it.each(screens)('%s: by keyboard, reader, zoom, without motion or colours', async (_, screen) => {
      const { page, close } = await open(screen);
      const { h1, title, ...rest } = await outlineOf(page);
      expect([title, rest]).toEqual([
        `${h1.join()} · Cliptally`,
        { mains: 1, banners: 1, navigations: ['Screens'], language: 'en' },
      ]);
      expect(await nameless(page)).toEqual([]);
      expect(await faultsOfTab(page)).toEqual([]);

      await page.emulateMedia({ reducedMotion: 'reduce' });
      expect(await moving(page)).toEqual([]);
      await page.emulateMedia({ reducedMotion: null, forcedColors: 'active' });
      expect(await colourAlone(page)).toEqual([]);
      await page.emulateMedia({ forcedColors: null });

      for (const size of [NARROW, ZOOMED]) {
        await page.setViewportSize(size);
        expect([await tooWide(page), ...(await lost(page))]).toEqual([false]);
        expect(await faultsOfTab(page)).toEqual([]);
      }
      await close();
    }); // prettier-ignore

    it.each(screens)('%s: with text of twice the size', async (_, screen) => {
      const { page, close } = await open(screen, large);
      expect(await page.evaluate('getComputedStyle(document.documentElement).fontSize')).toBe('32px'); // prettier-ignore
      for (const size of [WIDE, HALF]) {
        await page.setViewportSize(size);
        expect([await tooWide(page), ...(await lost(page))]).toEqual([false]);
      }
      await close();
    });

    const tried = new Set<string>();
    it.each(screens)('%s: dialogs take the focus, keep it, and give it back', async (_, screen) => {
      const { page, close } = await open(screen);
      const { dialogs, faults } = await tryDialogs(page);
      expect(faults).toEqual([]);
      for (const title of dialogs) tried.add(title);
      await close();
    }); // prettier-ignore

    (left.length === 0 ? describe : describe.skip)('all of them [needs EVERY_SCREEN=yes]', () => {
      it('have as many dialogs as there are', () => {
        expect(tried.size).toBeGreaterThanOrEqual(DIALOGS[role]);
      });
    });
  },
);

/** So many kinds of them at least. */
const DIALOGS: Record<Role, number> = { creator: 4, brand: 5, admin: 8 };
