import { ManualClock } from '@cliptally/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
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

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const youtube = (id: string) => `https://www.youtube.com/watch?v=${id}`;

/** A month of a creator: every state of a clip, money in two currencies, a payout under way. */
async function aMonth({ api }: ConsoleWorld): Promise<void> {
  const { clock, post, terms } = api;
  const launch = (campaignId: string, more: object) =>
    post('/campaigns', terms({ campaignId, brandId: 'acme', startsAt: '2026-02-01T00:00:00Z', ...more })); // prettier-ignore
  await launch('spring', {
    name: 'Spring drop',
    budget: 150_000,
    ratePerThousand: { default: 200, youtube: 300 },
    maxPayoutPerClip: 20_000,
    endsAt: '2026-06-01T00:00:00Z',
    reviewHours: 72,
    validationDays: 3,
    minPayout: 2_000,
    milestones: [{ views: 50_000, bonus: 1_000 }],
  });
  await launch('tea', {
    name: 'Kyoto tea house',
    brandId: 'kaze',
    currency: 'JPY',
    budget: 900_000,
    ratePerThousand: { default: 400 },
    platforms: ['tiktok', 'instagram'],
    minViews: 5_000,
    validationDays: 0,
  });
  const submit = async (url: string, campaignId: string, creatorId = 'ann') =>
    (await post('/clips', { url, campaignId, creatorId })).body.clipId as string;
  const first = await submit(youtube('dQw4w9WgXcQ'), 'spring');
  const second = await submit('https://www.tiktok.com/@ann/video/7300000000000000001', 'tea');
  const slow = await submit('https://www.instagram.com/reel/C1a2b3c4d5e/', 'tea');
  const refused = await submit(youtube('9bZkp7q19f0'), 'spring');
  const held = await submit(youtube('kJQP7kiw5Fk'), 'spring');
  for (const [clipId, campaignId] of [[first, 'spring'], [second, 'tea'], [slow, 'tea'], [held, 'spring']] as const)
    await post(`/clips/${clipId}/approve`, { campaignId }); // prettier-ignore
  await post(`/clips/${refused}/reject`, { reason: 'The hashtag #spring is missing.' });
  const views = [900, 4_100, 9_800, 15_200, 19_400, 23_900, 26_100, 27_800, 28_900];
  for (const [day, count] of views.entries()) {
    clock.advance(DAY);
    await api.see(first, count);
    if (day % 2 === 0) await api.see(second, Math.round(count * 2.7));
    if (day === 5) await api.see(slow, 3_200);
    if (day === 6) await api.see(held, 12_000);
  }
  await post(`/clips/${held}/hold`, { reason: 'Its likes do not fit its views.' });
  await post('/creators/ann/payout-account', { provider: 'manual', account: 'DE89 3704 0044' });
  await post('/payouts', { payoutId: 'ann-feb', creatorId: 'ann', currency: 'USD', amount: 4_000 });
  await post('/payouts/ann-feb/approve');
  await post('/payouts/ann-feb/paid', { externalReference: 'bank 4711' });
  clock.advance(2 * HOUR);
  await api.see(first, 29_300);
  await submit(youtube('JGwWNGJdvx8'), 'spring');
  clock.advance(HOUR);
}

(chromiumIsHere() ? describe : describe.skip)('a creator [needs chromium]', () => {
  const folder = screenshotFolder();
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startConsoleWorld({ clock: new ManualClock('2026-02-01T08:00:00Z') });
    await aMonth(world);
    browser = await openBrowser();
  });
  afterEach(() => world.network('ok'));
  afterAll(async () => {
    console.info(`Screenshots of a creator's screens: ${folder}`);
    await browser?.close();
    await world?.close();
  });

  const SCREENS = {
    clips: '/clips',
    clip: '/clips/youtube-dQw4w9WgXcQ',
    'clip-rejected': '/clips/youtube-9bZkp7q19f0',
    'clip-held': '/clips/youtube-kJQP7kiw5Fk',
    submit: '/submit?campaign=spring',
    campaigns: '/campaigns',
    money: '/money',
    notices: '/notices',
  };

  describe.each(Object.entries(SCREENS))('%s', (name, path) => {
    it.each(Object.keys(VARIANTS) as Variant[])('full, %s', async (variant) => {
      const visitor = await visit(browser, world, {
        variant,
        path,
        folder,
      });
      await expectWhole(visitor, `creator-${name}`);
      await visitor.close();
    });

    it('of somebody who has nothing yet', async () => {
      const { page, faults, picture, violations, close } = await visit(browser, world, {
        as: ['creator', 'newcomer'],
        path,
        folder,
      });
      await picture(`creator-${name}-empty`);
      expect(await violations()).toEqual([]);
      // Somebody else's clip is refused, which the browser reports by itself.
      expect(faults.filter((fault) => !fault.includes('403'))).toEqual([]);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      await close();
    });
  });

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
      folder,
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
      folder,
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
    const { page, close } = await visit(browser, world, { path: '/money', folder });
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
