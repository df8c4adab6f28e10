import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@cliptally/contracts/api';
import type { Browser } from 'playwright-core';
import { EVENT_TYPES } from '@cliptally/contracts';
import { WEBHOOK_TYPES } from '../../../services/earnings/src/domain/webhook.js';
import { aMonthForAdmins, startAdminWorld } from '../testing/admin-world.js';
import { chromiumIsHere, openBrowser, visit } from '../testing/browser.js';
import { buildPages, type ConsoleWorld } from '../testing/console-world.js';
import { describeAccessible } from '../testing/describe-accessible.js';
import { describeStates } from '../testing/describe-states.js';
import { describeEmptyScreens, describeScreens } from '../testing/describe-screens.js';
import { EVENT_GROUPS } from './event-types.js';
import { WEBHOOK_GROUPS } from './webhook-types.js';

it('offers each type of webhook that the API sends', () => {
  const offered = WEBHOOK_GROUPS.flatMap(([, names]) => names);
  expect(offered.toSorted()).toEqual(WEBHOOK_TYPES.toSorted());
});

it('finds events of each type that there is', () => {
  const offered = EVENT_GROUPS.flatMap(([, types]) => types);
  expect(offered.toSorted()).toEqual(EVENT_TYPES.toSorted());
});

/** Its id is one that the world gives: nothing has it before there is one. */
const NEEDS_A_WORLD = ['webhook', 'why'];

