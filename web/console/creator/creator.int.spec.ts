import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumIsHere, openBrowser, visit } from '../testing/browser.js';
import { buildPages, type ConsoleWorld } from '../testing/console-world.js';
import { aMonthOfAnn, startCreatorWorld } from '../testing/creator-world.js';
import { describeAccessible } from '../testing/describe-accessible.js';
import { describeStates } from '../testing/describe-states.js';
import { describeEmptyScreens, describeScreens } from '../testing/describe-screens.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

(chromiumIsHere() ? describe : describe.skip)('a creator [needs chromium]', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startCreatorWorld();
    await aMonthOfAnn(world);
    browser = await openBrowser();
  });
  afterEach(() => world.network('ok'));
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const opened = () => ({ browser, world });
  describeScreens(['creator', 'ann'], opened);
  describeEmptyScreens(['creator', 'newcomer'], opened);
  describeAccessible(['creator', 'ann'], opened);
  describeStates(['creator', 'ann'], opened);

  const tabTo = async (page: Page, name: string) => {
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate<string>(
        'document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent',
      );
      if (at.trim().startsWith(name)) return;
    }
    throw new Error(`Nothing named "${name}" can be reached with the Tab key.`);
  };

  it('a day: submits a clip, sees it earn, asks for money, by keyboard alone', async () => {
    const { page, faults, picture, violations, close } = await visit(browser, world, {
      as: ['creator', 'bea'],
    });
    const { api } = world;
    await page.getByText('No clip yet').waitFor();
    await tabTo(page, 'Skip to the content');
    await tabTo(page, 'Submit the first clip');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Submit a clip' }).waitFor();

    await tabTo(page, 'Link of the clip');
    await page.keyboard.type('https://www.youtube.com/source/dQw4w9WgXcQ/shorts');
    await page.getByText('a list of other videos with the same sound').waitFor();
    await picture('creator-submit-refused');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('youtu.be/oHg5SJYRHA0?si=share');
    await page.getByText('https://www.youtube.com/watch?v=oHg5SJYRHA0').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Choose the campaign that it is for.').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('Spring');
    await picture('creator-submit-known');
    expect(await violations()).toEqual([]);
    const campaign = page.getByLabel('Campaign');
    // An option says whose campaign it is, too.
    const named = async (name: string) =>
      (await campaign.locator('option').allTextContents()).find((one) =>
        one.startsWith(`${name}, of `),
      )!;
    await campaign.selectOption(await named('Kyoto tea house'));
    await page.getByText('takes clips of tiktok, instagram only').waitFor();
    await picture('creator-submit-not-there');
    await campaign.selectOption(await named('Spring drop'));
    await page.getByText('takes clips of tiktok, instagram only').waitFor({ state: 'detached' });
    await tabTo(page, 'Submit');
    await page.keyboard.press('Enter');
    await page.getByText('It waits for its review').waitFor();
    await page.getByText('In review').waitFor();

    await api.post('/clips/youtube-oHg5SJYRHA0/approve', { campaignId: 'spring' });
    api.clock.advance(HOUR);
    await api.see('youtube-oHg5SJYRHA0', 30_000);
    // Nobody has asked: the change feed says so.
    await page.getByText('$90.00').first().waitFor({ timeout: 12_000 });
    api.clock.advance(4 * DAY);
    await page.clock.setFixedTime(api.clock.now());

    await tabTo(page, 'My money');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'My money' }).waitFor();
    await tabTo(page, 'Request a payout');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Request a payout' });
    await dialog.getByLabel('Amount in USD').waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('90.005');
    await page.keyboard.press('Enter');
    await dialog.getByText('Write an amount such as 90.00.').waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('91');
    await dialog.getByText('At most').waitFor();
    await picture('creator-payout-too-much');
    expect(await violations()).toEqual([]);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('50');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Waits for approval').first().waitFor();
    const { items } = (await api.get('/payouts?creatorId=bea')).body;
    expect(items).toMatchObject([{ amount: 5_000, currency: 'USD', status: 'REQUESTED' }]);

    await tabTo(page, 'Add an account');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Where payouts go' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect(page.evaluate('document.activeElement.textContent')).resolves.toBe('Add an account'); // prettier-ignore
    expect(faults).toEqual([]);
    await close();
  });

  it('an appeal goes on after signing in again in between, with what was typed', async () => {
    const { page, picture, close } = await visit(browser, world, {
      path: '/clips/youtube-9bZkp7q19f0',
    });
    await page.getByRole('button', { name: 'Appeal' }).click();
    const dialog = page.getByRole('dialog', { name: 'Appeal the decision' });
    await dialog.getByLabel('Why should it change?').fill('The hashtag is in the first comment.');
    world.network('unauthorized');
    await dialog.getByRole('button', { name: 'Send the appeal' }).click();
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.waitFor();
    await picture('creator-appeal-again');
    world.network('ok');
    // Another token of the same creator, as its provider would give.
    await again.getByLabel('Token').fill(await world.token(['creator', 'ann']));
    await page.keyboard.press('Enter');
    await page.getByText('You appealed').waitFor();
    const { campaigns } = (await world.api.get('/clips/youtube-9bZkp7q19f0')).body;
    expect(campaigns[0].appeal).toMatchObject({ text: 'The hashtag is in the first comment.' });
    await close();
  });

  it('a payout whose answer is lost is asked for once', async () => {
    const { page, close } = await visit(browser, world, { path: '/money' });
    await page.getByRole('button', { name: 'Request a payout' }).first().click();
    world.network('down');
    await page.getByRole('button', { name: 'Request it' }).click();
    await page.getByText('The server does not answer.').first().waitFor();
    world.network('ok');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { items } = (await world.api.get('/payouts?creatorId=ann&status=REQUESTED')).body;
    expect(items).toHaveLength(1);
    await close();
  });
});
