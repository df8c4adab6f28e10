import { ManualClock } from '@cliptally/contracts';
import { readSheet } from '@cliptally/spreadsheets';
import type { CreatorYearAnswer, TaxProfile } from '@cliptally/contracts/api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshUrl, startApiWorld } from '../testing/api-world.js';

const PROFILE: TaxProfile = {
  kind: 'individual',
  legalName: '=HYPERLINK("http://evil.example","Ann")',
  taxId: '12-3456789',
  taxIdCountry: 'US',
  street: '1 Main Street',
  postalCode: '04101',
  city: 'Portland',
  region: 'ME',
  country: 'US',
};

describe('a year of creators', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  const clock = new ManualClock('2026-03-30T12:00:00Z');
  const clips: Record<string, string> = {};

  const ok = async (path: string) => {
    const { status, body } = await world.get(path);
    expect([path, status]).toEqual([path, 200]);
    return body;
  };
  const done = async (path: string, body: object = {}) => {
    const answer = await world.post(path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const year = async (of: number, query = ''): Promise<CreatorYearAnswer[]> =>
    (await ok(`/exports/years/${of}/creators?limit=200${query}`)).items;
  const move = (to: string) => clock.advance(Date.parse(to) - clock.now().getTime());

  beforeAll(async () => {
    world = await startApiWorld({ clock });
    const fee = { platformFee: { basisPoints: 1_000, bearer: 'creator' } };
    const open = {
      validationDays: 0,
      anomalyThreshold: null,
      budget: 9_000_000,
      trackingDays: 900,
    };
    await done('/campaigns', world.terms({ campaignId: 'usd', ...open, ...fee }));
    await done('/campaigns', world.terms({ campaignId: 'jpy', currency: 'JPY', ...open }));
    for (const [creatorId, campaignId] of [
      ['ann', 'usd'],
      ['bob', 'usd'],
      ['ann', 'jpy'],
    ] as const) {
      const { clipId } = await done('/clips', { url: freshUrl(), campaignId, creatorId });
      await done(`/clips/${clipId}/approve`);
      clips[`${creatorId} ${campaignId}`] = clipId;
    }
    const seen = async (views: number) => {
      clock.advance(1_000);
      for (const clipId of Object.values(clips)) await world.see(clipId, views);
      await world.service.settled(AbortSignal.timeout(60_000));
    };
    const pay = async (creatorId: string, amount: number, currency = 'USD') => {
      await done(`/creators/${creatorId}/payments`, {
        currency,
        amount,
        externalReference: `bank ${creatorId} ${clock.now().toISOString()} ${currency}`,
      });
      await world.service.settled(AbortSignal.timeout(60_000));
    };
    await seen(100_000);
    // The last and the first instant of two quarters, and of two years, of UTC.
    move('2026-03-31T23:59:59.999Z');
    await pay('ann', 100);
    move('2026-04-01T00:00:00.000Z');
    await pay('ann', 200);
    await pay('bob', 50);
    await pay('ann', 33, 'JPY');
    await seen(200_000);
    move('2026-12-31T23:59:59.999Z');
    await pay('ann', 400);
    move('2027-01-01T00:00:00.000Z');
    await pay('ann', 800);
  }, 60_000);
  afterAll(() => world.close());

  it('counts payments by their date in UTC, by quarter, with fees, and sums to the balance', async () => {
    const [ann] = await year(2026, '&currency=USD');
    expect(ann).toMatchObject({
      creatorId: 'ann',
      currency: 'USD',
      year: 2026,
      paid: 700,
      payments: 3,
      returned: 0,
      clips: 1,
      hasTaxProfile: false,
    });
    expect(ann!.quarters.map(({ quarter, paid, payments }) => [quarter, paid, payments])).toEqual([
      [1, 100, 1],
      [2, 200, 1],
      [3, 0, 0],
      [4, 400, 1],
    ]);
    for (const figure of ['paid', 'payments', 'returned', 'fees', 'gross'] as const)
      expect([figure, ann!.quarters.reduce((sum, one) => sum + one[figure], 0)]).toEqual([
        figure,
        ann![figure],
      ]);
    const [later] = await year(2027, '&currency=USD');
    expect(later).toMatchObject({ paid: 800, payments: 1 });
    const balance = (await ok('/creators/ann/balance')).balances.find(
      (one: { currency: string }) => one.currency === 'USD',
    );
    expect([ann!.paid + later!.paid, ann!.fees + later!.fees]).toEqual([
      balance.paid,
      balance.fees,
    ]);
    expect(ann!.fees).toBeGreaterThan(0);
    expect(ann!.gross).toBe(ann!.paid + ann!.fees);
    expect(await year(2025)).toEqual([]);
  });

  it('has a row for each creator and currency, page by page, and only from a gross on', async () => {
    const all = await year(2026);
    const names = (rows: CreatorYearAnswer[]) =>
      rows.map((one) => `${one.creatorId} ${one.currency}`);
    expect(names(all)).toEqual(['ann JPY', 'ann USD', 'bob USD']);
    const paged: CreatorYearAnswer[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: CreatorYearAnswer[]; next: string | null } = await ok(
        `/exports/years/2026/creators?limit=1${cursor && `&cursor=${cursor}`}`,
      );
      paged.push(...page.items);
      cursor = page.next;
    }
    expect(paged).toEqual(all);
    const bob = all.find(({ creatorId }) => creatorId === 'bob')!;
    const large = names(await year(2026, `&currency=USD&atLeast=${bob.gross + 1}`));
    expect(large).toEqual(['ann USD']);
    expect(names(await year(2026, `&currency=USD&atLeast=${bob.gross}`))).toContain('bob USD');
  });

  it('takes a payment that came back off when it came back', async () => {
    const { payoutId } = (await ok('/payouts?creatorId=bob')).items[0];
    const { store, clock: at } = world;
    const { newEvent, streams } = await import('@cliptally/contracts');
    const context = { time: at.now(), correlationId: 't', causationId: 't' };
    const data = {
      payoutId,
      creatorId: 'bob',
      reason: 'taken back',
      by: 'cliptally:stripe',
      decidedAt: await store.head(),
    };
    const id = '0b7c6f7e-6a0e-4d0f-8a3b-5b6f3f0d1c01';
    await store.append(
      streams.payout('bob'),
      [newEvent('PayoutFailed', id, data, context) as never],
      'any',
    );
    await world.service.settled(AbortSignal.timeout(60_000));
    const of = async (which: number) =>
      (await year(which)).find(({ creatorId }) => creatorId === 'bob');
    expect(await of(2026)).toMatchObject({ paid: 50, returned: 0 });
    expect(await of(2027)).toMatchObject({ paid: 0, payments: 0, returned: 50 });
  });

  it('says who has no tax profile; a profile is in no event, and can be erased', async () => {
    const path = '/creators/ann/tax-profile';
    const own = { as: ['creator', 'ann'] as ['creator', string] };
    expect(await ok(path)).toEqual({ creatorId: 'ann', profile: null, changedAt: null });
    const head = await world.store.head();
    const put = await world.send('PUT', path, { ...own, body: PROFILE });
    expect(put).toMatchObject({ status: 200, body: { creatorId: 'ann' } });
    expect(JSON.stringify(put.body)).not.toContain(PROFILE.taxId);
    expect(await world.store.head()).toBe(head);
    expect((await world.get(path, own)).body.profile).toEqual(PROFILE);
    expect((await year(2026)).map(({ hasTaxProfile }) => hasTaxProfile)).toEqual([
      true,
      true,
      false,
    ]);
    expect((await year(2026))[0]!.taxProfile).toEqual(PROFILE);
    const short = await world.send('PUT', path, { ...own, body: { ...PROFILE, country: 'USA' } });
    expect([short.status, short.body.errors[0].field]).toEqual([400, 'country']);
    const other = await world.send('PUT', path, { as: ['creator', 'bob'], body: PROFILE });
    expect(other.status).toBe(403);
  });

  it('is a file that no spreadsheet runs, with all quarters and profiles', async () => {
    const file = (await ok('/exports/years/2026/creators.csv')) as string;
    const { rows, broken } = readSheet(file, [
      { what: 'years', needed: ['creator_id', 'currency', 'paid'], others: [], more: true },
    ]);
    expect(broken).toEqual([]);
    expect(
      rows.map(({ values }) => [values['creator_id'], values['currency'], values['paid']]),
    ).toEqual([
      ['ann', 'JPY', '33'],
      ['ann', 'USD', '7.00'],
      ['bob', 'USD', '0.50'],
    ]);
    expect(file).toContain(`"'=HYPERLINK(`);
    expect(file).not.toContain(`"=HYPERLINK(`);
    const header = file.split('\r\n')[0]!.split(',');
    expect(header).toEqual(expect.arrayContaining(['q1_paid', 'q4_payments', 'q2_fees', 'tax_id']));
    await world.send('DELETE', '/creators/ann/tax-profile', {});
    expect(await ok('/exports/years/2026/creators.csv')).not.toContain('HYPERLINK');
  });

  it.each(['26', 'next', '20260', '1899'])('of the year %s is not found', async (name) => {
    const { status, body } = await world.get(`/exports/years/${name}/creators`);
    expect([status, body.detail]).toEqual([
      404,
      expect.stringContaining(`There is no year "${name}"`),
    ]);
  });
});
