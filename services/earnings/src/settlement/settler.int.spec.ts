import { ManualClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@cliptally/dev/servers';
import { rebuildProjection, silentLog } from '@cliptally/messaging';
import { SETTLEMENT_PATIENCE_MS } from '../domain/settlement.js';
import { earningsProjection } from '../projection/earnings-projection.js';
import { Settler } from './settler.js';
import { startEarningsWorld } from '../testing/earnings-world.js';

describe('settling from the log', () => {
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

  it('shares the last money fairly once every scrape has its outcome, and never overspends', async () => {
    await world.launch('last', { budget: 1_000 });
    for (const id of ['a', 'b', 'c']) await world.submit('last', 'youtube', id);
    clock.advance(60_000);
    const requests = await Promise.all(
      ['a', 'b', 'c'].map((id) => world.request('youtube', id, ['last'])),
    );
    await world.see('youtube', 'a', 10_000, requests[0]);
    await world.see('youtube', 'b', 10_000, requests[1]);
    await world.settled();
    // 2,000 are due of 1,000, and the third clip is still being scraped: nobody is paid yet.
    expect(await earned('youtube-a')).toBe(0);
    await world.see('youtube', 'c', 10_000, requests[2]);
    await world.settled();
    const shares = await Promise.all(['a', 'b', 'c'].map((id) => earned(`youtube-${id}`)));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(1_000);
    expect(shares.toSorted((a, b) => a - b)).toEqual([333, 333, 334]);
  });

  it('waits for an outstanding scrape no longer than its patience', async () => {
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
    await world.append(
      'campaign-impatient',
      world.made('CampaignToppedUp', { campaignId: 'impatient', amount: 5_000, by: 'brand' }),
    );
    await world.settled();
    expect(await earned('x-1')).toBe(2_000);
  });

  it('D14: says once that the budget is used up by observations that arrive late', async () => {
    await world.launch('late', { budget: 1_000 });
    const ids = Array.from({ length: 20 }, (_, i) => `late${i}`);
    for (const id of ids) await world.submit('late', 'facebook', id);
    const began = clock.now().getTime();
    clock.advance(86_400_000);
    // From the newest to the oldest hour, as a back-fill reads pages; each is an append of its own.
    for (let hour = 23; hour >= 0; hour--)
      for (const [i, id] of ids.entries())
        if ((hour + i) % 4 === 0) {
          const observedAt = new Date(began + hour * 3_600_000 + 60_000).toISOString();
          await world.see('facebook', id, hour * 500, undefined, { observedAt });
        }
    await Promise.all([world.settler.settleAll(), world.settled()]);
    for (const id of ids) await world.see('facebook', id, 90_000);
    await world.settled();
    const types = await typesOf('campaign-late');
    expect(types.filter((type) => type === 'CampaignBudgetExhausted')).toHaveLength(1);
    expect(
      (await Promise.all(ids.map((id) => earned(`facebook-${id}`)))).reduce((a, b) => a + b),
    ).toBe(1_000);
  });

  it('settles a campaign once when two settlers race', async () => {
    await world.launch('race');
    await world.submit('race', 'instagram', 'r');
    await world.see('instagram', 'r', 50_000);
    await Promise.all([world.settler.settleAll(), world.settler.settleAll(), world.settled()]);
    await world.settled();
    expect(await earned('instagram-r')).toBe(5_000);
  });

  const typesOf = async (stream: string) =>
    (await Array.fromAsync(world.store.readStream(stream))).map(({ type }) => type);

  it('holds a clip that looks odd before it is paid, and pays what was due when it is released', async () => {
    await world.launch('odd');
    for (const id of ['fell', 'fine']) await world.submit('odd', 'youtube', id);
    for (const [fell, fine] of [
      [20_000, 10_000],
      [14_000, 12_000],
      [50_000, 15_000],
    ] as const) {
      clock.advance(3_600_000);
      await world.see('youtube', 'fell', fell);
      await world.see('youtube', 'fine', fine);
      await world.settled();
    }
    expect([await earned('youtube-fell'), await earned('youtube-fine')]).toEqual([2_000, 1_500]);
    const [held] = (await Array.fromAsync(world.store.readStream('clip-youtube-fell'))).flatMap(
      (e) => (e.type === 'ClipHeld' ? [e] : []),
    );
    expect(held!.data).toMatchObject({
      campaignId: 'odd',
      by: 'cliptally:anomaly',
      reason: 'Anomaly score 60, held from 60 on: views fell by 30 % (over 20 %)',
      reviewAt: new Date(clock.now().getTime() + 3 * 86_400_000).toISOString(),
      anomaly: { score: 60, threshold: 60, reasons: [{ rule: 'dropped_far', observed: 0.3 }] },
    });
    const seen = (await Array.fromAsync(world.store.readStream('clip-youtube-fell'))).map(
      ({ id }) => id,
    );
    for (const id of held!.data.anomaly!.reasons[0]!.eventIds) expect(seen).toContain(id);
    await world.append(
      'clip-youtube-fell',
      world.made('ClipReleased', {
        clipId: 'youtube-fell',
        platform: 'youtube',
        campaignId: 'odd',
        by: 'reviewer',
      }),
    );
    await world.settled();
    expect(await earned('youtube-fell')).toBe(5_000);
    // What the reviewer has seen does not hold it again.
    clock.advance(3_600_000);
    await world.see('youtube', 'fell', 60_000);
    await world.settled();
    expect(await earned('youtube-fell')).toBe(6_000);
    expect((await typesOf('clip-youtube-fell')).filter((type) => type === 'ClipHeld')).toHaveLength(
      1,
    );
  });

  it('counts a burst of submissions, and what is known of the account, against a clip', async () => {
    await world.launch('burst', { anomalyThreshold: 25 });
    for (let i = 0; i < 25; i++) await world.submit('burst', 'facebook', `b${i}`, 'spammer');
    for (const views of [9_000, 12_000, 15_000]) {
      clock.advance(3_600_000);
      await world.see('facebook', 'b0', views, undefined, { followers: 100, author: 'somebody' });
    }
    await world.settled();
    const [held] = (await Array.fromAsync(world.store.readStream('clip-facebook-b0'))).flatMap(
      (e) => (e.type === 'ClipHeld' ? [e] : []),
    );
    expect(held!.data.anomaly!.reasons.map(({ rule, observed }) => [rule, observed])).toEqual([
      ['far_above_followers', 150],
      ['submission_burst', 25],
    ]);
  });

  it('settles thousands of clips that one creator has submitted within an hour', async () => {
    const ids = Array.from({ length: 4_000 }, (_, i) => `crowd${i}`);
    await world.launch('crowd', { budget: 100_000_000 });
    await world.submitMany('crowd', 'youtube', ids, 'agency');
    clock.advance(3_600_000);
    await world.seeMany(
      'youtube',
      ids.map((id) => ({ id, views: 10_000 })),
    );
    const lines = async () =>
      (await world.ledger()).filter(({ clip_id: clipId }) => clipId.startsWith('youtube-crowd'));
    await until('a line for each clip', async () => (await lines()).length >= ids.length);
    expect((await lines()).filter(({ amount }) => amount === 1_000)).toHaveLength(ids.length);
  });

  it('is woken by the patience of a campaign also if another process was waiting for it', async () => {
    await world.launch('silent', { budget: 1_000 });
    for (const id of ['s1', 's2']) await world.submit('silent', 'x', id);
    await world.request('x', 's2', ['silent']);
    await world.see('x', 's1', 20_000);
    await world.settled();
    await world.settler.stop();
    // Began before the campaign waited, and hears of no batch: nothing happens any more but the
    // passing of time.
    const other = new Settler({
      pool: world.pool,
      schema: 'earnings',
      store: world.store,
      clock,
      log: silentLog,
    });
    other.start();
    await until('the other settler to sleep', () => clock.sleeping > 0);
    expect(await typesOf('campaign-silent')).not.toContain('EarningsAccrued');
    clock.advance(SETTLEMENT_PATIENCE_MS + 60_000);
    await until('the settlement', async () =>
      (await typesOf('campaign-silent')).includes('EarningsAccrued'),
    );
    await other.stop();
    await world.settled();
    expect(await earned('x-s1')).toBe(1_000);
    world.restartSettler();
  });

  it('ends the budget of ten thousand clips in one settlement, to the last cent', async () => {
    const clips = Array.from({ length: 10_000 }, (_, i) => ({
      id: `m${i}`,
      views: 1_000 + ((i * 7919) % 3_000),
    }));
    await world.launch('many', { budget: 1_000_003 });
    await world.submitMany('many', 'instagram', clips.map(({ id }) => id)); // prettier-ignore
    await world.append(
      'campaign-many',
      world.made('CampaignPaused', { campaignId: 'many', reason: '', by: 'brand' }),
    );
    clock.advance(60_000);
    await world.seeMany('instagram', clips);
    expect(await world.projector.waitFor(await world.store.head(), 120_000)).toBe(true);
    const began = performance.now();
    await world.append(
      'campaign-many',
      world.made('CampaignResumed', { campaignId: 'many', by: 'brand' }),
    );
    await until('the end of the budget', async () =>
      (await typesOf('campaign-many')).includes('CampaignBudgetExhausted'),
    );
    process.stderr.write(
      `10,000 clips were settled end to end in ${Math.round(performance.now() - began)} ms\n`,
    );
    await world.settled();
    expect(await typesOf('campaign-many')).toEqual([
      'CampaignLaunched',
      'CampaignPaused',
      'CampaignResumed',
      'EarningsAccrued',
      'CampaignBudgetExhausted',
    ]);
    const { rows } = await world.pool.query(
      `select count(*)::int as lines, sum(amount)::int as sum, bool_and(amount <= (detail ->> 'due')::int) as fair from earnings.ledger where campaign_id = 'many'`,
    );
    expect(rows).toEqual([{ lines: 10_000, sum: 1_000_003, fair: true }]);
  });

  it('is the same when it is built anew from the log: holds, releases, voids, payouts and all', async () => {
    const creatorId = 'creator-fell';
    const line = { clipId: 'youtube-fell', creatorId, amount: 700, reason: 'bots' };
    await world.append(
      'campaign-odd',
      world.made('EarningsReversed', {
        campaignId: 'odd',
        currency: 'USD',
        total: 700,
        lines: [line],
        by: 'root',
      }),
    );
    const destination = { provider: 'stripe', account: 'acct_1' } as const;
    const made = (payoutId: string) => ({ payoutId, creatorId });
    await world.append(
      `payout-${creatorId}`,
      world.made('PayoutAccountSet', { creatorId, ...destination, by: creatorId }),
      ...['p1', 'p2', 'p3', 'p4'].map((id) =>
        world.made('PayoutRequested', { ...made(id), currency: 'USD', amount: 100 }),
      ),
      ...['p1', 'p2', 'p3'].map((id) =>
        world.made('PayoutApproved', { ...made(id), destination, by: 'root' }),
      ),
      world.made('PayoutPaid', {
        ...made('p1'),
        externalReference: 'tr_1',
        by: 'cliptally:stripe',
      }),
      world.made('PayoutPaid', {
        ...made('p2'),
        externalReference: 'tr_2',
        by: 'cliptally:stripe',
      }),
      world.made('PayoutFailed', { ...made('p2'), reason: 'came back', by: 'cliptally:stripe' }),
      world.made('PayoutRejected', { ...made('p4'), reason: 'no', by: 'root' }),
    );
    await world.see('youtube', 'fell', 61_000);
    const rebuilt = async () => {
      await world.settled();
      return rebuildProjection(earningsProjection, world.pool, world.store);
    };
    // A settlement may have come in between: then nothing is compared.
    let result = await rebuilt();
    for (let again = 0; again < 3 && !result.compared; again++) result = await rebuilt();
    expect(result).toMatchObject({ compared: true, differences: {}, reshaped: [] });
    expect(result.events).toBeGreaterThan(30_000);
  });

  it('refuses a second decision from a state that is outdated meanwhile, also if it begins with the same event', async () => {
    await world.launch('stale', { budget: 1_500 });
    await world.submit('stale', 'facebook', 's');
    // The projection stands still while the first decision is already in the log: the settler
    // decides again on what it knew.
    expect(await world.projector.waitFor(await world.store.head(), 120_000)).toBe(true);
    await world.projector.stop();
    const { position } = await world.see('facebook', 's', 5_000);
    const [observed] = await Array.fromAsync(world.store.readAll(position - 1, { limit: 1 }));
    const entry = {
      highWater: { id: observed!.id, views: 5_000, observedAt: clock.now().toISOString() },
    };
    const decide = async (due: number) => {
      await world.pool.query(
        `update earnings.entries set due = $1, state = state || jsonb_build_object('views', jsonb_build_object('highWater', $2::jsonb || jsonb_build_object('views', $3::int), 'first', null)) where campaign_id = 'stale'`,
        [due, JSON.stringify(entry.highWater), due * 10],
      );
      await world.settler.settleAll();
    };
    await decide(500);
    await decide(1_500);
    const settled = (await Array.fromAsync(world.store.readStream('campaign-stale'))).map(
      (e) => e.type,
    );
    expect(settled).toEqual(['CampaignLaunched', 'EarningsAccrued']);
  });
});
