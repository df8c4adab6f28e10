import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshUrl, startApiWorld } from '../testing/api-world.js';

describe('previews', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld({
      follow: async () => {
        throw new Error('A preview follows no link.');
      },
    });
    await world.post('/campaigns', world.terms({ campaignId: 'spring', brandId: 'acme', platforms: ['youtube'] })); // prettier-ignore
    await world.post('/campaigns', world.terms({ campaignId: 'paused', brandId: 'acme' }));
    await world.post('/campaigns/paused/pause');
    await world.post('/campaigns', world.terms({ campaignId: 'other', brandId: 'kaze' }));
  });
  afterAll(() => world.close());
  const head = () => world.store.head();

  it('of a clip: which one it is, and why a submission of it would be refused', async () => {
    const before = await head();
    const clip = (body: object, as: ['creator', string] = ['creator', 'ann']) =>
      world.post('/clips/preview', body, { as });
    const url = 'https://youtu.be/dQw4w9WgXcQ?si=share';
    const identified = {
      kind: 'clip',
      clip: {
        clipId: 'youtube-dQw4w9WgXcQ',
        platform: 'youtube',
        videoId: 'dQw4w9WgXcQ',
        url: 'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
      },
    };
    expect((await clip({ url })).body).toEqual({ ...identified, refusal: null });
    expect((await clip({ url, campaignId: 'spring' })).body).toEqual({
      ...identified,
      refusal: null,
    });
    expect((await clip({ url: 'https://vm.tiktok.com/ZM1' })).body).toEqual({
      kind: 'short_link',
      clip: null,
      refusal: null,
    });
    for (const typed of ['', 'h', 'https://', 'https://example.com/x', 'https://youtube.com/@ann'])
      expect((await clip({ url: typed })).body).toMatchObject({
        kind: 'none',
        clip: null,
        refusal: { code: 'not_a_clip' },
      });
    expect(await head()).toBe(before);
  });

  it('of a clip: refuses what a submission refuses, in its words', async () => {
    const url = freshUrl();
    await world.post('/clips', { url, campaignId: 'spring', creatorId: 'ann' });
    const cases = [
      { url, campaignId: 'spring' },
      { url, campaignId: 'other' },
      { url: freshUrl(), campaignId: 'paused' },
      { url: freshUrl(), campaignId: 'nothing' },
      { url: 'https://www.tiktok.com/@ann/video/7512345678901234567', campaignId: 'spring' },
    ];
    const codes = [];
    for (const body of cases) {
      const { status, body: shown } = await world.post('/clips/preview', body, {
        as: ['creator', 'ann'],
      });
      const submitted = await world.post('/clips', body, { as: ['creator', 'ann'] });
      expect([status, shown.refusal]).toEqual([
        200,
        { code: submitted.body.code, detail: submitted.body.detail },
      ]);
      codes.push(shown.refusal.code);
    }
    expect(new Set(codes)).toEqual(
      new Set(['clip_already_submitted', 'clip_exclusive', 'campaign_state', 'not_found', 'platform_refused']),
    ); // prettier-ignore
  });

  it('of a campaign: sentences, amounts and an end, and no event', async () => {
    const before = await head();
    const { status, body } = await world.post(
      '/campaigns/preview',
      { ...world.terms({ ratePerThousand: { default: 100, youtube: 300 } }), viewsPerDay: 1_000_000 }, // prettier-ignore
      { as: ['brand', 'acme'] },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      faults: [],
      viewsInBudget: 10_000_000,
      expectedEnd: { at: '2026-02-11T00:00:00.000Z', by: 'budget' },
    });
    expect(body.sentences).toContain('It pays 1.00 USD for a thousand views; 3.00 USD on youtube.');
    expect(body.pays).toContainEqual({
      views: 100_000,
      platforms: ['youtube'],
      rate: 300,
      amount: 30_000,
      limitedBy: null,
    });
    expect(await head()).toBe(before);
    expect((await world.get('/campaigns/draft')).status).toBe(404);
  });

  it('of a campaign: names every fault of a draft, as a launch does', async () => {
    const draft = { budget: 0, ratePerThousand: { default: -1 }, startsAt: 'soon', extra: 1 };
    const { status, body } = await world.post('/campaigns/preview', draft, { as: ['brand', 'acme'] }); // prettier-ignore
    expect([status, body.sentences, body.pays]).toEqual([200, [], []]);
    const fields = body.faults.map(({ field }: { field: string }) => field);
    for (const field of ['name', 'currency', 'budget', 'ratePerThousand.default', 'startsAt'])
      expect(fields).toContain(field);
    const over = world.terms({ endsAt: '2026-01-02T00:00:00Z', budget: 0 });
    const launched = await world.post('/campaigns', over, { as: ['brand', 'acme'] });
    const preview = await world.post('/campaigns/preview', over, { as: ['brand', 'acme'] });
    expect(preview.body.faults).toEqual(launched.body.errors);
    expect(preview.body.faults.length).toBe(2);
  });

  it('of a top-up: the campaign as it would be, and no event', async () => {
    const before = await head();
    const { body } = await world.post('/campaigns/spring/top-up?dryRun=true', { amount: 500_000 });
    expect(body).toMatchObject({ budget: 1_500_000, remaining: 1_500_000, pace: { perDay: 0 } });
    expect(await head()).toBe(before);
    const refused = await world.post('/campaigns/spring/top-up?dryRun=true', { amount: 1 }, { as: ['brand', 'other'] }); // prettier-ignore
    expect(refused.status).toBe(404);
  });
});
