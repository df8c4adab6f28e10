import { afterAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@cliptally/contracts/api';
import type { Browser } from 'playwright-core';
import { Pages, VARIANTS, expectWhole, tooWide, variantsOf } from './browser.js';
import type { ConsoleWorld } from './console-world.js';
import { SCREENS, pathOf, sampled } from './screens.js';

export interface Opened {
  browser: Browser;
  world: ConsoleWorld;
}

/** Each screen of somebody, who has something there: whole, and for everybody, in its forms. */
export const describeScreens = (as: [Role, string], opened: () => Opened): void =>
  describe('each screen', () => {
    const [role] = as;
    const screens = Object.entries(SCREENS[role]);
    const pages = new Pages(opened);
    afterAll(() => pages.close());
    describe.each(screens.map(([name, screen], nth) => ({ name, screen, tried: variantsOf(nth) })))(
      '$name',
      ({ name, screen, tried }) => {
        it.each(tried)('full, %s', async (variant) => {
          const visitor = await pages.at(as, variant, await pathOf(screen, opened().world));
          await expectWhole(visitor, `${role}-${name}`);
        });
      },
    );
    const all = variantsOf(0).length === Object.keys(VARIANTS).length;
    (all ? describe : describe.skip)(`${role}: the other three forms of each screen [needs EVERY_SCREEN=yes]`, () => {
    it('are gone through', () => expect(screens.every((_, nth) => variantsOf(nth).length === 4)).toBe(true));
  }); // prettier-ignore
  });

/** Screens of who has nothing there; `absent` are those whose address nobody has then. */
export const describeEmptyScreens = (
  as: [Role, string],
  opened: () => Opened,
  absent: readonly string[] = [],
): void =>
  describe('each screen, of somebody who has nothing', () => {
    const [role] = as;
    const pages = new Pages(opened);
    afterAll(() => pages.close());
    const { tried, left } = sampled(role);
    const screens = tried.filter(([name]) => !absent.includes(name));
    (left.length === 0 ? describe : describe.skip)('all of them [needs EVERY_SCREEN=yes]', () => {
      it('are gone through', () => expect(tried).toEqual(Object.entries(SCREENS[role])));
    });
    it.each(screens)('%s says what will be there while nothing is', async (name, screen) => {
      const path = await pathOf(screen, opened().world);
      const visitor = await pages.at(as, 'narrow', path.replace('ann-mar', 'none'));
      await visitor.picture(`${role}-${name}-empty`);
      expect(await visitor.violations()).toEqual([]);
      expect(await tooWide(visitor.page)).toBe(false);
      // What is not there, or is somebody else's, is refused, which the browser reports by itself.
      expect(visitor.faults.filter((fault) => !/40[34]/.test(fault))).toEqual([]);
      expect(await visitor.page.getByRole('heading', { level: 1 }).count()).toBe(1);
    });
  });
