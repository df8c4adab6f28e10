import {
  newEvent,
  outcomeId,
  streams,
  type EventInput,
  type EventType,
} from '@cliptally/contracts';
import { rebuildProjection } from '@cliptally/messaging';
import { openPool } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { earningsProjection } from '../projection/earnings-projection.js';
import { freshUrl, observation, startApiWorld } from '../testing/api-world.js';

const HOUR_MS = 3_600_000;
let world: Awaited<ReturnType<typeof startApiWorld>>;
beforeAll(async () => void (world = await startApiWorld()));
afterAll(() => world.close());

const ANN = { as: ['creator', 'ann'] as ['creator', string] };
const settled = () => world.service.settled(AbortSignal.timeout(120_000));

async function append<T extends EventType>(
  clipId: string,
  type: T,
  data: Omit<EventInput<T>, 'clipId' | 'platform'>,
): Promise<void> {
  const context = { time: world.clock.now(), correlationId: 't', causationId: 't' };
  const of = { clipId, platform: 'youtube' } as const;
  const requestId = (data as { requestId?: string }).requestId ?? randomUUID();
  const id = type === 'ScrapeFailed' ? outcomeId(requestId) : randomUUID();
  const event = newEvent(type, id, { ...of, ...data } as unknown as EventInput<T>, context);
  await world.store.append(streams.clip(clipId), [event], 'any');
  await settled();
}
const failed = { runId: 'r', source: 'youtube-data-api', costMicroUsd: 0, retryable: false, attempts: 1 }; // prettier-ignore
const gone = (clipId: string, requestId = randomUUID()) =>
  append(clipId, 'ScrapeFailed', { ...failed, requestId, reason: 'not_found' });

/** A clip of ann, approved in a campaign of 1 USD a thousand views. */
async function clip(terms = {}): Promise<{ clipId: string; campaignId: string }> {
  const { campaignId } = (await world.post('/campaigns', world.terms({ brandId: 'b', ...terms })))
    .body;
  const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' }))
    .body;
  await world.post(`/clips/${clipId}/approve`);
  world.clock.advance(1_000);
  return { clipId, campaignId };
}
/** Gone in two outcomes that are a day apart. */
async function retire(clipId: string): Promise<void> {
  await gone(clipId);
  world.clock.advance(25 * HOUR_MS);
  const requestId = randomUUID();
  await gone(clipId, requestId);
  await append(clipId, 'ClipRetired', { reason: 'not_found', requestId });
}
const listed = async (clipId: string) =>
  (await world.get('/failed-scrapes?limit=200')).body.items.find(
    (item: { clipId: string }) => item.clipId === clipId,
  );
const earned = async (clipId: string) =>
  (await world.get(`/clips/${clipId}`)).body.campaigns[0].accrued;

