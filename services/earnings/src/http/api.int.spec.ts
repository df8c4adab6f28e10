import { newEvent, streams } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshUrl, startApiWorld, type ApiAnswer } from '../testing/api-world.js';
import type { Role } from './auth/access.js';

const DAY_MS = 86_400_000;

describe('the HTTP API', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld();
  });
  afterAll(() => world.close());

  const launched = async (more: object = {}) =>
    (await world.post('/campaigns', world.terms(more))).body.campaignId as string;
  const submitted = async (campaignId: string, creatorId = 'ann') =>
    (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body.clipId as string;
  const approved = async (campaignId: string, creatorId = 'ann') => {
    const clipId = await submitted(campaignId, creatorId);
    await world.post(`/clips/${clipId}/approve`);
    return clipId;
  };

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

  it('names every fault of a campaign at once, and everything that it does not know', async () => {
    const answer = await world.post('/campaigns', {
      ...world.terms({ budget: -5, currency: 'XXX', minViews: 1.5 }),
      colour: 'red',
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.errors.map((e: { field: string }) => e.field).toSorted()).toEqual([
      'budget',
      'colour',
      'currency',
      'minViews',
    ]);
    const rules = await world.post(
      '/campaigns',
      world.terms({ budget: 0, ratePerThousand: { default: 0 }, endsAt: '2025-01-01T00:00:00Z' }),
    );
    expect(rules.status).toBe(422);
    expect(rules.body.errors.length).toBeGreaterThanOrEqual(3);
  });

  it('refuses the same clip twice in one campaign, by whomever and under whatever address', async () => {
    const campaignId = await launched();
    await world.post('/clips', {
      url: 'https://www.youtube.com/shorts/abcdefghijk',
      campaignId,
      creatorId: 'ann',
    });
    const again = await world.post('/clips', {
      url: 'youtube.com/watch?list=x&v=abcdefghijk',
      campaignId,
      creatorId: 'bob',
    });
    expect(again).toMatchObject({ status: 409, body: { code: 'clip_already_submitted' } });
    expect(
      await world.post('/clips', {
        url: 'https://youtu.be/abcdefghijk',
        campaignId: await launched(),
        creatorId: 'ann',
      }),
    ).toMatchObject({ status: 409, body: { code: 'clip_exclusive' } });
  });

  it('says what is wrong with an address that is no clip', async () => {
    const campaignId = await launched();
    expect(
      await world.post('/clips', {
        url: 'https://tiktok.com.evil.io/@a/video/1',
        campaignId,
        creatorId: 'ann',
      }),
    ).toMatchObject({
      status: 422,
      body: { code: 'not_a_clip', errors: [{ field: 'url' }] },
    });
  });

  it('answers a wrong state with a conflict that names it', async () => {
    const campaignId = await launched();
    expect((await world.post(`/campaigns/${campaignId}/resume`)).body.detail).toContain('ACTIVE');
    await world.post(`/campaigns/${campaignId}/end`, { reason: 'over' });
    expect(await world.post(`/campaigns/${campaignId}/top-up`, { amount: 5 })).toMatchObject({
      status: 409,
    });
    expect(
      (await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' })).status,
    ).toBe(409);
  });

  it('lets exactly one of two hundred submissions of a clip through', async () => {
    const campaignId = await launched();
    const url = freshUrl();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        world.post('/clips', { url, campaignId, creatorId: `c${i}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(199);
  });

  it('shows why a clip looks odd, holds it, and takes back what was voided', async () => {
    const brand = { as: ['brand', 'careful'] as [Role, string] };
    const campaignId = await launched({ brandId: 'careful' });
    const clipId = await approved(campaignId, 'eve');
    for (const views of [20_000, 14_000, 50_000]) {
      world.clock.advance(3_600_000);
      await world.see(clipId, views);
    }
    expect((await world.get(`/clips/${clipId}`, brand)).body).toMatchObject({
      anomaly: {
        score: 60,
        advice: 'hold',
        reasons: [{ rule: 'dropped_far', observed: 0.3, threshold: 0.2 }],
      },
      campaigns: [
        {
          earned: 2_000,
          due: 0,
          hold: { anomaly: { score: 60 }, reason: expect.stringContaining('views fell by 30 %') },
        },
      ],
    });
    expect(
      (await world.get(`/clips/${clipId}`, { as: ['creator', 'eve'] })).body.anomaly,
    ).toBeUndefined();
    await world.post(`/clips/${clipId}/release`, {}, brand);
    await world.service.settled(AbortSignal.timeout(120_000));
    expect(
      (await world.post(`/clips/${clipId}/reverse`, { amount: 'all', reason: 'bought' })).body
        .campaigns[0],
    ).toMatchObject({
      earned: 0,
      due: 0,
    });
    expect(
      await world.post(`/clips/${clipId}/reverse`, { amount: 1, reason: 'bought' }),
    ).toMatchObject({ status: 422 });
    expect(
      (await world.post(`/clips/${clipId}/reverse`, { amount: 1, reason: 'bought' }, brand)).status,
    ).toBe(403);
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

  it('gives one answer to a request that is sent again with its key', async () => {
    const key = 'launch-1';
    const body = world.terms({ name: 'Once' });
    const [first, ...others] = await Promise.all(
      Array.from({ length: 8 }, () => world.post('/campaigns', body, { key })),
    );
    for (const other of others)
      expect([other.status, other.body.campaignId]).toEqual([201, first!.body.campaignId]);
    expect((await world.post('/campaigns', { ...body, name: 'Twice' }, { key })).status).toBe(422);
    expect(
      (await world.post('/campaigns', body, { key, as: ['brand', 'other'] })).body.campaignId,
    ).not.toBe(first!.body.campaignId);
    const refused = await Promise.all(
      [1, 2].map(() => world.post('/campaigns/none/pause', {}, { key: 'p' })),
    );
    expect(refused.map(({ status }) => status)).toEqual([404, 404]);
    world.clock.advance(DAY_MS + 1);
    expect((await world.post('/campaigns', { ...body, name: 'Next day' }, { key })).status).toBe(
      201,
    );
  });

  it('pages through lists without a gap', async () => {
    const brand = { as: ['brand', 'pager'] as [Role, string] };
    for (let i = 0; i < 5; i++)
      await world.post('/campaigns', world.terms({ name: `n${i}` }), brand);
    const names: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: ApiAnswer = await world.get(
        `/campaigns?limit=2${next ? `&cursor=${next}` : ''}`,
        brand,
      );
      names.push(...page.body.items.map((c: { name: string }) => c.name));
      next = page.body.next;
    }
    expect(names).toHaveLength(5);
    expect(new Set(names).size).toBe(5);
    expect((await world.get('/campaigns?cursor=nonsense', brand)).status).toBe(400);
  });

  it('lists failed scrapes, and retries one', async () => {
    const clipId = await approved(await launched());
    const { requestId } = (await world.post(`/clips/${clipId}/track`)).body;
    expect((await world.get('/failed-scrapes')).body).toEqual({ items: [], next: null });
    await world.fail(clipId, requestId);
    const { items } = (await world.get('/failed-scrapes')).body;
    expect(items).toMatchObject([
      { id: requestId, clipId, reason: 'blocked', attempts: 3, failures: 1, retryable: true },
    ]);
    const again = await world.post(`/failed-scrapes/${requestId}/retry`);
    expect(again).toMatchObject({
      status: 202,
      body: { requestId: expect.not.stringMatching(requestId) },
    });
    await world.see(clipId, 5);
    expect((await world.get('/failed-scrapes')).body.items).toEqual([]);
    expect((await world.post(`/failed-scrapes/${requestId}/retry`)).status).toBe(404);
  });

  it('retries some or all failed scrapes, each once, and says why not', async () => {
    const campaignId = await launched();
    const clips = [
      await approved(campaignId),
      await approved(campaignId),
      await approved(campaignId),
    ];
    const failed: string[] = [];
    for (const clipId of clips) {
      failed.push((await world.post(`/clips/${clipId}/track`)).body.requestId);
      await world.fail(clipId, failed.at(-1)!);
    }
    const retry = async (body: object) => (await world.post('/failed-scrapes/retry', body)).body;
    const requested = async () =>
      (await Array.fromAsync(world.store.readAll(0))).filter(
        ({ type }) => type === 'ClipTrackingRequested',
      ).length;
    const before = await requested();
    const some = await retry({ ids: failed.slice(0, 2) });
    expect(some.items.map(({ id }: { id: string }) => id).toSorted()).toEqual(
      failed.slice(0, 2).toSorted(),
    );
    expect(await requested()).toBe(before + 2);
    expect((await retry({ ids: failed.slice(0, 2) })).items).toEqual(some.items);
    const one = await world.post(`/failed-scrapes/${failed[0]}/retry`);
    expect(some.items).toContainEqual({
      id: failed[0],
      requestId: one.body.requestId,
      code: null,
      detail: null,
    });
    expect(await requested()).toBe(before + 2);

    expect(await retry({ platform: 'facebook' })).toEqual({ items: [], next: null });
    expect((await retry({ reason: 'blocked' })).items).toHaveLength(3);
    expect(await requested()).toBe(before + 3);
    const pages = [await retry({ limit: 2 })];
    pages.push(await retry({ limit: 2, cursor: pages[0].next }));
    expect(pages.flatMap(({ items }) => items)).toHaveLength(3);
    expect(pages[1].next).toBeNull();
    expect(await requested()).toBe(before + 3);
    // The second scrape of a clip fails too: that one may be retried in its turn.
    await world.fail(clips[0]!, one.body.requestId);
    expect(
      (await world.get('/failed-scrapes?reason=blocked&platform=youtube')).body.items,
    ).toHaveLength(3);
    await retry({});
    expect(await requested()).toBe(before + 4);

    const gone = {
      clipId: clips[1]!,
      platform: 'youtube',
      reason: 'not_found',
      requestId: failed[1]!,
    } as const;
    const context = { time: world.clock.now(), correlationId: 't', causationId: 't' };
    await world.store.append(
      streams.clip(gone.clipId),
      [newEvent('ClipRetired', randomUUID(), gone, context)],
      'any',
    );
    await world.service.settled(AbortSignal.timeout(120_000));
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect((await retry({ ids: [failed[1], unknown] })).items).toMatchObject([
      { id: failed[1], requestId: null, code: 'clip_retired' },
      { id: unknown, requestId: null, code: 'not_found' },
    ]);
    expect((await world.post('/failed-scrapes/retry', { ids: failed, platform: 'x' })).status).toBe(
      400,
    );
    expect((await world.post('/failed-scrapes/retry', { ids: [] })).status).toBe(400);
    expect(await requested()).toBe(before + 4);
  });

  it('describes itself', async () => {
    const { body } = await world.get('/openapi.json', { as: null });
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/campaigns',
        '/clips/{id}/approve',
        '/payouts/{id}/paid',
        '/creators/{id}/statement',
      ]),
    );
    expect((await world.get('/docs', { as: null })).body).toContain('Submit a clip to a campaign');
    expect((await world.get('/readyz', { as: null })).body).toEqual({ status: 'ready' });
    expect((await world.get('/metrics', { as: null })).body).toContain(
      'cliptally_projection_position{projection="earnings"',
    );
  });
});
