import { ManualClock } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SETTLEMENT_PATIENCE_MS } from '../domain/settlement.js';
import { Settler } from './settler.js';
import { startEarningsWorld } from '../testing/earnings-world.js';

describe('one odd clip', () => {
  const clock = new ManualClock('2026-01-10T00:00:00Z');
  let world: Awaited<ReturnType<typeof startEarningsWorld>>;
  beforeAll(async () => {
    world = await startEarningsWorld(clock);
  });
  afterAll(() => world.close());

  const earned = async (clipId: string) =>
    (await world.ledger())
      .filter((l) => l.clip_id === clipId)
      .reduce((sum, l) => sum + l.amount, 0);
  const eventsOf = async (stream: string) => Array.fromAsync(world.store.readStream(stream));
  const campaignTypes = async (campaignId: string) =>
    (await eventsOf(`campaign-${campaignId}`)).map(({ type }) => type);

  /** A clip with a fall of over 20 %, which the anomaly rules hold. */
  async function fall(id: string, views = [20_000, 10_000, 30_000]): Promise<void> {
    for (const count of views) {
      clock.advance(3_600_000);
      await world.see('youtube', id, count);
    }
  }

  it('with no views at first, then thousands without likes, is held with a finite figure, and the others are paid (D9)', async () => {
    await world.launch('d9', { anomalyThreshold: 30 });
    for (const id of ['d9odd', 'd9fine']) await world.submit('d9', 'youtube', id);
    for (const views of [0, 6_000, 7_000, 8_000]) {
      clock.advance(3_600_000);
      await world.see('youtube', 'd9odd', views, undefined, { likes: 0, comments: 0 });
    }
    await world.see('youtube', 'd9fine', 10_000);
    await world.settled();
    expect(await earned('youtube-d9fine')).toBe(1_000);
    const [held] = (await eventsOf('clip-youtube-d9odd')).flatMap((event) =>
      event.type === 'ClipHeld' ? [event] : [],
    );
    const [reason] = held!.data.anomaly!.reasons.filter(
      ({ rule }) => rule === 'engagement_stands_still',
    );
    expect(Number.isFinite(reason!.observed)).toBe(true);
    // The hold and its notice in the campaign's stream are one append.
    const [notice] = (await eventsOf('campaign-d9')).filter(
      ({ type }) => type === 'CampaignClipHeld',
    );
    expect(Math.abs(notice!.position - held!.position)).toBe(1);
  });

  it('whose hold cannot be recorded is named once, and the others are settled as if it were not there', async () => {
    await world.launch('refusing');
    for (const id of ['refused', 'neighbour']) await world.submit('refusing', 'youtube', id);
    await world.settler.stop();
    await fall('refused');
    await world.see('youtube', 'neighbour', 12_000);
    expect(await world.projector.waitFor(await world.store.head(), 120_000)).toBe(true);
    const refusing = new Settler({
      pool: world.pool,
      schema: 'earnings',
      store: refuses(world.store, 'clip-youtube-refused'),
      clock,
      log: silentLog,
    });
    for (let round = 0; round < 4; round++) {
      await refusing.settleAll();
      expect(await world.projector.waitFor(await world.store.head(), 120_000)).toBe(true);
    }
    expect([await earned('youtube-refused'), await earned('youtube-neighbour')]).toEqual([
      0, 1_200,
    ]);
    expect(await campaignTypes('refusing')).toEqual([
      'CampaignLaunched',
      'ClipSettlementFailed',
      'EarningsAccrued',
    ]);
    const [failed, accrued] = (await eventsOf('campaign-refusing')).slice(1);
    expect(failed!.data).toMatchObject({
      clipId: 'youtube-refused',
      reason: expect.stringContaining('its hold could not be recorded: no room'),
    });
    expect(accrued!.data).toMatchObject({ leftOut: [{ clipId: 'youtube-refused' }] });
    // With a store that takes it, the clip is held, and nothing of the others changes.
    world.restartSettler();
    await world.settled();
    expect((await campaignTypes('refusing')).slice(3)).toEqual(['CampaignClipHeld']);
    expect(await earned('youtube-neighbour')).toBe(1_200);
  });

  it('keeps the last money waiting for 30 minutes at most', async () => {
    await world.launch('last', { budget: 1_000 });
    for (const id of ['lastodd', 'lastfine']) await world.submit('last', 'youtube', id);
    await world.settler.stop();
    await fall('lastodd');
    await world.see('youtube', 'lastfine', 50_000);
    expect(await world.projector.waitFor(await world.store.head(), 120_000)).toBe(true);
    const refusing = new Settler({
      pool: world.pool,
      schema: 'earnings',
      store: refuses(world.store, 'clip-youtube-lastodd'),
      clock,
      log: silentLog,
    });
    const rounds = async () => {
      for (let round = 0; round < 4; round++) {
        await refusing.settleAll();
        expect(await world.projector.waitFor(await world.store.head(), 120_000)).toBe(true);
      }
    };
    await rounds();
    expect(await earned('youtube-lastfine')).toBe(0);
    clock.advance(SETTLEMENT_PATIENCE_MS + 60_000);
    await rounds();
    expect(await earned('youtube-lastfine')).toBe(1_000);
    world.restartSettler();
  });

  it('with a count that cannot be counted exactly leaves the others alone', async () => {
    await world.launch('absurd', { ratePerThousand: { default: 500_000 }, budget: 10_000_000 });
    for (const id of ['huge', 'small']) await world.submit('absurd', 'youtube', id);
    await world.see('youtube', 'huge', Number.MAX_SAFE_INTEGER);
    await world.see('youtube', 'small', 2_000);
    await world.settled();
    expect([await earned('youtube-huge'), await earned('youtube-small')]).toEqual([0, 1_000_000]);
    expect(
      (await campaignTypes('absurd')).filter((type) => type === 'ClipSettlementFailed'),
    ).toHaveLength(1);
  });
});

/** The store, but for appends to one stream. */
const refuses = (store: EventStore, refused: string): EventStore =>
  new Proxy(store, {
    get(target, name) {
      if (name === 'appendMany')
        return (appends: Parameters<EventStore['appendMany']>[0]) => {
          if (appends.some(({ stream }) => stream === refused))
            return Promise.reject(new RangeError('no room'));
          return target.appendMany(appends);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