describe('a retired clip', () => {
  it('A1: stays in the list of failed scrapes, with what was seen', async () => {
    const { clipId } = await clip();
    await world.see(clipId, 5_000);
    const since = world.clock.now().toISOString();
    await retire(clipId);
    expect(await listed(clipId)).toMatchObject({
      reason: 'not_found', failures: 2, views: 5_000, goneSince: since, retired: 'not_found', retiredAt: world.clock.now().toISOString(),
    }); // prettier-ignore
  });

  it('A1: track, submit, approve and retry say how it comes back', async () => {
    const { clipId, campaignId } = await clip({ exclusive: false });
    const other = (await world.post('/campaigns', world.terms({ brandId: 'b', exclusive: false }))).body.campaignId; // prettier-ignore
    const url = (await world.get(`/clips/${clipId}`)).body.url;
    await world.post('/clips', { url, campaignId: other, creatorId: 'ann' });
    await retire(clipId);
    const third = (await world.post('/campaigns', world.terms({ brandId: 'b', exclusive: false }))).body.campaignId; // prettier-ignore
    const { id } = await listed(clipId);
    const refused = [
      await world.post(`/clips/${clipId}/track`),
      await world.post(`/clips/${clipId}/approve`, { campaignId: other }),
      await world.post('/clips', { url, campaignId: third, creatorId: 'ann' }),
      await world.post(`/failed-scrapes/${id}/retry`),
    ];
    for (const { status, body } of refused)
      expect([status, body.code, body.detail]).toEqual([409, 'clip_retired', expect.stringContaining(`POST /clips/${clipId}/restore`)]); // prettier-ignore
    expect(campaignId).not.toBe(other);
    await world.post(`/clips/${clipId}/restore`);
    expect((await world.post(`/clips/${clipId}/approve`, { campaignId: other })).status).toBe(200);
  });

  it('A1: is restored by an admin, and 245,000 more views are earned; nothing is earned twice', async () => {
    const { clipId } = await clip();
    await world.see(clipId, 5_000);
    expect(await earned(clipId)).toBe(500);
    await retire(clipId);
    const restored = await world.post(`/clips/${clipId}/restore`);
    expect([restored.status, restored.body.campaigns[0].retired]).toEqual([200, null]);
    expect(await listed(clipId)).toMatchObject({ retired: null, goneSince: null, retiredAt: null });
    expect(await world.post(`/clips/${clipId}/restore`)).toMatchObject({ status: 409, body: { code: 'clip_not_retired' } }); // prettier-ignore
    await world.see(clipId, 250_000);
    expect(await earned(clipId)).toBe(25_000);
    expect(await listed(clipId)).toBeUndefined();
  });

  it('A3: what is seen meanwhile is earned, and restores it', async () => {
    const { clipId } = await clip();
    await world.see(clipId, 5_000);
    await retire(clipId);
    await world.see(clipId, 10_000);
    await append(clipId, 'ClipRestored', { reason: 'observed', by: 'cliptally:scraper' });
    expect(await earned(clipId)).toBe(1_000);
    expect((await world.get(`/clips/${clipId}`)).body.campaigns[0].retired).toBeNull();
  });

  it('is restored by its creator once a day, and by no other', async () => {
    const { clipId } = await clip();
    await retire(clipId);
    expect((await world.post(`/clips/${clipId}/restore`, {}, { as: ['creator', 'eve'] })).status).toBe(404); // prettier-ignore
    expect((await world.post(`/clips/${clipId}/restore`, {}, ANN)).status).toBe(200);
    const requestId = randomUUID();
    await gone(clipId, requestId);
    await append(clipId, 'ClipRetired', { reason: 'not_found', requestId });
    const until = new Date(world.clock.now().getTime() + 24 * HOUR_MS).toISOString();
    const refused = await world.post(`/clips/${clipId}/restore`, {}, ANN);
    expect([refused.status, refused.body.code]).toEqual([409, 'restored_today']);
    expect(refused.body.detail).toContain(until);
    world.clock.advance(24 * HOUR_MS);
    expect((await world.post(`/clips/${clipId}/restore`, {}, ANN)).status).toBe(200);
  });

  it('a source that has seen the clip ends that it is gone, one that says nothing does not', async () => {
    const { clipId } = await clip();
    const since = world.clock.now().toISOString();
    await gone(clipId);
    await append(clipId, 'ScrapeFailed', { ...failed, requestId: randomUUID(), reason: 'blocked' });
    expect(await listed(clipId)).toMatchObject({ goneSince: since });
    await append(clipId, 'ScrapeFailed', { ...failed, requestId: randomUUID(), reason: 'no_view_field' }); // prettier-ignore
    expect(await listed(clipId)).toMatchObject({ goneSince: null });
  });
});

describe('a figure that nobody can believe', () => {
  const doubted = (clipId: string, requestId: string, views: number) =>
    append(clipId, 'ScrapeFailed', {
      ...failed, requestId, reason: 'implausible', detail: 'no figure', retryable: true,
      figure: { rule: 'engagement_beyond_views', views, comments: 98_000, metric: 'viewCount', observedAt: world.clock.now().toISOString() },
    }); // prettier-ignore

  it('A6, A7: is no baseline: views count from the first that can be believed', async () => {
    const { clipId } = await clip({ countFrom: 'approval' });
    await doubted(clipId, randomUUID(), 0);
    await world.see(clipId, 80_000);
    expect(await earned(clipId)).toBe(0);
    await world.see(clipId, 90_000);
    expect(await earned(clipId)).toBe(1_000);
  });

  it('A9: pays nothing until a person confirms it, and then as of its own instant, once', async () => {
    const { clipId } = await clip();
    const requestId = randomUUID();
    const taken = world.clock.now().toISOString();
    await doubted(clipId, requestId, 12_000);
    expect(await earned(clipId)).toBe(0);
    expect(await listed(clipId)).toMatchObject({
      reason: 'implausible',
      figure: { rule: 'engagement_beyond_views', views: 12_000, comments: 98_000 },
    });
    world.clock.advance(HOUR_MS);
    const confirmed = await world.post(`/failed-scrapes/${requestId}/confirm`);
    expect([confirmed.status, confirmed.body]).toMatchObject([200, { views: 12_000, observedAt: taken, viewField: 'viewCount' }]); // prettier-ignore
    await settled();
    expect(await earned(clipId)).toBe(1_200);
    expect(await listed(clipId)).toBeUndefined();
    expect((await world.post(`/failed-scrapes/${requestId}/confirm`)).status).toBe(404);
    const log = await Array.fromAsync(world.store.readStream(streams.clip(clipId)));
    expect(log.slice(-2)).toMatchObject([
      { type: 'FigureConfirmed', data: { requestId, by: 'root' } },
      { type: 'ViewsRecorded', data: { runId: `confirmed-${requestId}`, views: 12_000, observedAt: taken, costMicroUsd: 0 } },
    ]); // prettier-ignore
  });

  it('a failure without a figure cannot be confirmed', async () => {
    const { clipId } = await clip();
    const requestId = randomUUID();
    await gone(clipId, requestId);
    expect(await world.post(`/failed-scrapes/${requestId}/confirm`)).toMatchObject({ status: 409, body: { code: 'no_figure' } }); // prettier-ignore
  });
});

