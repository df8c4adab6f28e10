import { PLATFORMS, derivedId, newEvent, streams, type EventData } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HELD_S, startScraperWorld } from './testing/scraper-world.js';

describe('the scraper against the stand-in of Apify', () => {
  let world: Awaited<ReturnType<typeof startScraperWorld>>;
  beforeAll(async () => {
    world = await startScraperWorld();
  });
  afterAll(() => world.close());

  const of = (platform: (typeof PLATFORMS)[number], ...ns: number[]) =>
    ns.map((n) => ({ platform, n }));
  const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

  it('records a count for clips of every platform, many to a run, at the true cost', async () => {
    const runs = world.standIn.stats().runs;
    const outcomes = await world.outcomes(
      await world.request(PLATFORMS.flatMap((platform) => of(platform, ...range(100, 20)))),
    );
    expect(outcomes.map((o) => o.type)).toEqual(Array.from({ length: 100 }, () => 'ViewsRecorded'));
    expect(world.standIn.stats().runs - runs).toBeLessThanOrEqual(10);
    for (const { data } of outcomes as { data: EventData<'ViewsRecorded'> }[]) {
      expect([data.platform, data.followers !== undefined]).toEqual([
        data.platform,
        ['tiktok', 'youtube', 'x'].includes(data.platform),
      ]);
    }
    const cost = outcomes.reduce((sum, { data }) => sum + data.costMicroUsd, 0);
    expect(cost).toBe((await world.batches()).reduce((sum, batch) => sum + batch.costMicroUsd, 0));
    expect(cost).toBe(world.standIn.stats().billedMicroUsd);
  });

  it('answers a second scrape within the hour from the cache, for nothing', async () => {
    const [first] = await world.outcomes(await world.request(of('youtube', 500)));
    const before = world.standIn.stats().runs;
    const [second] = await world.outcomes(await world.request(of('youtube', 500)));
    const { views, likes, comments, observedAt, source } = first!
      .data as EventData<'ViewsRecorded'>;
    expect([likes, comments]).toEqual([expect.any(Number), expect.any(Number)]);
    const cachedFigures = { views, likes, comments, observedAt, source };
    expect(second).toMatchObject({
      type: 'ViewsRecorded',
      data: { ...cachedFigures, cached: true, costMicroUsd: 0 },
    });
    expect(world.standIn.stats().runs).toBe(before);
  });

  it('A1: retires no clip that two scrapes of one day do not find', async () => {
    const n = 900;
    const id = `tiktok-75${String(n).padStart(17, '0')}`;
    world.standIn.setFaults([
      { kind: 'row', does: 'error', ids: [id.slice('tiktok-'.length)] },
    ] as never);
    const retired = async () =>
      (await world.log()).filter((e) => e.type === 'ClipRetired').map((e) => e.data);
    const [one] = await world.outcomes(await world.request(of('tiktok', n)));
    expect(one).toMatchObject({
      type: 'ScrapeFailed',
      data: { reason: 'not_found', retryable: false },
    });
    const [two] = await world.outcomes(await world.request(of('tiktok', n)));
    expect(two!.type).toBe('ScrapeFailed');
    expect(await retired()).toEqual([]);
    world.standIn.setFaults([]);
  });

  it('gives a request that makes no sense up at once, as a failed scrape that a person can see', async () => {
    const [requestId, clipId] = [derivedId('poison'), 'youtube-YYYYYYYYYYY'];
    const data = {
      requestId,
      runId: 'p',
      clipId,
      platform: 'x' as const,
      url: 'https://x.com/a/status/19',
      score: 1,
      campaignIds: ['c'],
    };
    const context = { time: world.clock.now(), correlationId: 'p', causationId: 'p' };
    await world.store.append(
      streams.trackingRun('p'),
      [newEvent('ClipTrackingRequested', requestId, data, context)],
      'none',
    );
    const [outcome] = await world.outcomes([requestId]);
    expect(outcome).toMatchObject({
      type: 'ScrapeFailed',
      data: {
        clipId,
        reason: 'dead_letter',
        detail: 'a request to scrape youtube-YYYYYYYYYYY came to x',
        costMicroUsd: 0,
      },
    });
  });

  it('a slow run holds up no other batch of its platform, and no other platform', async () => {
    const runs = () => world.standIn.stats().runs;
    const before = runs();
    world.standIn.setFaults([
      { kind: 'slow', on: 'items', actor: 'clockworks/tiktok-scraper', seconds: HELD_S, times: 1 },
    ]);
    const slow = await world.request(of('tiktok', ...range(1_000, 30)));
    await until(
      'the slow run',
      () => runs() > before && (world.standIn.stats().requests.items ?? 0) > 0,
    );
    const others = await world.request(
      PLATFORMS.flatMap((platform) => of(platform, ...range(1_100, 30))),
    );
    expect((await world.outcomes(others)).map(({ type }) => type)).toEqual(
      others.map(() => 'ViewsRecorded'),
    );
    const answered = new Set(
      (await world.log()).flatMap((e) => (e.type === 'ViewsRecorded' ? [e.data.requestId] : [])),
    );
    expect(slow.filter((id) => answered.has(id))).toEqual([]);
    world.release();
    expect((await world.outcomes(slow)).map(({ type }) => type)).toEqual(
      slow.map(() => 'ViewsRecorded'),
    );
    world.standIn.setFaults([]);
  });
});
