import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stepsOf } from '../testing/api-steps.js';
import { startApiWorld, type ApiAnswer } from '../testing/api-world.js';
import type { Role } from '@cliptally/contracts/api';

const DAY_MS = 86_400_000;

describe('money in the HTTP API', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld();
  });
  afterAll(() => world.close());

  const { launched, approved } = stepsOf(() => world);

  it('takes a campaign from launch to a payout that is explained to the last cent', async () => {
    const brand = { as: ['brand', 'acme'] as [Role, string] };
    const ann = { as: ['creator', 'ann-1'] as [Role, string] };
    const launch = await world.post(
      '/campaigns',
      world.terms({ budget: 50_000, validationDays: 2, minPayout: 500 }),
      brand,
    );
    expect(launch).toMatchObject({
      status: 201,
      body: {
        brandId: 'acme',
        status: 'ACTIVE',
        budget: 50_000,
        remaining: 50_000,
        exclusive: true,
      },
    });
    const { campaignId } = launch.body;
    const clip = await world.post(
      '/clips',
      { url: 'https://youtu.be/dQw4w9WgXcQ?si=abc', campaignId },
      ann,
    );
    expect(clip).toMatchObject({
      status: 201,
      body: {
        clipId: 'youtube-dQw4w9WgXcQ',
        campaigns: [{ creatorId: 'ann-1', status: 'PENDING' }],
      },
    });
    expect(
      (await world.post('/clips/youtube-dQw4w9WgXcQ/approve', {}, brand)).body.campaigns[0].status,
    ).toBe('APPROVED');
    world.clock.advance(DAY_MS);
    await world.see('youtube-dQw4w9WgXcQ', 12_345);
    world.clock.advance(DAY_MS);
    await world.see('youtube-dQw4w9WgXcQ', 20_000);
    expect((await world.get(`/campaigns/${campaignId}`, brand)).body).toMatchObject({
      spent: 2_000,
      remaining: 48_000,
      pace: { spent: 2_000 },
    });
    const { lines } = (await world.get('/clips/youtube-dQw4w9WgXcQ/statement', ann)).body;
    expect(lines).toMatchObject([
      {
        kind: 'accrued',
        fromViews: 0,
        toViews: 12_345,
        rate: 100,
        due: 1_234,
        amount: 1_234,
        sum: 1_234,
      },
      { kind: 'accrued', fromViews: 12_345, toViews: 20_000, due: 766, amount: 766, sum: 2_000 },
    ]);
    const seen = (await Array.fromAsync(world.store.readStream('clip-youtube-dQw4w9WgXcQ'))).map(
      (e) => e.id,
    );
    for (const line of lines) expect(seen).toContain(line.observation);
    expect((await world.post('/payouts', { currency: 'USD', amount: 2_000 }, ann)).status).toBe(
      422,
    );
    world.clock.advance(2 * DAY_MS);
    expect((await world.get('/creators/ann-1/balance', ann)).body.balances).toMatchObject([
      { currency: 'USD', accrued: 2_000, available: 2_000, validating: 0 },
    ]);
    expect((await world.post('/payouts', { currency: 'USD', amount: 400 }, ann)).body.code).toBe(
      'below_minimum',
    );
    const payout = await world.post('/payouts', { currency: 'USD', amount: 1_500 }, ann);
    expect(payout).toMatchObject({ status: 201, body: { status: 'REQUESTED' } });
    const at = `/payouts/${payout.body.payoutId}`;
    expect((await world.post(`${at}/approve`)).body.status).toBe('APPROVED');
    expect((await world.post(`${at}/paid`, { externalReference: 'bank 1' })).body.status).toBe(
      'PAID',
    );
    expect((await world.post(`${at}/paid`, { externalReference: 'bank 2' })).status).toBe(409);
    expect((await world.get('/creators/ann-1/balance', ann)).body.balances).toMatchObject([
      { available: 500, paid: 1_500, reserved: 0 },
    ]);
  });

  it('shows each of two creators who share a clip its own lines only, with sums of its own (D16)', async () => {
    const ann = { as: ['creator', 'ann-1'] as [Role, string] };
    const lin = { as: ['creator', 'lin-1'] as [Role, string] };
    const url = 'https://youtu.be/sharedClip1';
    const clipId = 'youtube-sharedClip1';
    const shared = world.terms({ exclusive: false });
    const [one, two] = [
      await world.post('/campaigns', shared),
      await world.post('/campaigns', shared),
    ];
    for (const [campaign, caller] of [
      [one, ann],
      [two, lin],
    ] as const) {
      const { campaignId } = campaign.body;
      expect((await world.post('/clips', { url, campaignId }, caller)).status).toBe(201);
      expect((await world.post(`/clips/${clipId}/approve`, { campaignId })).status).toBe(200);
    }
    world.clock.advance(DAY_MS);
    await world.see(clipId, 4_000);
    const creatorsOf = async (caller?: typeof ann) => {
      const { lines } = (await world.get(`/clips/${clipId}/statement`, caller)).body;
      return lines.map((line: { creatorId: string; sum: number; amount: number }) => [
        line.creatorId,
        line.sum === line.amount,
      ]);
    };
    expect(await creatorsOf(ann)).toEqual([['ann-1', true]]);
    expect(await creatorsOf(lin)).toEqual([['lin-1', true]]);
    expect((await creatorsOf()).map(([creatorId]: [string]) => creatorId).toSorted()).toEqual([
      'ann-1',
      'lin-1',
    ]);
    // The second page begins with the sum of its own lines too.
    await world.see(clipId, 6_000);
    const [first] = (await world.get(`/clips/${clipId}/statement?limit=1`, ann)).body.lines;
    const { next } = (await world.get(`/clips/${clipId}/statement?limit=1`, ann)).body;
    const [second] = (await world.get(`/clips/${clipId}/statement?limit=1&cursor=${next}`, ann))
      .body.lines;
    expect(second).toMatchObject({ creatorId: 'ann-1', sum: first.amount + second.amount });
  });

  it('never pays more than the balance to 64 requests at once', async () => {
    const campaignId = await launched({ validationDays: 0 });
    const clipId = await approved(campaignId, 'greedy');
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    const answers = await Promise.all(
      Array.from({ length: 64 }, () =>
        world.post('/payouts', { currency: 'USD', amount: 1_500 }, { as: ['creator', 'greedy'] }),
      ),
    );
    const granted = answers.filter(({ status }) => status === 201);
    // Six fit in the 10,000 that were earned; who met too many others may send it again, and
    // nobody gets more.
    expect(granted.length).toBeLessThanOrEqual(6);
    expect(granted.length).toBeGreaterThan(0);
    expect(
      answers.every(
        ({ status, body }) =>
          status === 201 || status === 422 || (status === 409 && body.code === 'busy'),
      ),
    ).toBe(true);
    const { balances } = (await world.get('/creators/greedy/balance')).body;
    expect(balances[0].reserved).toBe(granted.length * 1_500);
    expect(balances[0].available).toBe(10_000 - granted.length * 1_500);
  });

  it('lists payouts in the statement of a creator, so that its sum is the balance', async () => {
    const campaignId = await launched({ validationDays: 0, minPayout: 100 });
    const clipId = await approved(campaignId, 'lin');
    const lin = { as: ['creator', 'lin'] as [Role, string] };
    const agreed = async () => {
      const [{ available, validating, accrued, reversed, reserved, paid }] = (
        await world.get('/creators/lin/balance', lin)
      ).body.balances;
      const { lines } = (await world.get('/creators/lin/statement?currency=USD', lin)).body;
      const sum = (of: string) =>
        lines.reduce((all: number, line: Record<string, number>) => all + (line[of] ?? 0), 0);
      expect([lines.at(-1).sum, sum('amount'), sum('reserved'), sum('paid')]).toEqual([
        available + validating,
        lines.at(-1).sum,
        reserved,
        paid,
      ]);
      expect(accrued - reversed - reserved - paid).toBe(lines.at(-1).sum);
      return lines.at(-1);
    };
    const ask = async (amount: number) =>
      `/payouts/${(await world.post('/payouts', { currency: 'USD', amount }, lin)).body.payoutId}`;
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    expect(await agreed()).toMatchObject({
      kind: 'accrued',
      clipId,
      campaignId,
      amount: 10_000,
      sum: 10_000,
    });
    const rejected = await ask(3_000);
    expect(await agreed()).toMatchObject({
      kind: 'payout',
      status: 'REQUESTED',
      amount: -3_000,
      sum: 7_000,
      note: null,
    });
    await world.post(`${rejected}/reject`, { reason: 'wrong account' });
    expect(await agreed()).toMatchObject({
      status: 'REJECTED',
      amount: 3_000,
      sum: 10_000,
      note: 'wrong account',
    });
    const paid = await ask(2_000);
    await world.post(`${paid}/approve`);
    expect(await agreed()).toMatchObject({ status: 'APPROVED', amount: 0, sum: 8_000 });
    await world.post(`${paid}/paid`, { externalReference: 'bank 7' });
    expect(await agreed()).toMatchObject({
      payoutId: paid.split('/').at(-1),
      status: 'PAID',
      amount: 0,
      reserved: -2_000,
      paid: 2_000,
      note: 'bank 7',
    });
    const failed = await ask(4_000);
    await world.post(`${failed}/approve`);
    await world.post(`${failed}/failed`, { reason: 'returned' });
    expect(await agreed()).toMatchObject({ status: 'FAILED', amount: 4_000, sum: 8_000 });
    await world.post(`/clips/${clipId}/reverse`, { amount: 1_000, reason: 'bought' });
    expect(await agreed()).toMatchObject({
      kind: 'reversed',
      amount: -1_000,
      sum: 7_000,
      reason: 'bought',
    });

    const whole = (await world.get('/creators/lin/statement', lin)).body.lines;
    const paged: unknown[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: ApiAnswer = await world.get(
        `/creators/lin/statement?limit=3${next ? `&cursor=${next}` : ''}`,
        lin,
      );
      paged.push(...page.body.lines);
      next = page.body.next;
    }
    expect(paged).toEqual(whole);
    expect(whole).toHaveLength(10);
    const ofClip = (await world.get(`/clips/${clipId}/statement`, lin)).body.lines;
    expect(ofClip.map(({ kind }: { kind: string }) => kind)).toEqual(['accrued', 'reversed']);
  });
});