(chromiumIsHere() ? describe : describe.skip)('an admin [needs chromium]', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    world = await startAdminWorld();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  const as: [Role, string] = ['admin', 'root'];
  const opened = () => ({ browser, world });

  describeEmptyScreens(as, opened, NEEDS_A_WORLD);

  describe('after a month', () => {
    beforeAll(() => aMonthForAdmins(world), 120_000);

    describeScreens(as, opened);
    describeAccessible(as, opened);
    describeStates(as, opened);

    it('a day: approves, pays, holds, answers, sends again, by what is on the screen', async () => {
      const { api } = world;
      const { page, faults, picture, violations, close } = await visit(browser, world, { as }); // prettier-ignore
      const go = (name: string) => page.getByRole('link', { name, exact: true }).first().click();
      const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
      const state = async (id: string) => (await api.get(`/payouts/${id}`)).body.status as string;

      await page.getByText('Changed; the last payment went to DE89 3704 0044 0530').waitFor();
      await press('Approve ann-mar');
      await page.getByText('The account was changed').waitFor();
      await picture('admin-approve');
      expect(await violations()).toEqual([]);
      await page.keyboard.press('Escape');
      await press('Reject ann-mar');
      await page.getByLabel('Reason').fill('The account was changed: call us.');
      await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await state('ann-mar')).toBe('REJECTED');

      await page.getByLabel('Choose all').check();
      await press('Approve 3 chosen');
      await page.getByText('Approve 3 payouts').waitFor();
      await picture('admin-approve-several');
      expect(await violations()).toEqual([]);
      await press(/^Approve 3$/);
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByText('No payout waits for approval').waitFor();
      expect(await Promise.all(['bea-mar', 'cem-mar', 'eli-mar'].map(state))).toEqual(['APPROVED', 'APPROVED', 'APPROVED']); // prettier-ignore

      await press('To pay');
      await press('Mark eli-mar as paid');
      await page.getByLabel('Reference of the transfer').fill('wise 77');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await press('Mark cem-mar as failed');
      await page.getByLabel('What went wrong').fill('No such account.');
      await press('Mark as failed');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await Promise.all(['eli-mar', 'cem-mar'].map(state))).toEqual(['PAID', 'FAILED']);

      await press('Record a payment made outside');
      await page.getByRole('dialog').getByLabel('Creator').fill('cem');
      await page.getByText('are available').waitFor();
      await page.getByLabel('Amount').fill('10');
      await page.getByLabel('Reference of the transfer').fill('cash, 2 March');
      await picture('admin-outside');
      await press('Record it');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      const { items } = (await api.get('/payouts?creatorId=cem&status=PAID')).body;
      expect(items).toMatchObject([{ amount: 1_000, externalReference: 'cash, 2 March' }]);

      await go('Brands');
      await page.getByRole('link', { name: 'kaze' }).click();
      await press('Record a payment');
      await page.getByLabel('Currency').selectOption('JPY');
      await page.getByText('JP¥30,000 paid in so far, JP¥0 left.').waitFor();
      await page.getByLabel('Amount').fill('10.5');
      await page.getByLabel('Reference of the payment').fill('invoice 78');
      await press('Record it');
      await page.getByText('An amount above nothing').waitFor();
      await page.getByLabel('Amount').fill('12000');
      await picture('admin-funding');
      expect(await violations()).toEqual([]);
      await press('Record it');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('rowheader', { name: 'invoice 78' }).waitFor();
      expect((await api.get('/brands/kaze/funding')).body.currencies).toMatchObject([{ currency: 'JPY', funded: 42_000, left: 12_000 }]); // prettier-ignore
      await press('Refund of invoice 78');
      await page.getByLabel('Amount in JPY').fill('12001');
      await page.getByLabel('Id of the refund or dispute').fill('re_1');
      await press('Record it');
      await page.getByText('At most JP¥12,000, which is the payment.').waitFor();
      await page.getByLabel('Amount in JPY').fill('2000');
      await picture('admin-refund');
      expect(await violations()).toEqual([]);
      await press('Record it');
      await page.getByRole('rowheader', { name: 're_1' }).waitFor();
      await page.getByText('JP¥40,000').waitFor();
      await picture('admin-brand-refunded');
      expect(await violations()).toEqual([]);
      await press('Undo re_1');
      await press('Undo it');
      await page.getByText(/^undone/).waitFor();
      expect((await api.get('/brands/kaze/funding')).body.currencies).toMatchObject([{ funded: 42_000, refunded: 0, left: 12_000 }]); // prettier-ignore

      await go('Holds');
      await press(/^Release youtube-/);
      await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
      await page.getByText('No clip is on hold').waitFor();
      await press('Appeals');
      await press(/^Answer youtube-/);
      await press('Send the answer');
      await page.getByText('Choose an answer.').waitFor();
      await press('The creator is right');
      await page.getByLabel('Reason').fill('It is there.');
      await picture('admin-answer');
      expect(await violations()).toEqual([]);
      await press('Send the answer');
      await page.getByText('No appeal waits for an answer').waitFor();

      await go('Scrapes');
      await page.getByLabel('Choose all').check();
      await press('Retry 2 chosen');
      await page.getByText('2 scrapes are requested').waitFor();

      await go('Short links');
      await press(/^Refuse .*ZMabc1234/);
      await page.getByLabel('Reason').fill('It is a sound, not a clip.');
      await page.getByRole('dialog').getByRole('button', { name: 'Refuse' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await press(/^Resolve .*ZMxyz9876/);
      await page.getByLabel("The clip's own link").fill('https://example.com/clip');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('alert').filter({ hasText: /\w/ }).first().waitFor();
      await page.getByLabel("The clip's own link").fill('https://www.tiktok.com/@eli/video/7300000000000000077'); // prettier-ignore
      await page.keyboard.press('Enter');
      await page.getByText('No link waits for a person').waitFor();

      await go('Webhooks');
      await press('Add an endpoint');
      await page.getByLabel('Address').fill('https://hooks.example/more');
      await press('Add it');
      await page.getByText('It is shown this once.').waitFor();
      expect(await violations()).toEqual([]);
      await press('I have kept it');
      await page.getByRole('link', { name: 'hooks.example/more' }).click();
      await press('Send a test');
      await page.getByRole('cell', { name: 'webhook.test', exact: true }).waitFor();
      await picture('admin-webhook-tested');
      expect(await violations()).toEqual([]);
      // The clip that is none was refused, which the browser reports by itself.
      expect(faults.filter((fault) => !fault.includes('422'))).toEqual([]);
      await close();
    }, 180_000); // prettier-ignore

    it('says why an amount is what it is, and computes it from the log, for its creator', async () => {
      const { page, faults, picture, violations, close } = await visit(browser, world, {
        as: ['creator', 'ann'],
        path: '/statement/creator/ann',
      });
      await page
        .getByRole('link', { name: /: why\?$/ })
        .nth(2)
        .click();
      await page.getByRole('heading', { name: 'Events that it rests on' }).waitFor();
      await page.getByRole('button', { name: 'Recompute from the log' }).click();
      await page.getByText(/^The same amount: /).waitFor();
      await page.getByText('is the one that the service names below').waitFor();
      await picture('admin-why-recomputed');
      expect(await violations()).toEqual([]);
      expect(faults).toEqual([]);
      await close();
    });

    it('shows the first difference if an event is another than the one that was decided on', async () => {
      const { page, violations, picture, close } = await visit(browser, world, {
        as,
        path: '/statement/creator/ann',
        variant: 'narrow-dark',
      });
      await page.route('**/statement/*/events', async (route) => {
        const answer = await route.fetch();
        const text = (await answer.text()).replaceAll('"views":1600', '"views":1601');
        await route.fulfill({ response: answer, body: text });
      });
      await page
        .getByRole('link', { name: /: why\?$/ })
        .nth(2)
        .click();
      await page.getByRole('button', { name: 'Recompute from the log' }).click();
      await page.getByText('The first difference is in').waitFor();
      await page.getByText('does not follow from those before it').waitFor();
      await picture('admin-why-difference');
      expect(await violations()).toEqual([]);
      await close();
    });

    it('finds events, follows causes and consequences, and shows any state, by keyboard', async () => {
      const { page, faults, picture, violations, close } = await visit(browser, world, { as, path: '/events' }); // prettier-ignore
      await page.getByLabel('Type').selectOption('EarningsAccrued');
      await page.getByLabel('Campaign').fill('spring');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'EarningsAccrued' }).first().waitFor();
      expect(await page.getByRole('link', { name: 'ViewsRecorded' }).count()).toBe(0);
      await picture('admin-events-found');
      await page.getByRole('link', { name: 'EarningsAccrued' }).first().focus();
      await page.keyboard.press('Enter');
      await page.getByText(/^this event, position/).waitFor();
      await page.getByRole('link', { name: 'The campaign at this position' }).click();
      await page.getByRole('heading', { name: 'Campaign spring at a position' }).waitFor();
      const slider = page.getByRole('slider');
      await slider.focus();
      await page.keyboard.press('Home');
      await page.getByText('After CampaignLaunched').waitFor();
      await page.getByRole('button', { name: 'Change after' }).click();
      await page.getByText('before: ').first().waitFor();
      await picture('admin-campaign-at-change');
      expect(await violations()).toEqual([]);
      expect(faults).toEqual([]);
      await close();
    });
  });
});
