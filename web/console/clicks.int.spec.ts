import type { Role } from '@cliptally/contracts/api';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { SECRET } from '../../services/earnings/src/testing/api-world.js';
import { chromiumIsHere, hurry, openBrowser, visit } from './testing/browser.js';
import { buildPages, type ConsoleWorld } from './testing/console-world.js';
import { WORLDS } from './testing/worlds.js';

let world: ConsoleWorld;
let browser: Browser;
const open = (as: [Role, string], path: string) => visit(browser, world, { as, path });
const gone = (page: Page) => page.getByRole('dialog').waitFor({ state: 'detached' });
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click(); // prettier-ignore
const inDialog = (page: Page, name: string | RegExp) =>
  page.getByRole('dialog').getByRole('button', { name });
const saved = async (page: Page, button: string) => {
  const download = page.waitForEvent('download');
  await press(page, button);
  // For spreadsheets the file begins with a mark.
  return readFileSync(await (await download).path(), 'utf8').replace(/^\ufeff/, '');
};

const of = chromiumIsHere() ? describe : describe.skip;
const full = (role: Role) => {
  beforeAll(async () => {
    buildPages();
    world = await WORLDS[role].start();
    await WORLDS[role].fill(world);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
};

of('accounts, visibility and appeals [needs chromium]', () => {
  full('creator');
  const accountOf = async (creatorId: string, handle: string) =>
    (await world.api.get(`/creators/${creatorId}/accounts`)).body.items.find(
      (account: { handle: string | null }) => account.handle === handle,
    );

  it('an account is claimed, its code copied, checked, and released', async () => {
    const { page, violations, close } = await open(['creator', 'ann'], '/accounts');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await press(page, 'Claim an account');
    await page.getByLabel('Platform').selectOption('facebook');
    await press(page, 'Claim it');
    await page.getByText('Say which account it is.').waitFor();
    expect(await page.getByLabel('Platform').inputValue()).toBe('facebook');
    await page.getByRole('dialog').getByLabel('Account', { exact: true }).fill('@ann.page');
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Enter');
    await gone(page);
    const card = page.getByRole('region', { name: '@ann.page' });
    const { code, status } = await accountOf('ann', 'ann.page');
    expect(status).toBe('CLAIMED');
    await card.getByText(code).waitFor();
    await card.getByRole('button', { name: 'Copy the code' }).click();
    await card.getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(code);
    await card.getByRole('button', { name: 'Check now: @ann.page' }).click();
    await card.getByRole('link', { name: 'Submit a clip' }).waitFor();
    await card.getByRole('button', { name: 'Withdraw the claim: @ann.page' }).click();
    await page.getByLabel('Reason, if you like').fill('It is closed.');
    await inDialog(page, 'Withdraw it').click();
    await gone(page);
    expect(await accountOf('ann', 'ann.page')).toMatchObject({ status: 'RELEASED', reason: 'It is closed.' }); // prettier-ignore
    await close();
  });

  it('an admin gives an account to another creator, who then has it alone', async () => {
    const { page, violations, close } = await open(['admin', 'root'], '/accounts');
    await press(page, 'Take over @shared of ann');
    await page.getByText('Another creator has proved to own it, and loses it').waitFor();
    expect(await violations()).toEqual([]);
    await inDialog(page, 'Give it to ann').click();
    await gone(page);
    expect(await accountOf('ann', 'shared')).toMatchObject({ status: 'VERIFIED', proof: 'admin' });
    expect((await accountOf('eve', 'shared')).status).toBe('RELEASED');
    await press(page, 'Release @ann.daily of ann');
    await page.getByLabel('Reason').fill('It is of a namesake.');
    await inDialog(page, 'Release').click();
    await gone(page);
    expect(await accountOf('ann', 'ann.daily')).toMatchObject({ status: 'RELEASED', reason: 'It is of a namesake.' }); // prettier-ignore
    await close();
  });

  it('a brand shows its campaign to creators, and hides it again', async () => {
    const listed = async () =>
      (await world.api.get('/catalogue', { as: ['creator', 'bea'] })).body.items.map(
        ({ campaignId }: { campaignId: string }) => campaignId,
      ) as string[];
    const { page, close } = await open(['brand', 'acme'], '/campaigns/own?show=seen');
    const catalogue = page.getByRole('switch', { name: 'Every creator finds it' });
    const names = page.getByRole('switch', { name: 'Creators see each other' });
    expect(await listed()).not.toContain('own');
    await catalogue.click();
    await page.getByText('Saved.').waitFor();
    await until('it is listed', async () => (await listed()).includes('own'));
    await names.click();
    await until('names are shown', async () =>
      (await world.api.get('/campaigns/own')).body.leaderboardNames === true); // prettier-ignore
    await catalogue.click();
    await until('it is not listed', async () => !(await listed()).includes('own'));
    await page.getByText('Off', { exact: true }).waitFor();
    await close();
    const again = await open(['brand', 'acme'], '/campaigns/own?show=seen');
    expect(await again.page.getByRole('switch', { name: 'Every creator' }).isChecked()).toBe(false);
    expect(await again.page.getByRole('switch', { name: 'Creators see' }).isChecked()).toBe(true);
    await again.close();
  });

  it('one appeal is granted, one turned down, and the creator reads both answers', async () => {
    for (const [id, text] of [['youtube-9bZkp7q19f0', 'It is there.'], ['youtube-kJQP7kiw5Fk', 'They are real.']])
      await world.api.post(`/clips/${id}/appeal`, { campaignId: 'spring', text }); // prettier-ignore
    const { page, close } = await open(['brand', 'acme'], '/appeals');
    const clip = (id: string) => page.locator('.card', { has: page.getByRole('article', { name: id }) }); // prettier-ignore
    await clip('9bZkp7q19f0').getByRole('button', { name: 'Grant it and approve' }).click();
    await page.getByLabel('Your answer').fill('You are right.');
    await inDialog(page, 'Grant it').click();
    await gone(page);
    await clip('kJQP7kiw5Fk').getByRole('button', { name: 'Turn it down' }).click();
    await inDialog(page, 'Turn it down').click();
    await page.getByText('Say why: the creator reads it.').waitFor();
    await page.getByLabel('Your answer').fill('The curve says otherwise.');
    await inDialog(page, 'Turn it down').click();
    await page.getByText('No appeal waits for an answer').waitFor();
    await close();
    const entry = async (id: string) => (await world.api.get(`/clips/${id}`)).body.campaigns[0];
    expect(await entry('youtube-9bZkp7q19f0')).toMatchObject({ status: 'APPROVED' });
    expect((await entry('youtube-kJQP7kiw5Fk')).hold).not.toBeNull();
    for (const [id, words] of [['youtube-9bZkp7q19f0', /Granted.*You are right\./], ['youtube-kJQP7kiw5Fk', /Not granted.*The curve says otherwise\./]] as const) {
      const read = await open(['creator', 'ann'], `/clips/${id}`);
      await read.page.getByText(words).waitFor();
      await read.close();
    } // prettier-ignore
  });
});

of('files, endpoints and tokens [needs chromium]', () => {
  full('admin');
  const ROOT = ['admin', 'root'] as [Role, string];

  it('files have what the API has', async () => {
    const { page, close } = await open(ROOT, '/payouts');
    const transfers = (await world.api.get('/payouts/transfers.csv')).body as string;
    expect(await saved(page, 'Transfers as CSV')).toBe(transfers);
    expect(transfers).toContain('dana-feb');
    await page.getByRole('link', { name: 'A year' }).click();
    await page.getByRole('heading', { name: 'A year' }).waitFor();
    const year = (await world.api.get('/exports/years/2026/creators.csv')).body as string;
    expect(await saved(page, 'Download as CSV')).toBe(year);
    expect(year).toContain('ann');
    await close();
  });

  it('the list of transfers is sent back: each bad row is named, and nothing recorded before it is right', async () => {
    const state = async () => (await world.api.get('/payouts/dana-feb')).body;
    const { page, violations, close } = await open(ROOT, '/payouts?status=APPROVED');
    const choose = (text: string) =>
      page.getByLabel('The file').setInputFiles({ name: 'back.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }); // prettier-ignore
    await press(page, 'Send the list back');
    await choose('payout_id,amount,reference\ndana-feb,2.20,bank 1\nnobody,1.00,bank 2\n');
    await page.getByText('2 rows are wrong').waitFor();
    await page.getByText('the amount is 22.00, but the file has 2.20').waitFor();
    await page.getByText('payout "nobody": it is unknown').waitFor();
    expect(await violations()).toEqual([]);
    expect(await inDialog(page, 'Record it').isDisabled()).toBe(true);
    await choose('payout_id,reference\ndana-feb,\n');
    await page.getByText('No row of the file says anything new.').waitFor();
    expect(await inDialog(page, 'Record it').isDisabled()).toBe(true);
    await choose('payout_id,amount,reference\ndana-feb,22.00,bank 77\n');
    await page.getByText('The file says: 1 payout paid. Nothing is recorded yet.').waitFor();
    expect((await state()).status).toBe('APPROVED');
    await inDialog(page, 'Record it').click();
    await page.getByText('Recorded: 1 payout paid.').waitFor();
    expect(await state()).toMatchObject({ status: 'PAID', externalReference: 'bank 77' });
    await inDialog(page, 'Close').last().click();
    await page.getByText('No payout waits for its transfer').waitFor();
    await close();
  });

  it('an endpoint is added with its types, changed, given another secret, switched off and on, and deleted', async () => {
    const { page, close } = await open(ROOT, '/webhooks');
    await press(page, 'Add an endpoint');
    await page.getByLabel('Address').fill('http://hooks.example/one');
    await press(page, 'Add it');
    await page.getByText('An address that begins with https://').waitFor();
    await page.getByLabel('Address').fill('https://hooks.example/one');
    await page.getByText('Gets what is usual for it').click();
    await page.getByRole('checkbox', { name: 'payout.paid' }).check();
    await press(page, 'Add it');
    const first = await page.locator('code.secret').textContent();
    await press(page, 'I have kept it');
    await page.getByRole('link', { name: 'hooks.example/one' }).click();
    const id = (await page.waitForURL(/webhooks\/[^/]+$/), page.url().split('/').at(-1)!);
    const known = async () => (await world.api.get(`/webhook-endpoints/${id}`)).body;
    expect(await known()).toMatchObject({ types: ['payout.paid'], status: 'ENABLED' });
    await press(page, 'Change it');
    await page.getByLabel('Address').fill('https://hooks.example/two');
    await page.getByText('Gets 1 type').click();
    await page.getByRole('checkbox', { name: 'payout.failed' }).check();
    await inDialog(page, 'Change it').click();
    await gone(page);
    expect(await known()).toMatchObject({ url: 'https://hooks.example/two' });
    expect((await known()).types.toSorted()).toEqual(['payout.failed', 'payout.paid']);
    await press(page, 'Replace the secret');
    await press(page, 'Replace it');
    expect(await page.locator('code.secret').textContent()).not.toBe(first);
    await press(page, 'I have kept it');
    await press(page, 'Switch off');
    await page.getByLabel('Reason').fill('Its server moves.');
    await inDialog(page, 'Switch off').click();
    await page.getByText('Its server moves.').waitFor();
    await press(page, 'Switch on');
    await until('it is on', async () => (await known()).status === 'ENABLED');
    await press(page, 'Delete');
    await press(page, 'Delete it for good');
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor();
    expect((await world.api.get(`/webhook-endpoints/${id}`)).status).toBe(404);
    expect(await page.getByText('hooks.example/two').count()).toBe(0);
    await close();
  });

  it('a creator is erased by its id alone, once what is open has ended, and a second time alike', async () => {
    const account = async () => (await world.api.get('/creators/cem/payout-account')).body.account;
    expect(await account()).toContain('DE89');
    const { page, violations, close } = await open(ROOT, '/creators/cem');
    const answered = page.getByText('Nobody can read its texts since');
    const dialog = async () => {
      await press(page, 'Erase its data');
      await page.getByText('This cannot be undone.').waitFor();
    };
    const erase = () => inDialog(page, 'Erase it for good').click();
    await dialog();
    await page.getByLabel('Write cem to confirm').fill('ann');
    await erase();
    await page.getByText('Write cem, as it stands here.').waitFor();
    expect(await violations()).toEqual([]);
    await page.getByLabel('Write cem to confirm').fill('cem');
    await erase();
    await page.getByText('The payout "cem-mar" of "cem" is REQUESTED').waitFor();
    await world.api.post('/payouts/cem-mar/reject', { reason: 'It leaves.' });
    await erase();
    await page.getByText(/"cem" has .*: pay it out first/).waitFor();
    expect(await account()).toContain('DE89');
    await page.getByLabel('It gives up the money that it has').check();
    await erase();
    const first = await answered.textContent();
    expect(await violations()).toEqual([]);
    expect(await account()).toBe('[erased]');
    await inDialog(page, 'Close').last().click();
    await page.getByText('[erased]').first().waitFor();
    world.api.clock.advance(3_600_000);
    await dialog();
    await page.getByLabel('Write cem to confirm').fill('cem');
    await erase();
    expect(await answered.textContent()).toBe(first);
    await close();
  });

  it('a token says until when it is good, whatever letters it has', async () => {
    // Of these claims the text has "-" and "_", which are no letters of plain Base64.
    const token = await new SignJWT({ role: 'admin', name: '~~~???ÿÿÿ' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('root')
      .setExpirationTime(new Date('2036-05-04T12:00:00Z'))
      .sign(new TextEncoder().encode(SECRET));
    expect(token.split('.')[1]).toMatch(/[-_]/);
    const { page, close } = await visit(browser, world, { as: null });
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByText('4 May 2036').waitFor();
    await close();
  });
});

of('a review that is left [needs chromium]', () => {
  full('brand');
  const ACME = ['brand', 'acme'] as [Role, string];
  const state = async (id: string) => (await world.api.get(`/clips/${id}`)).body.campaigns[0].status as string; // prettier-ignore
  const shown = (page: Page) => page.getByRole('article').getAttribute('aria-label');

  it('a key that is held down decides once', async () => {
    const { page, close } = await open(ACME, '/review');
    await page.getByRole('article').waitFor();
    for (let press = 0; press < 5; press++) await page.keyboard.down('a');
    await page.keyboard.up('a');
    await page.getByRole('button', { name: /^Undo/ }).click();
    await page.getByText('Undone.').waitFor();
    expect(await page.getByText('decisions undone').count()).toBe(0);
    await close();
  });

  it('what was not sent when the page was loaded anew waits again; what was sent cannot be undone', async () => {
    const { page, close } = await open(ACME, '/review');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('article').waitFor();
    const clip = (await shown(page))!.replace('The clip ', '');
    await page.keyboard.press('a');
    await page.getByText('Sent in a moment.').waitFor();
    await page.reload();
    await page.getByLabel('Token').fill(await world.token(ACME));
    await page.keyboard.press('Enter');
    await page.getByRole('article', { name: clip }).waitFor();
    expect(await state(clip)).toBe('PENDING');
    await page.keyboard.press('a');
    await hurry(page, page.getByText('Sent in a moment.').waitFor({ state: 'detached' }));
    await until('it is approved', async () => (await state(clip)) === 'APPROVED');
    await page.reload();
    await page.getByLabel('Token').fill(await world.token(ACME));
    await page.keyboard.press('Enter');
    await page.getByRole('article').waitFor();
    expect(await shown(page)).not.toContain(clip);
    await page.keyboard.press('u');
    await page.getByText('There is nothing left to undo').waitFor();
    await close();
  });
});
