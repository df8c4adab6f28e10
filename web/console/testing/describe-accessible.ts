import type { Role } from '@cliptally/contracts/api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { Pages, VARIANTS, openBrowser, tooWide, type Visitor } from './browser.js';
import { tryDialogs } from './dialogs.js';
import type { Opened } from './describe-screens.js';
import { colourAlone, lost, moving, nameless, outlineOf } from './everybody.js';
import { faultsOfTab } from './keyboard.js';
import { pathOf, sampled } from './screens.js';

const WIDE = VARIANTS.wide.viewport;
const NARROW = { width: 360, height: 640 };
/** With text of twice the size it holds as much as a narrow one. */
const HALF = { width: 720, height: 900 };
/** A window of 1280 by 1024 at 400 %. */
const ZOOMED = { width: 320, height: 256 };
/** As somebody has set it in the browser: twice the usual size. */
const LARGE_TEXT = ['--blink-settings=defaultFontSize=32,defaultFixedFontSize=26'];
/** So many kinds of dialogs at least. */
const DIALOGS: Record<Role, number> = { creator: 4, brand: 5, admin: 8 };

/** Screens of a role for everybody: by keyboard, reader, zoom, without motion or colours. */
export const describeAccessible = (as: [Role, string], opened: () => Opened): void =>
  describe('each screen, for everybody', () => {
    const [role] = as;
    const { tried: screens, left } = sampled(role);
    let large: Browser;
    const pages = new Pages(opened);
    const largePages = new Pages(() => ({ ...opened(), browser: large }));
    beforeAll(async () => {
      large = await openBrowser(LARGE_TEXT);
    });
    afterAll(async () => {
      await pages.close();
      await largePages.close();
      await large?.close();
    });
    const open = async (screen: Parameters<typeof pathOf>[0], by = pages): Promise<Visitor> => {
      const visitor = await by.at(as, 'wide', await pathOf(screen, opened().world));
      await visitor.settled();
      return visitor;
    };

    it.each(screens)('%s: by keyboard, reader, zoom, without motion or colours', async (_, screen) => {
    const { page } = await open(screen);
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
      expect([size.width, await tooWide(page), ...(await lost(page))]).toEqual([size.width, false]);
      expect(await faultsOfTab(page)).toEqual([]);
    }
    await page.setViewportSize(WIDE);
  }); // prettier-ignore

    it.each(screens)('%s: with text of twice the size', async (_, screen) => {
      const { page } = await open(screen, largePages);
      expect(await page.evaluate('getComputedStyle(document.documentElement).fontSize')).toBe(
        '32px',
      );
      for (const size of [NARROW, HALF, WIDE]) {
        await page.setViewportSize(size);
        expect([size.width, await tooWide(page), ...(await lost(page))]).toEqual([
          size.width,
          false,
        ]);
      }
    });

    const tried = new Set<string>();
    it.each(screens)('%s: dialogs take the focus, keep it, and give it back', async (_, screen) => {
      const { page } = await open(screen);
      const { dialogs, faults } = await tryDialogs(page);
      expect(faults).toEqual([]);
      for (const title of dialogs) tried.add(title);
    });

    (left.length === 0 ? describe : describe.skip)(
      `keyboard, dialogs and large text of ${left.map(([name]) => name).join(', ')} [needs EVERY_SCREEN=yes]`,
      () => {
        it('are as many dialogs as there are', () => {
          expect(tried.size).toBeGreaterThanOrEqual(DIALOGS[role]);
        });
      },
    );
  });
