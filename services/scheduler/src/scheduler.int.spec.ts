import {
  ManualClock,
  clipIdOf,
  outcomeId,
  streams,
  type AnyEvent,
  type EventData,
  type EventInput,
} from '@cliptally/contracts';
import { openPool } from '@cliptally/event-store';
import { catchUp, rebuildProjection, silentLog } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PARAMETERS } from './domain/index.js';
import { schedulerProjection } from './projection/scheduler-projection.js';
import { openScheduler } from './open-scheduler.js';
import type { SchedulerSettings } from './settings.js';
import { startSchedulerWorld, type SchedulerWorld } from './testing/scheduler-world.js';
import { withDueClips } from './due-clips/due-clips.js';

const HOUR_MS = 3_600_000;

describe('tracking runs of the scheduler', () => {
  const clock = new ManualClock('2026-03-10T00:00:00Z');
  let world: SchedulerWorld;
  let database: SchedulerWorld['database'];
  let store: SchedulerWorld['store'];
  let scheduler: SchedulerWorld['scheduler'];
  beforeAll(async () => {
    world = await startSchedulerWorld(clock);
    ({ database, store, scheduler } = world);
  });
  afterAll(() => world.close());
  const add: SchedulerWorld['add'] = (...given) => world.add(...given);
  const launch = (campaignId: string, more: Partial<EventInput<'CampaignLaunched'>['terms']> = {}) =>
    add(streams.campaign(campaignId), 'CampaignLaunched', {
      campaignId,
      brandId: 'b',
      name: campaignId,
      terms: {
        currency: 'USD', budget: 100_000, ratePerThousand: { default: 100 }, minViews: 0, maxPayoutPerClip: null, countFrom: 'zero', trackingDays: 30,
        startsAt: '2026-03-01T00:00:00Z', endsAt: null, exclusive: false, validationDays: 3, minPayout: 0, ...more,
      },
    }); // prettier-ignore
  const submit = async (campaignId: string, videoId: string, approve = true) => {
    const clipId = clipIdOf('youtube', videoId);
    const clip = { clipId, platform: 'youtube' as const, campaignId };
    const url = `https://www.youtube.com/watch?v=${videoId}`;
    await add(streams.clip(clipId), 'ClipSubmitted', {
      ...clip,
      videoId,
      url,
      submittedUrl: url,
      creatorId: 'c',
    });
    if (approve) await add(streams.clip(clipId), 'ClipApproved', { ...clip, by: 't' });
  };
  const review = (type: 'ClipRejected' | 'ClipHeld', campaignId: string, videoId: string) => {
    const clipId = clipIdOf('youtube', videoId);
    const data = { clipId, platform: 'youtube' as const, campaignId, reason: 'odd', by: 't' };
    const reviewAt = new Date(clock.now().getTime() + 48 * HOUR_MS).toISOString();
    return add(streams.clip(clipId), type, type === 'ClipHeld' ? { ...data, reviewAt } : data);
  };
  const observed = (videoId: string, views: number) => {
    const clipId = clipIdOf('youtube', videoId);
    const scrape = {
      requestId: randomUUID(),
      runId: 'manual',
      clipId,
      source: 't',
      costMicroUsd: 0,
    };
    return add(streams.clip(clipId), 'ViewsRecorded', {
      ...scrape, platform: 'youtube', views, metric: 'viewCount', observedAt: clock.now().toISOString(), cached: false,
    }); // prettier-ignore
  };
  const requestsOf = async (runId: string) =>
    (await Array.fromAsync(store.readStream(streams.trackingRun(runId))))
      .filter((e) => e.type === 'ClipTrackingRequested')
      .map((e) => e.data as EventInput<'ClipTrackingRequested'>);
  const answer = async (runId: string, views: number) => {
    for (const { requestId, clipId, platform } of await requestsOf(runId)) {
      const scrape = { requestId, runId, clipId, platform, source: 't', costMicroUsd: 5_000 };
      await add(
        streams.clip(clipId),
        'ViewsRecorded',
        {
          ...scrape,
          views,
          metric: 'viewCount',
          observedAt: clock.now().toISOString(),
          cached: false,
        },
        outcomeId(requestId),
      );
    }
  };

  it('leaves its TrackingRunStarted also when there is nothing to do', async () => {
    const result = await scheduler.run(clock.now());
    expect(result).toEqual({ runId: '2026-03-10T00:00Z', requested: 0, repeated: false });
    expect(
      (await Array.fromAsync(store.readStream('tracking-run-2026-03-10T00:00Z'))).map(
        (e) => e.type,
      ),
    ).toEqual(['TrackingRunStarted']);
  });

  it('asks for approved clips of active campaigns, once while a scrape request is open', async () => {
    await launch('one');
    await launch('two');
    await launch('later', { startsAt: '2026-04-01T00:00:00Z' });
    await submit('one', 'AAAAAAAAAAA');
    await submit('one', 'BBBBBBBBBBB');
    await submit('two', 'BBBBBBBBBBB');
    await submit('one', 'CCCCCCCCCCC', false);
    await review('ClipRejected', 'one', 'CCCCCCCCCCC');
    await submit('later', 'DDDDDDDDDDD');
    clock.advance(HOUR_MS);
    const { runId, requested } = await scheduler.run(clock.now());
    expect(requested).toBe(2);
    const byClip = new Map((await requestsOf(runId)).map((r) => [r.clipId, r]));
    expect(byClip.get('youtube-BBBBBBBBBBB')).toMatchObject({
      campaignIds: ['one', 'two'],
      platform: 'youtube',
      url: 'https://www.youtube.com/watch?v=BBBBBBBBBBB',
    });
    clock.advance(2 * HOUR_MS);
    expect((await scheduler.run(clock.now())).requested).toBe(0);
    await answer(runId, 1_000);
    clock.advance(2 * HOUR_MS);
    expect((await scheduler.run(clock.now())).requested).toBe(2);
  });

  it('runs a slot once, also when two processes fire it at the same moment', async () => {
    await answer((await scheduler.run(clock.now())).runId, 2_000);
    for (const day of [1, 2, 3]) {
      clock.advance(24 * HOUR_MS);
      const slot = clock.now();
      const rival = await openScheduler({ databaseUrl: database.url, clock, log: silentLog });
      const results = await Promise.all([
        scheduler.run(slot),
        rival.run(slot),
        scheduler.run(slot),
        rival.run(slot),
      ]);
      await rival.close();
      expect([day, results.filter((r) => !r.repeated).length]).toEqual([day, 1]);
      const { runId } = results[0]!;
      const events = await Array.fromAsync(store.readStream(streams.trackingRun(runId)));
      expect(events.filter((e: AnyEvent) => e.type === 'TrackingRunStarted')).toHaveLength(1);
      await answer(runId, 3_000 + day);
    }
  });

  it('asks again after six hours without an outcome', async () => {
    clock.advance(24 * HOUR_MS);
    const lost = await scheduler.run(clock.now());
    expect(lost.requested).toBe(2);
    clock.advance(5 * HOUR_MS);
    expect((await scheduler.run(clock.now())).requested).toBe(0);
    clock.advance(2 * HOUR_MS);
    const again = await scheduler.run(clock.now());
    expect(again.requested).toBe(2);
    await answer(again.runId, 9_000);
  });

  it('asks for nothing if the campaign is paused or its budget exhausted', async () => {
    await add('campaign-two', 'CampaignPaused', { campaignId: 'two', reason: '', by: 't' });
    const observation = randomUUID();
    await add('campaign-one', 'EarningsAccrued', {
      campaignId: 'one', currency: 'USD', total: 100_000,
      lines: [{ clipId: 'youtube-AAAAAAAAAAA', creatorId: 'c', fromViews: 0, toViews: 9_000, due: 100_000, amount: 100_000, observation }],
    }); // prettier-ignore
    clock.advance(24 * HOUR_MS);
    expect((await scheduler.run(clock.now())).requested).toBe(0);
    await add('campaign-one', 'CampaignToppedUp', { campaignId: 'one', amount: 1_000, by: 't' });
    clock.advance(HOUR_MS);
    expect((await scheduler.run(clock.now())).requested).toBe(2);
  });

  it('scrapes the clips of a creator who asks for a payout before it is decided, whatever they score', async () => {
    await answer((await scheduler.run(clock.now())).runId, 9_500);
    clock.advance(2 * HOUR_MS);
    const stingy = await openScheduler({
      databaseUrl: database.url,
      clock,
      log: silentLog,
      settings: { monthlyBudgetUsd: 2 },
    });
    // The shares that added up pay one scrape.
    expect((await stingy.plan(clock.now())).chosen.map(({ why }) => why)).toEqual(['score']);
    await add('payout-c', 'PayoutRequested', {
      payoutId: 'p',
      creatorId: 'c',
      currency: 'USD',
      amount: 5,
    });
    const { chosen } = await stingy.plan(clock.now());
    expect(chosen.map(({ why }) => why)).toEqual(['payout', 'payout']);
    await add('payout-c', 'PayoutApproved', { payoutId: 'p', creatorId: 'c', by: 't' });
    expect((await stingy.plan(clock.now())).chosen.map(({ why }) => why)).not.toContain('payout');
    await stingy.close();
  });

  it('scrapes a clip before its campaign or its window ends, and no clip of a campaign that has ended', async () => {
    const end = new Date(clock.now().getTime() + 24 * HOUR_MS);
    await launch('ends', { endsAt: end.toISOString() });
    await launch('window', { trackingDays: 1 });
    await submit('ends', 'FFFFFFFFFFF');
    await submit('window', 'GGGGGGGGGGG');
    const whyOf = async () => {
      const { chosen } = await scheduler.plan(clock.now());
      return ['FFFFFFFFFFF', 'GGGGGGGGGGG'].map(
        (id) => chosen.find(({ clip }) => clip.clipId === `youtube-${id}`)?.why,
      );
    };
    clock.advance(23.75 * HOUR_MS);
    expect(await whyOf()).toEqual(['window ends', 'window ends']);
    clock.advance(0.25 * HOUR_MS);
    expect(await whyOf()).toEqual([undefined, undefined]);
  });

  const paid = (batchId: string, scrapes: number, costMicroUsd: number, source: string, recorded = scrapes) =>
    add(streams.scrapeBatch(batchId), 'ScrapeBatchCompleted', {
      batchId, platform: 'youtube', source, sourceRunId: 'r', status: 'succeeded', recorded, durationMs: 1, looks: scrapes, costMicroUsd,
    }); // prettier-ignore
  const openWith = (settings: Partial<SchedulerSettings>) =>
    openScheduler({ databaseUrl: database.url, clock, log: silentLog, settings });

  it('expects the configured prices of the sources that answer, then what answered scrapes have cost, over all tries', async () => {
    const { price: configured } = scheduler.settings;
    expect((await scheduler.plan(clock.now())).microUsd).toBe(2 * configured.youtube);
    await paid('a', 10, 60_000, 'a/scraper');
    expect((await scheduler.plan(clock.now())).microUsd).toBe(2 * configured.youtube);
    const knowing = await openWith({ price: { ...configured, 'a/scraper': 1_000 } });
    expect((await knowing.plan(clock.now())).microUsd).toBe(2 * 1_000);
    await knowing.close();
    await paid('b', 90, 540_000, 'a/scraper');
    expect((await scheduler.plan(clock.now())).microUsd).toBe(2 * 6_000);
    // Thirty scrapes of the first source had no answer, and another source was paid for them.
    await paid('c', 30, 90_000, 'a/scraper', 0);
    await paid('d', 100, 510_000, 'x-api');
    const before = 10 * 0.91 + 90;
    const perScrape = (before * 6_000 * 0.9 + 90_000 * 0.9 + 510_000) / (before * 0.9 + 100);
    expect((await scheduler.plan(clock.now())).microUsd).toBe(2 * Math.ceil(perScrape));
  });

  it('spends no more than the cycle allows', async () => {
    const poor = await openWith({ monthlyBudgetUsd: 1 });
    // More than the dollar is spent; with the next cycle there is another.
    expect((await poor.plan(clock.now())).chosen).toEqual([]);
    clock.advance(25 * 24 * HOUR_MS);
    expect((await poor.plan(clock.now())).budget).toMatchObject({
      spentMicroUsd: 0,
      cycle: { from: Date.parse('2026-04-01T00:00:00Z') },
    });
    await poor.close();
  });

  describe('as the paying account reports its money', () => {
    const cycle = {
      cycleStartsAt: '2026-04-03T00:00:00.000Z',
      cycleEndsAt: '2026-05-02T23:59:59.999Z',
    };
    const say = (
      state: EventInput<'SourceUsageMeasured'>['state'],
      usedMicroUsd: number,
      limitMicroUsd = 500_000_000,
    ) =>
      add(streams.sourceUsage('apify', cycle.cycleStartsAt), 'SourceUsageMeasured', {
        account: 'apify',
        ...cycle,
        usedMicroUsd,
        limitMicroUsd,
        state,
      });
    const startedOf = async (runId: string) =>
      (await Array.fromAsync(store.readStream(streams.trackingRun(runId))))[0]!
        .data as EventInput<'TrackingRunStarted'>;
    beforeAll(async () => {
      await launch('april', { startsAt: '2026-04-01T00:00:00Z', budget: 10_000_000 });
      await submit('april', 'EEEEEEEEEEE');
      clock.advance(24 * HOUR_MS);
    });

    it('takes its cycle and its limit, and what was billed since', async () => {
      await say('open', 1_000_000);
      await paid('e', 100, 500_000, 'a/scraper');
      const { budget, chosen } = await scheduler.plan(clock.now());
      expect(budget).toMatchObject({
        budgetMicroUsd: 199_000_000,
        spentMicroUsd: 1_500_000,
        account: 'open',
      });
      expect(budget.cycle).toEqual({
        from: Date.parse(cycle.cycleStartsAt),
        to: Date.parse(cycle.cycleEndsAt),
      });
      expect(chosen).not.toEqual([]);
    });
    it('takes the lower one of its limit and the configured one', async () => {
      await say('open', 1_000_000, 100_000_000);
      expect((await scheduler.plan(clock.now())).budget.budgetMicroUsd).toBe(100_000_000);
    });
    it('requests nothing after a hard stop, and says why in the run that it leaves', async () => {
      await say('hard_stop', 100_000_000, 100_000_000);
      const { runId, requested } = await scheduler.run(clock.now());
      expect(requested).toBe(0);
      expect(await startedOf(runId)).toMatchObject({ requested: 0, heldBackBy: 'hard_stop' });
      expect((await startedOf(runId)).candidates).toBeGreaterThan(0);
    });
    it('still asks if a source is free', async () => {
      await paid('f', 5, 0, 'youtube-data-api');
      const { chosen, microUsd } = await scheduler.plan(clock.now());
      expect([chosen.length > 0, microUsd]).toEqual([true, 0]);
    });
    it('goes on, more slowly, when the limit was raised', async () => {
      await say('soft_limit', 100_000_000, 120_000_000);
      clock.advance(HOUR_MS);
      const { runId, requested } = await scheduler.run(clock.now());
      expect(requested).toBeGreaterThan(0);
      expect(await startedOf(runId)).toMatchObject({ heldBackBy: 'soft_limit' });
    });
    it('goes on with the next cycle, whose day it has learnt', async () => {
      await say('hard_stop', 120_000_000, 120_000_000);
      clock.advance(30 * 24 * HOUR_MS);
      const { budget } = await scheduler.plan(clock.now());
      expect(budget).toMatchObject({ account: 'open', budgetMicroUsd: 199_000_000 });
      expect(new Date(budget.cycle.from).toISOString()).toBe('2026-05-03T00:00:00.000Z');
    });
  });

  describe('by what a clip can still earn (case D7)', () => {
    const plan = async (settings: Partial<SchedulerSettings> = {}) => {
      const one = await openWith({ monthlyBudgetUsd: 1_000, ...settings });
      const { chosen } = await one.plan(clock.now());
      await one.close();
      return new Map(chosen.map((choice) => [choice.clip.url.slice(-11), choice]));
    };
    it('leaves the fast clip at its cap for the slow one without', async () => {
      await launch('capped', { maxPayoutPerClip: 5_000, trackingDays: 4 });
      await submit('capped', 'capped00000');
      await submit('one', 'uncapped000');
      for (const hour of [1, 2]) {
        clock.advance(HOUR_MS);
        await observed('capped00000', hour * 1_000_000);
        await observed('uncapped000', hour * 1_000);
      }
      clock.advance(2 * HOUR_MS);
      const [best] = await plan({ scrapesPerRun: 1 });
      expect(best![0]).toBe('uncapped000');
      const chosen = await plan();
      expect([chosen.has('uncapped000'), chosen.has('capped00000')]).toEqual([true, false]);
    });
    it('scrapes it once more as its window ends, if its figures are wanted', async () => {
      clock.advance(4 * 24 * HOUR_MS - 4.25 * HOUR_MS);
      expect((await plan()).get('capped00000')?.why).toBe('window ends');
      expect((await plan({ finalFigures: false })).has('capped00000')).toBe(false);
    });
    it('knows a cap from what was paid, if views count from approval', async () => {
      await launch('later-views', { maxPayoutPerClip: 5_000, countFrom: 'approval' });
      for (const id of ['paid0000000', 'unpaid00000']) {
        await submit('later-views', id);
        await observed(id, 2_000_000);
      }
      const line = { clipId: 'youtube-paid0000000', creatorId: 'c', fromViews: 0, toViews: 9_000, due: 5_000, amount: 5_000, observation: randomUUID() }; // prettier-ignore
      await add('campaign-later-views', 'EarningsAccrued', { campaignId: 'later-views', currency: 'USD', total: 5_000, lines: [line] }); // prettier-ignore
      clock.advance(3 * HOUR_MS);
      const chosen = await plan();
      expect(chosen.has('paid0000000')).toBe(false);
      expect(chosen.get('unpaid00000')!.clip.terms).toMatchObject([{ most: 50 }]);
    });
    it('weighs a clip that is held or to be reviewed by its chance to be paid', async () => {
      await launch('reviewed');
      for (const id of ['approved000', 'held0000000', 'pending0000'])
        await submit('reviewed', id, id !== 'pending0000');
      await review('ClipHeld', 'reviewed', 'held0000000');
      clock.advance(HOUR_MS);
      const chosen = await plan();
      const amounts = ['approved000', 'held0000000', 'pending0000'].map(
        (id) => chosen.get(id)!.unrecordedAmount,
      );
      expect(amounts[1]! / amounts[0]!).toBeCloseTo(PARAMETERS.chanceHeld, 10);
      expect(amounts[2]! / amounts[0]!).toBeCloseTo(PARAMETERS.chancePending, 10);
    });
    it('counts views from before an approval as unrecorded, and all of them below the minimum', async () => {
      await launch('minimum', { minViews: 10_000 });
      await submit('minimum', 'below000000');
      await submit('reviewed', 'before00000', false);
      await observed('before00000', 50_000);
      await observed('below000000', 9_000);
      clock.advance(HOUR_MS);
      await observed('below000000', 9_900);
      const clipId = clipIdOf('youtube', 'before00000');
      await add(streams.clip(clipId), 'ClipApproved', { clipId, platform: 'youtube', campaignId: 'reviewed', by: 't' }); // prettier-ignore
      clock.advance(2 * HOUR_MS);
      const chosen = await plan();
      expect(chosen.get('before00000')!.unrecordedAmount).toBeGreaterThan(50);
      expect(chosen.get('below000000')!.clip.terms).toMatchObject([{ minViews: 10_000 }]);
      // Far more than the few views that it gains: those before them are paid with them.
      expect(chosen.get('below000000')!.unrecordedAmount).toBeGreaterThan(5);
    });
  });

  it('weighs campaigns in won and rupiah by their weights (case D12)', async () => {
    // One dollar a thousand views each, by the weights.
    await launch('usd', { currency: 'USD', ratePerThousand: { default: 100 }, budget: 1e9 });
    await launch('krw', { currency: 'KRW', ratePerThousand: { default: 1_000 }, budget: 1e9 });
    await launch('idr', { currency: 'IDR', ratePerThousand: { default: 2_000_000 }, budget: 1e13 });
    for (const id of ['usd', 'krw', 'idr']) await submit(id, `of-${id}00000`);
    clock.advance(HOUR_MS);
    const weights = { ...scheduler.settings.weights, KRW: 0.001, IDR: 0.00005 };
    const one = await openWith({ monthlyBudgetUsd: 1_000, weights });
    const { chosen } = await one.plan(clock.now());
    await one.close();
    const rates = ['usd', 'krw', 'idr'].map(
      (id) => chosen.find(({ clip }) => clip.campaignIds[0] === id)!.clip.dollarsPerThousand,
    );
    for (const rate of rates) expect(rate).toBeCloseTo(1, 10);
  });
  it('knows how many earnings a budget pays for beside its platform fee', async () => {
    const fee = (bearer: 'brand' | 'creator') => ({ platformFee: { basisPoints: 2_500, bearer } });
    await launch('on-top', { budget: 125_000, ...fee('brand') });
    await launch('withheld', { budget: 125_000, ...fee('creator') });
    for (const campaignId of ['on-top', 'withheld'])
      await add(streams.campaign(campaignId), 'EarningsAccrued', {
        campaignId,
        currency: 'USD',
        total: 40_000,
        lines: [
          {
            clipId: 'youtube-usd00000000',
            creatorId: 'c',
            fromViews: 0,
            toViews: 1,
            due: 40_000,
            amount: 40_000,
            observation: randomUUID(),
          },
        ],
        fee: { ...fee(campaignId === 'on-top' ? 'brand' : 'creator').platformFee, total: 10_000 },
        decidedAt: null,
      });
    const pool = openPool(database.url, 'test', 2);
    await catchUp(schedulerProjection, pool, store);
    const now = clock.now();
    const campaigns = await withDueClips(pool, now, now, scheduler.settings, (due) =>
      Promise.resolve(due.campaigns),
    );
    await pool.end();
    expect(campaigns.get('on-top')).toEqual({ budget: 1_000, spent: 400 });
    expect(campaigns.get('withheld')).toEqual({ budget: 1_250, spent: 400 });
  });
  it('does not start without a weight for every currency (case D12)', async () => {
    const { KRW: _, ...weights } = scheduler.settings.weights;
    await expect(openWith({ weights })).rejects.toThrow(
      'CURRENCY_WEIGHTS has no weight above 0 for KRW',
    );
  });
  it('records what the log has taught, so that the plan can be made again', async () => {
    clock.advance(24 * HOUR_MS);
    const { runId } = await scheduler.run(clock.now());
    const [started] = await Array.fromAsync(store.readStream(streams.trackingRun(runId)));
    const { due, requested, learned } = started!.data as EventData<'TrackingRunStarted'>;
    expect(due).toBeGreaterThanOrEqual(requested);
    expect(learned!.youtube!.firstScrapeVelocity).toBeGreaterThan(300);
    expect(learned!.youtube!.floor).not.toBe(PARAMETERS.floor);
    expect(learned!.tiktok!.floor).toBe(PARAMETERS.floor);
  });

  it('has a projection that equals a rebuilt one', async () => {
    const pool = openPool(database.url, 'test', 2);
    await catchUp(schedulerProjection, pool, store);
    expect((await rebuildProjection(schedulerProjection, pool, store)).differences).toEqual({});
    await pool.end();
  });

  it('says what the campaigns of a clip want to know of its post, all together', async () => {
    await launch('owned', { requireOwnedAccount: true, requiredText: ['#b'] });
    await launch('tagged', { requiredText: ['#b', '#a'] });
    await launch('plain');
    await submit('owned', 'checks00001');
    await submit('tagged', 'checks00001');
    await submit('plain', 'checks00002');
    clock.advance(HOUR_MS);
    const { runId } = await scheduler.run(clock.now());
    const checks = new Map((await requestsOf(runId)).map((one) => [one.clipId, one.checks]));
    expect(checks.get('youtube-checks00001')).toEqual({ account: true, text: ['#a', '#b'] });
    expect(checks.has('youtube-checks00002')).toBe(true);
    expect(checks.get('youtube-checks00002')).toBeUndefined();
  });
});
