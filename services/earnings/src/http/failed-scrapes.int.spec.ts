import { newEvent, streams } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { stepsOf } from '../testing/api-steps.js';
import { startApiWorld } from '../testing/api-world.js';

describe('failed scrapes in the HTTP API', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld();
  });
  afterAll(() => world.close());

  const { launched, approved } = stepsOf(() => world);

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
});