describe('what views are read from', () => {
  it('A5: an admin changes the view field, with a reason, and back', async () => {
    const { clipId } = await clip();
    await world.see(clipId, 10);
    const change = (field: string) =>
      world.post(`/clips/${clipId}/view-field`, { field, reason: 'plays are there' });
    expect((await change('playCount')).body).toMatchObject({ viewField: 'playCount', views: 10 });
    expect(await change('playCount')).toMatchObject({ status: 409, body: { code: 'view_field_same' } }); // prettier-ignore
    expect((await change('m')).body).toMatchObject({ viewField: 'm' });
    expect((await change('no field')).status).toBe(400);
    const log = await Array.fromAsync(world.store.readStream(streams.clip(clipId)));
    expect(log.flatMap(({ type, data }) => (type === 'ViewFieldChanged' ? [data] : []))).toMatchObject([
      { from: 'm', to: 'playCount', reason: 'plays are there', by: 'root' },
      { from: 'playCount', to: 'm' },
    ]); // prettier-ignore
  });

  it('A13: a lower count of another source takes nothing, holds nothing, and is shown as another source', async () => {
    const { clipId } = await clip();
    const see = async (views: number, source: string) => {
      world.clock.advance(HOUR_MS);
      const likes = Math.round(views / 20);
      const event = observation(world.clock.now(), clipId, views, { source, likes, comments: 4 });
      await world.store.append(streams.clip(clipId), [event], 'any');
      await settled();
      return (await world.get(`/clips/${clipId}`)).body;
    };
    for (const views of [30_000, 36_000, 38_000])
      expect(await see(views, 'main')).toMatchObject({ source: 'main', sourceChangedAt: null });
    const lower = await see(22_000, 'fallback');
    const at = world.clock.now().toISOString();
    expect(lower).toMatchObject({ views: 22_000, source: 'fallback', sourceChangedAt: at });
    expect(lower.campaigns[0]).toMatchObject({ hold: null, highWater: 38_000, accrued: 3_800 });
    expect(lower.anomaly.reasons).toEqual([]);
    const back = await see(39_000, 'main');
    expect([back.anomaly.reasons, back.campaigns[0].accrued]).toEqual([[], 3_900]);
    // A fall at one source still counts.
    await see(20_000, 'main');
    expect((await world.get(`/clips/${clipId}`)).body.anomaly.reasons).toMatchObject([{ rule: 'dropped_far' }]); // prettier-ignore
  });

  it('a view field that says less than the one before it is no fall', async () => {
    const { clipId } = await clip();
    const see = async (views: number, metric: string) => {
      world.clock.advance(HOUR_MS);
      const event = observation(world.clock.now(), clipId, views, { metric, likes: 1_500, comments: 4 });
      await world.store.append(streams.clip(clipId), [event], 'any');
      await settled();
      return (await world.get(`/clips/${clipId}`)).body;
    }; // prettier-ignore
    for (const views of [30_000, 36_000, 38_000]) await see(views, 'plays');
    const change = { field: 'viewCount', reason: 'plays count loops' };
    const answer = await world.post(`/clips/${clipId}/view-field`, change, {
      as: ['admin', 'root'],
    });
    expect(answer.status).toBe(200);
    const less = await see(22_000, 'viewCount');
    expect(less).toMatchObject({ sourceChangedAt: null, anomaly: { reasons: [] } });
    expect(less.campaigns[0].hold).toBeNull();
    expect((await see(15_000, 'viewCount')).anomaly.reasons).toMatchObject([
      { rule: 'dropped_far' },
    ]);
  });

  it('all of it is as a rebuild has it', async () => {
    const pool = openPool(world.database.url, 'test', 2);
    const result = await rebuildProjection(earningsProjection, pool, world.store);
    await pool.end();
    expect(result).toMatchObject({ compared: true, differences: {} });
  });
});
