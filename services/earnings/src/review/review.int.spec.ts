import { newEvent, streams, type NewEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshUrl, startApiWorld, type Sending } from '../testing/api-world.js';

const HOUR_MS = 3_600_000;
let world: Awaited<ReturnType<typeof startApiWorld>>;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.close());

const launch = async (more: object = {}): Promise<string> =>
  (await world.post('/campaigns', world.terms({ brandId: 'acme', reviewHours: 48, ...more }))).body
    .campaignId;
const submit = async (campaignId: string, creatorId = 'ann'): Promise<string> =>
  (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body.clipId;
const entry = async (clipId: string) => (await world.get(`/clips/${clipId}`)).body.campaigns[0];
const ids = async (query: string, sending?: Sending) =>
  (await world.get(`/clips?${query}`, sending)).body.items.map(
    ({ clipId }: { clipId: string }) => clipId,
  );
const reviewed = async () => {
  await world.service.reviewer.review();
  await world.service.settled(AbortSignal.timeout(60_000));
};
const metric = async (name: string, what: string) =>
  Number(
    (await (await fetch(`${world.service.url}/metrics`)).text())
      .split('\n')
      .find((line) => line.startsWith(`${name}{`) && line.includes(`what="${what}"`))
      ?.split(' ')
      .at(-1),
  );

describe('reviews', () => {
  it('submit, deadline, automatic approval; a hold, an appeal, its answer', async () => {
    const campaignId = await launch();
    const [a, b] = [await submit(campaignId), await submit(campaignId)];
    expect(await entry(a)).toMatchObject({
      status: 'PENDING',
      reviewAt: '2026-02-03T00:00:00.000Z',
    });
    await world.post(`/clips/${b}/hold`, { reason: 'no hashtag' }, { as: ['brand', 'acme'] });
    world.clock.advance(48 * HOUR_MS);
    await reviewed();
    expect(await entry(a)).toMatchObject({ status: 'APPROVED', reviewAt: null });
    expect(await entry(b)).toMatchObject({ status: 'PENDING', hold: { reason: 'no hashtag' } });
    const appeal = await world.post(`/clips/${b}/appeal`, { text: 'look again' }, { as: ['creator', 'ann'] }); // prettier-ignore
    expect(appeal).toMatchObject({ status: 200, body: { campaigns: [{ appeal: { text: 'look again', answer: null } }] } }); // prettier-ignore
    expect((await world.post(`/clips/${b}/appeal`, { text: 'x' }, { as: ['creator', 'bob'] })).status).toBe(404); // prettier-ignore
    expect(await ids(`campaignId=${campaignId}&appealed=true`)).toEqual([b]);
    expect(await metric('cliptally_waiting', 'appeal')).toBe(1);
    const answer = { granted: true, reason: 'it is in the comment' };
    expect(await world.post(`/clips/${b}/appeal/answer`, answer, { as: ['brand', 'acme'] })).toMatchObject({ status: 200 }); // prettier-ignore
    expect(await entry(b)).toMatchObject({ status: 'PENDING', hold: null, appeal: { answer } });
    await reviewed();
    expect((await entry(b)).status).toBe('APPROVED');
    expect(await metric('cliptally_waiting', 'appeal')).toBe(0);
  });

  it('are listed by state, age, platform and date, sorted, and counted', async () => {
    const campaignId = await launch({ reviewHours: null });
    const clips: string[] = [];
    for (let i = 0; i < 5; i++) {
      clips.push(await submit(campaignId, i === 0 ? 'bob' : 'ann'));
      world.clock.advance(HOUR_MS);
    }
    const [first, second, third, fourth, fifth] = clips as [string, string, string, string, string];
    await world.post(`/clips/${first}/approve`);
    await world.post(`/clips/${second}/reject`, { reason: 'no' });
    await world.post(`/clips/${third}/hold`, { reason: 'odd', reviewAt: new Date(world.clock.now().getTime() + HOUR_MS).toISOString() }); // prettier-ignore
    const of = `campaignId=${campaignId}`;
    expect(await ids(`${of}&status=pending&sort=oldest`)).toEqual([fourth, fifth]);
    expect(await ids(`${of}&status=pending&sort=newest`)).toEqual([fifth, fourth]);
    expect(await ids(`${of}&status=approved`)).toEqual([first]);
    expect(await ids(`${of}&status=rejected`)).toEqual([second]);
    expect(await ids(`${of}&status=held`)).toEqual([third]);
    expect(await ids(`${of}&overdue=true`)).toEqual([]);
    expect(await ids(`${of}&minAgeHours=3.5&sort=oldest`)).toEqual([first, second]);
    expect(await ids(`${of}&platform=tiktok`)).toEqual([]);
    expect(await ids(`${of}&minScore=1`)).toEqual([]);
    expect(await ids(of, { as: ['creator', 'bob'] })).toEqual([first]);
    world.clock.advance(HOUR_MS);
    expect(await ids(`${of}&overdue=true`)).toEqual([third]);
    expect(await metric('cliptally_waiting_overdue', 'hold')).toBe(1);
    expect((await world.get(`/clips/counts?${of}`)).body).toEqual({
      pending: 2, approved: 1, rejected: 1, held: 1, retired: 0, overdue: 1, appealed: 0,
    }); // prettier-ignore
    const other = await launch({ brandId: 'globex' });
    const theirs = await submit(other);
    const brand = { as: ['brand', 'globex'] } satisfies Sending;
    expect(await ids('sort=oldest', brand)).toEqual([theirs]);
    expect((await world.get('/clips/counts', brand)).body).toMatchObject({ pending: 1, held: 0 });
    expect((await world.get(`/clips?${of}`, brand)).status).toBe(404);
    expect((await world.get(`/clips/counts?${of}`, brand)).status).toBe(404);
    const pages: string[] = [];
    for (let cursor = ''; pages.length < 5;) {
      const { body } = await world.get(`/clips?${of}&sort=newest&limit=2${cursor && `&cursor=${cursor}`}`); // prettier-ignore
      pages.push(...body.items.map(({ clipId }: { clipId: string }) => clipId));
      cursor = body.next ?? '';
    }
    expect(pages).toEqual(clips.toReversed());
  });

  it('are sorted by the score of their hold, the highest first, page by page', async () => {
    const campaignId = await launch({ reviewHours: null });
    const clips = [];
    for (const score of [60, 95, null, 100, 60]) {
      const clipId = await submit(campaignId);
      clips.push({ clipId, score: score ?? -1 });
      if (score === null) continue;
      const held = {
        clipId,
        platform: 'youtube' as const,
        campaignId,
        reason: 'odd',
        reviewAt: '2027-01-01T00:00:00.000Z',
        by: 'cliptally:anomaly',
        anomaly: { score, threshold: 60, reasons: [] },
      };
      const context = { time: world.clock.now(), correlationId: 't', causationId: 't' };
      const event = newEvent('ClipHeld', randomUUID(), held, context) as NewEvent;
      await world.store.append(streams.clip(clipId), [event], 'any');
    }
    await world.service.settled(AbortSignal.timeout(60_000));
    const byScore = clips.toSorted((a, b) => b.score - a.score || (a.clipId < b.clipId ? 1 : -1));
    const pages: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: { items: { clipId: string }[]; next: string | null } } =
        await world.get(`/clips?campaignId=${campaignId}&sort=score&limit=2${cursor && `&cursor=${cursor}`}`); // prettier-ignore
      pages.push(...body.items.map(({ clipId }) => clipId));
      cursor = body.next;
    }
    expect(pages).toEqual(byScore.map(({ clipId }) => clipId));
    expect(await ids(`campaignId=${campaignId}&sort=score&minScore=95`)).toEqual(pages.slice(0, 2));
  });

  it('one answer says what keeps a clip, when it is scraped next, and when its money can be paid out', async () => {
    const campaignId = await launch({ minPayout: 5_000, validationDays: 2 });
    const clipId = await submit(campaignId, 'eve');
    expect(await entry(clipId)).toMatchObject({ keeps: [{ code: 'pending' }] });
    await world.post(`/clips/${clipId}/approve`);
    world.clock.advance(1_000);
    const seenAt = world.clock.now();
    await world.see(clipId, 10_000);
    world.clock.advance(60_000);
    const { body } = await world.get(`/clips/${clipId}`);
    expect(body).toMatchObject({
      lastScrapeAt: seenAt.toISOString(),
      lastScrapeFailed: null,
      nextScrapeAfter: new Date(seenAt.getTime() + HOUR_MS).toISOString(),
      freshness: 60,
      campaigns: [{ due: 0, earned: 1_000, keeps: [{ code: 'validating' }] }],
    });
    const { balances } = (await world.get('/creators/eve/balance')).body;
    expect(balances).toMatchObject([{ available: 0, upcoming: [{ amount: 1_000 }] }]);
    world.clock.advance(48 * HOUR_MS);
    expect((await entry(clipId)).keeps).toMatchObject([{ code: 'below_minimum' }]);
    await world.post(`/campaigns/${campaignId}/end`, { reason: '' });
    expect((await world.get(`/clips/${clipId}`)).body).toMatchObject({
      nextScrapeAfter: null,
      campaigns: [{ keeps: [{ code: 'window_over' }] }],
    });
    expect((await world.get('/creators/eve/balance')).body.balances).toMatchObject([
      { available: 1_000, payable: 1_000, minimumPayout: 0, kept: [], upcoming: [] },
    ]);
  });

  it('the age of what waits is a metric: submissions, holds, appeals, payouts and failed scrapes', async () => {
    const oldest = async (what: string) => metric('cliptally_waiting_oldest_seconds', what);
    const campaignId = await launch({ reviewHours: null, validationDays: 0, minPayout: 0 });
    await submit(campaignId);
    const [earns, held] = [await submit(campaignId, 'pay'), await submit(campaignId)];
    await world.post(`/clips/${earns}/approve`);
    const reviewAt = new Date(world.clock.now().getTime() + HOUR_MS).toISOString();
    await world.post(`/clips/${held}/hold`, { reason: 'odd', reviewAt });
    await world.post(`/clips/${held}/appeal`, { text: 'look again' });
    world.clock.advance(1_000);
    await world.see(earns, 10_000);
    await world.post('/payouts', { payoutId: 'waits', creatorId: 'pay', currency: 'USD', amount: 500 });
    const { requestId } = (await world.post(`/clips/${earns}/track`)).body;
    await world.fail(earns, requestId);
    const before = Object.fromEntries(
      await Promise.all(
        ['submission', 'appeal', 'payout', 'failed_scrape'].map(async (what) => [what, await oldest(what)] as const),
      ),
    );
    const days = 3 * 24 * HOUR_MS;
    world.clock.advance(days);
    for (const [what, age] of Object.entries(before))
      expect([what, Math.round((await oldest(what)) - age)]).toEqual([what, days / 1_000]);
    // Of a hold the age counts from its date of review.
    expect(await oldest('hold')).toBeGreaterThan(days / 1_000 - 3_600 - 1);
    expect(await metric('cliptally_waiting', 'payout')).toBe(1);
    await world.post('/payouts/waits/reject', { reason: 'no' });
    expect([await metric('cliptally_waiting', 'payout'), await oldest('payout')]).toEqual([0, 0]);
  }); // prettier-ignore

  it('who reviews sees the curve of a clip and the views of a campaign', async () => {
    const campaignId = await launch();
    const [clipId, unseen] = [await submit(campaignId), await submit(campaignId)];
    const brand = { as: ['brand', 'acme'] } satisfies Sending;
    await world.post(`/clips/${clipId}/approve`);
    for (const views of [100, 2_000, 1_500]) {
      world.clock.advance(HOUR_MS);
      await world.see(clipId, views);
    }
    const { body } = await world.get(`/clips/${clipId}/observations`, brand);
    expect(body).toMatchObject({
      clipId,
      items: [{ views: 1_500 }, { views: 2_000 }, { views: 100, likes: null, otherSource: false }],
    });
    expect(body.items[0].observedAt).toBe(world.clock.now().toISOString());
    expect((await world.get(`/clips/${unseen}/observations`, brand)).body.items).toEqual([]);
    expect((await world.get('/clips/youtube-nobody/observations', brand)).status).toBe(404);
    expect((await world.get(`/campaigns/${campaignId}`, brand)).body.views).toBe(2_000);
    const creator = { as: ['creator', 'ann'] } satisfies Sending;
    expect((await world.get(`/campaigns/${campaignId}`, creator)).body.views).toBeUndefined();
  });

  it('of many clips at once, each with its own reason or refusal', async () => {
    const campaignId = await launch();
    const [a, b, c] = [
      await submit(campaignId),
      await submit(campaignId),
      await submit(campaignId),
    ];
    const { status, body } = await world.post('/clips/reviews', {
      reviews: [
        { clipId: a, campaignId, decision: 'approve' },
        { clipId: b, campaignId, decision: 'reject', reason: 'no hashtag' },
        { clipId: c, campaignId, decision: 'release' },
        { clipId: 'youtube-nobody', campaignId, decision: 'approve' },
      ],
    });
    expect([status, body.reviews.map((row: Record<string, unknown>) => [row['done'], row['code']])]).toEqual([200, [[true, null], [true, null], [false, 'clip_not_held'], [false, 'not_found']]]); // prettier-ignore
    expect([(await entry(a)).status, (await entry(b)).status]).toEqual(['APPROVED', 'REJECTED']);
    const stranger = { as: ['brand', 'other'] } as const;
    expect((await world.post('/clips/reviews', { reviews: [{ clipId: c, campaignId, decision: 'approve' }] }, stranger as never)).status).toBe(404); // prettier-ignore
  });
});
