import { ManualClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SETTLEMENT_PATIENCE_MS } from './domain/settlement.js';
import { startEarningsWorld } from './testing/earnings-world.js';

describe('settling from the log', () => {
  const clock = new ManualClock('2026-01-10T00:00:00Z');
  let world: Awaited<ReturnType<typeof startEarningsWorld>>;
  beforeAll(async () => {
    world = await startEarningsWorld(clock);
  });
  afterAll(() => world.close());

  const earned = async (clipId: string) => (await world.ledger()).filter((l) => l.clip_id === clipId).reduce((sum, l) => sum + l.amount, 0);

  it('pays a clip by its largest count, whatever comes in between', async () => {
    await world.launch('plenty');
    await world.submit('plenty', 'tiktok', 'one');
    for (const views of [1_500, 1_200, 10_999, 10_999, 3]) {
      clock.advance(60_000);
      await world.see('tiktok', 'one', views);
      await world.settled();
    }
    expect(await earned('tiktok-one')).toBe(1_099);
    expect((await world.ledger()).map((l) => l.amount)).toEqual([150, 949]);
  });

  it('shares the last money fairly once every look has its outcome, and never overspends', async () => {
    await world.launch('last', { budget: 1_000 });
    for (const id of ['a', 'b', 'c']) await world.submit('last', 'youtube', id);
    clock.advance(60_000);
    const requests = await Promise.all(['a', 'b', 'c'].map((id) => world.request('youtube', id, ['last'])));
    await world.see('youtube', 'a', 10_000, requests[0]);
    await world.see('youtube', 'b', 10_000, requests[1]);
    await world.settled();
    // 2,000 are due of 1,000, and the third clip is still being looked at: nobody is paid yet.
    expect(await earned('youtube-a')).toBe(0);
    await world.see('youtube', 'c', 10_000, requests[2]);
    await world.settled();
    const shares = await Promise.all(['a', 'b', 'c'].map((id) => earned(`youtube-${id}`)));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(1_000);
    expect(shares.toSorted((a, b) => a - b)).toEqual([333, 333, 334]);
  });

  it('waits for an outstanding look no longer than its patience', async () => {
    await world.launch('impatient', { budget: 1_000 });
    await world.submit('impatient', 'x', '1');
    await world.submit('impatient', 'x', '2');
    await world.request('x', '2', ['impatient']);
    await world.see('x', '1', 20_000);
    await world.settled();
    expect(await earned('x-1')).toBe(0);
    clock.advance(SETTLEMENT_PATIENCE_MS + 60_000);
    await world.settled();
    expect(await earned('x-1')).toBe(1_000);
  });

  it('settles what was still due after a top-up', async () => {
    await world.append('campaign-impatient', world.made('CampaignToppedUp', { campaignId: 'impatient', amount: 5_000, by: 'brand' }));
    await world.settled();
    expect(await earned('x-1')).toBe(2_000);
  });

  it('settles a campaign once when two settlers race', async () => {
    await world.launch('race');
    await world.submit('race', 'instagram', 'r');
    await world.see('instagram', 'r', 50_000);
    await Promise.all([world.settler.settleAll(), world.settler.settleAll(), world.settled()]);
    await world.settled();
    expect(await earned('instagram-r')).toBe(5_000);
  });

  it('refuses a second decision from a state that is outdated meanwhile, also where it begins with the same event', async () => {
    await world.launch('stale', { budget: 1_500 });
    await world.submit('stale', 'facebook', 's');
    // The projection stands still while the first decision is already in the log: the settler decides again on what it knew.
    await world.projector.waitFor(await world.store.head(), 5_000);
    await world.projector.stop();
    const { position } = await world.see('facebook', 's', 5_000);
    const [observed] = await Array.fromAsync(world.store.readAll(position - 1, { limit: 1 }));
    const entry = { highWater: { id: observed!.id, views: 5_000, observedAt: clock.now().toISOString() } };
    const decide = async (due: number) => {
      await world.pool.query(
        `update earnings.entries set due = $1, state = state || jsonb_build_object('views', jsonb_build_object('highWater', $2::jsonb || jsonb_build_object('views', $3::int), 'first', null)) where campaign_id = 'stale'`,
        [due, JSON.stringify(entry.highWater), due * 10],
      );
      await world.settler.settleAll();
    };
    await decide(500);
    await decide(1_500);
    const settled = (await Array.fromAsync(world.store.readStream('campaign-stale'))).map((e) => e.type);
    expect(settled).toEqual(['CampaignLaunched', 'EarningsAccrued']);
  });
});
