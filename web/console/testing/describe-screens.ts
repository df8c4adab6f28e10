import { describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { VARIANTS, expectWhole, visit, type Variant } from './browser.js';
import type { ConsoleWorld } from './console-world.js';
import { SCREENS, pathOf } from './screens.js';

interface Opened {
  browser: Browser;
  world: ConsoleWorld;
}

/** Each screen of a role: full, in each variant, for `subject`; and for who has nothing yet. */
export function describeScreens(
  role: 'brand' | 'creator',
  subject: string,
  folder: string,
  opened: () => Opened,
): void {
  describe.each(Object.entries(SCREENS[role]))('%s', (name, screen) => {
    const open = async (who: string, variant: Variant = 'wide') => {
      const { browser, world } = opened();
      const as: ['brand' | 'creator', string] = [role, who];
      return visit(browser, world, { as, variant, path: await pathOf(screen, world), folder });
    };

    it.each(Object.keys(VARIANTS) as Variant[])('full, %s', async (variant) => {
      const visitor = await open(subject, variant);
      await expectWhole(visitor, `${role}-${name}`);
      await visitor.close();
    });

    it('of somebody who has nothing yet', async () => {
      const { page, faults, picture, violations, close } = await open('newcomer');
      await picture(`${role}-${name}-empty`);
      expect(await violations()).toEqual([]);
      // What is somebody else's is not there, which the browser reports by itself.
      expect(faults.filter((fault) => !/40[34]/.test(fault))).toEqual([]);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      await close();
    });
  });
}
