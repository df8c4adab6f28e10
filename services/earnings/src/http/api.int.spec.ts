import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stepsOf } from '../testing/api-steps.js';
import { freshUrl, startApiWorld, type ApiAnswer } from '../testing/api-world.js';
import type { Role } from '@cliptally/contracts/api';

const DAY_MS = 86_400_000;

describe('the HTTP API', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld();
  });
  afterAll(() => world.close());

  const { launched, approved } = stepsOf(() => world);

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
    // 202 on a busy machine: it is kept, and not yet visible.
    expect(answers.filter(({ status }) => status === 201 || status === 202)).toHaveLength(1);
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
