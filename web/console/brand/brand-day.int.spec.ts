import { ManualClock } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { youtube } from '../testing/brand-world.js';
import { chromiumIsHere, hurry, openBrowser, visit } from '../testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from '../testing/console-world.js';

const HOUR = 3_600_000;
const GLOBEX = ['brand', 'globex'] as ['brand', string];

(chromiumIsHere() ? describe : describe.skip)("a brand's day [needs chromium]", () => {
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startConsoleWorld({ clock: new ManualClock('2026-02-01T08:00:00Z') });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const state = async (clipId: string) => {
    const { campaigns } = (await world.api.get(`/clips/${clipId}`)).body;
    return campaigns[0];
  };
  const submit = async (campaignId: string, creatorId: string, id: string) => {
    const { body } = await world.api.post('/clips', { url: youtube(id), campaignId, creatorId });
    world.api.clock.advance(1_000);
    return body.clipId as string;
  };
  const row = (page: Page, id: string) => page.getByRole('button', { name: id });
  const gone = (page: Page, id: string) => row(page, id).waitFor({ state: 'detached' });
  const signInAgain = async (page: Page) => {
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await hurry(page, dialog.waitFor());
    world.network('ok');
    await dialog.getByLabel('Token').fill(await world.token(GLOBEX));
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  };

  it('launches, reviews by keyboard, tops up, sees its money, ends, and closes', async () => {
    const { api } = world;
    const { page, picture, violations, close } = await visit(browser, world, {
      as: GLOBEX,
    });
    await page.getByRole('link', { name: 'Launch the first campaign' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Summer splash');
    await page.getByLabel('Budget').fill('five hundred');
    await page.getByLabel('For a thousand views').fill('2');
    await page.getByRole('button', { name: 'Launch it' }).click();
    await page.getByText('An amount in USD, such as 1500').waitFor();
    expect(await page.evaluate('document.activeElement.name')).toBe('budget');
    await page.getByLabel('Budget').fill('500');
    await page.getByText('250K views').waitFor();
    await page.getByText('Limits and extras').first().click();
    await page.getByLabel('Most for a clip').fill('100');
    await page.getByText('Which views count').first().click();
    await page.getByLabel('Days from the approval').fill('0');
    await page.getByText('Which views count').first().click();
    await page.getByRole('button', { name: 'Launch it' }).click();
    await page.getByText('A whole number from 1 to 3,650.').waitFor();
    expect(await page.evaluate('document.activeElement.name')).toBe('trackingDays');
    await page.getByLabel('Days from the approval').fill('30');
    await page.getByText('the most for a clip').first().waitFor();
    await picture('brand-launch-filled');
    expect(await violations()).toEqual([]);
    // The answer is lost: the same request goes again, and launches once.
    world.network('down');
    await page.getByRole('button', { name: 'Launch it' }).click();
    await page.getByText('The server does not answer.').waitFor();
    world.network('ok');
    await page.getByRole('heading', { level: 1, name: 'Summer splash' }).waitFor();
    const { items } = (await api.get('/campaigns', { as: GLOBEX })).body;
    expect(items).toMatchObject([
      { name: 'Summer splash', budget: 50_000, maxPayoutPerClip: 10_000, status: 'ACTIVE' },
    ]);
    const campaignId = items[0].campaignId as string;

    const good = await submit(campaignId, 'ann', 'goodgoodgoo');
    const bad = await submit(campaignId, 'bea', 'badbadbadba');
    const odd = await submit(campaignId, 'cem', 'oddoddoddod');
    await page.getByRole('link', { name: 'Review', exact: true }).click();
    await row(page, 'goodgoodgoo').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await picture('brand-keys');
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('a');
    await gone(page, 'goodgoodgoo');
    await page.keyboard.press('u');
    await page.getByText('Undone.').waitFor();
    await row(page, 'goodgoodgoo').waitFor();
    expect(await state(good)).toMatchObject({ status: 'PENDING' });

    await page.keyboard.press('a');
    await gone(page, 'goodgoodgoo');
    await page.keyboard.press('r');
    const reject = page.getByRole('dialog', { name: 'Reject the clip' });
    await reject.waitFor();
    await page.keyboard.press('Enter');
    await reject.getByText('Say why: the creator reads it.').waitFor();
    await page.keyboard.type('The hashtag is missing.');
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Enter');
    await gone(page, 'badbadbadba');
    await page.keyboard.press('h');
    await page.getByRole('dialog', { name: 'Hold the clip' }).waitFor();
    await page.keyboard.type('Its sound is not licensed.');
    // All three are on their way while nothing answers, and then the token is refused.
    world.network('down');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing waits for review').waitFor();
    await hurry(page, page.getByText('have no answer yet').waitFor());
    await picture('brand-review-failing');
    expect(await violations()).toEqual([]);
    world.network('unauthorized');
    await signInAgain(page);
    await hurry(page, page.getByText('no answer yet').waitFor({ state: 'detached' }));
    await hurry(page, page.getByText('on the way').waitFor({ state: 'detached' }));
    await until('the last is held', async () => (await state(odd)).hold !== null);
    expect(await state(good)).toMatchObject({ status: 'APPROVED' });
    expect(await state(bad)).toMatchObject({ status: 'REJECTED' });
    expect(await state(odd)).toMatchObject({ hold: { reason: 'Its sound is not licensed.' } });

    await page.getByRole('link', { name: 'Suspicious', exact: true }).click();
    await row(page, 'oddoddoddod').waitFor();
    await page.keyboard.press('a');
    await gone(page, 'oddoddoddod');
    await page.getByText('No clip is on hold').waitFor();
    await hurry(page, page.getByText('on the way').waitFor({ state: 'detached' }));
    await hurry(page, page.getByText('Sent in a moment').waitFor({ state: 'detached' }));
    await until('the hold is released', async () => (await state(odd)).hold === null);
    expect(await state(odd)).toMatchObject({ hold: null, status: 'PENDING' });

    for (const views of [12_000, 30_000]) {
      api.clock.advance(HOUR);
      await api.see(good, views);
    }
    await page.clock.setFixedTime(api.clock.now());
    world.network('slow');
    await page.getByRole('link', { name: 'Campaigns' }).first().click();
    await hurry(page, page.getByText('The server is slow to answer.').waitFor());
    world.network('ok');
    await page.getByRole('link', { name: 'Summer splash' }).click();
    await page.getByText('US$60.00').first().waitFor();
    await page.getByRole('button', { name: 'Top up' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Amount in USD').fill('250');
    await dialog.getByText('US$750.00').waitFor();
    await picture('brand-top-up');
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('of US$750.00').waitFor();

    await page.getByRole('button', { name: 'Lines' }).click();
    await page.getByText('Views 12,000 to 30,000').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as CSV' }).click();
    const file = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(file).toHaveLength(3);
    expect(file[2]).toContain(',youtube-goodgoodgoo,ann,12000,30000,2.00,36.00,36.00,60.00,USD,');

    await page.getByRole('button', { name: 'End', exact: true }).click();
    await dialog.getByText('This cannot be undone.').waitFor();
    await picture('brand-end');
    await dialog.getByRole('button', { name: 'End it for good' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Close-out' }).click();
    await page.getByText('1 clip waits for review').waitFor();
    await api.post(`/clips/${odd}/reject`, { reason: 'The campaign is over.' });
    await page.evaluate("dispatchEvent(new Event('visibilitychange'))");
    await page.getByText('Nothing can change any more: US$690.00 go back to you').waitFor();
    await close();
  });

  it('decides on many at once; what somebody else has decided meanwhile is said', async () => {
    const { api } = world;
    await api.post('/campaigns', api.terms({ campaignId: 'bulk', brandId: 'globex' }));
    const ids = ['bulkbulkbu1', 'bulkbulkbu2', 'bulkbulkbu3'];
    const clips: string[] = [];
    for (const id of ids) clips.push(await submit('bulk', 'ann', id));
    const { page, faults, picture, violations, close } = await visit(browser, world, {
      as: GLOBEX,
      path: '/review?campaign=bulk',
    });
    await row(page, 'bulkbulkbu3').waitFor();
    await api.post(`/clips/${clips[1]}/approve`);
    await page.keyboard.press('*');
    await page.getByText('3 ticked clips').waitFor();
    await picture('brand-review-bulk');
    await page.keyboard.press('r');
    await page.getByRole('dialog', { name: 'Reject 3 clips' }).waitFor();
    await page.keyboard.type('Not of this campaign.');
    await page.keyboard.press('Enter');
    await hurry(page, page.getByText('youtube-bulkbulkbu2 was not rejected').waitFor());
    await picture('brand-review-refused');
    expect(await violations()).toEqual([]);
    expect(await state(clips[0]!)).toMatchObject({ status: 'REJECTED' });
    expect(await state(clips[1]!)).toMatchObject({ status: 'APPROVED' });
    expect(await state(clips[2]!)).toMatchObject({ status: 'REJECTED' });
    await page.getByRole('button', { name: 'I have read it' }).click();
    await page.getByText('was not rejected').waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
    await close();
  });
});
