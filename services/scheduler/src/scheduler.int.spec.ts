import {
  ManualClock,
  clipIdOf,
  newEvent,
  outcomeId,
  streams,
  type AnyEvent,
  type EventData,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import { testDatabase } from '@cliptally/dev/servers';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { catchUp, rebuildProjection, silentLog } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { schedulerProjection } from './projection/scheduler-projection.js';
import { openScheduler, type Scheduler } from './scheduler.js';

const HOUR_MS = 3_600_000;

describe('runs of the scheduler', () => {
  const clock = new ManualClock('2026-03-10T00:00:00Z');
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let store: PostgresEventStore;
  let scheduler: Scheduler;
  beforeAll(async () => {
    database = await testDatabase();
    await PostgresEventStore.migrate(database.url);
    store = new PostgresEventStore({ url: database.url });
    scheduler = await openScheduler({ databaseUrl: database.url, clock, log: silentLog });
  });
  afterAll(async () => {
    await scheduler.close();
    await store.close();
    await database.drop();
  });

  const add = <T extends EventType>(stream: string, type: T, data: EventData<T>, id: string = randomUUID()) =>
    store.append(stream, [newEvent(type, id, data, { time: clock.now(), correlationId: 't', causationId: 't' })] as NewEvent[], 'any');
  const launch = (campaignId: string, more: Partial<EventData<'CampaignLaunched'>['terms']> = {}) =>
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
    await add(streams.clip(clipId), 'ClipSubmitted', { ...clip, videoId, url, submittedUrl: url, creatorId: 'c' });
    if (approve) await add(streams.clip(clipId), 'ClipApproved', { ...clip, by: 't' });
  };
  const requestsOf = async (runId: string) =>
    (await Array.fromAsync(store.readStream(streams.trackingRun(runId))))
      .filter((e) => e.type === 'ClipTrackingRequested')
      .map((e) => e.data as EventData<'ClipTrackingRequested'>);
  const answer = async (runId: string, views: number) => {
    for (const { requestId, clipId, platform } of await requestsOf(runId)) {
      const look = { requestId, runId, clipId, platform, source: 't', costMicroUsd: 5_000 };
      await add(
        streams.clip(clipId),
        'ViewsRecorded',
        { ...look, views, metric: 'viewCount', observedAt: clock.now().toISOString(), cached: false },
        outcomeId(requestId),
      );
    }
  };

  it('leaves its TrackingRunStarted also when there is nothing to do', async () => {
    const result = await scheduler.run(clock.now());
    expect(result).toEqual({ runId: '2026-03-10T00:00Z', requested: 0, repeated: false });
    expect((await Array.fromAsync(store.readStream('tracking-run-2026-03-10T00:00Z'))).map((e) => e.type)).toEqual(['TrackingRunStarted']);
  });

  it('asks for approved clips of active campaigns, once while a look is outstanding', async () => {
    await launch('one');
    await launch('two');
    await launch('later', { startsAt: '2026-04-01T00:00:00Z' });
    await submit('one', 'AAAAAAAAAAA');
    await submit('one', 'BBBBBBBBBBB');
    await submit('two', 'BBBBBBBBBBB');
    await submit('one', 'CCCCCCCCCCC', false);
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
      const results = await Promise.all([scheduler.run(slot), rival.run(slot), scheduler.run(slot), rival.run(slot)]);
      await rival.close();
      expect([day, results.filter((r) => !r.repeated).length]).toEqual([day, 1]);
      const { runId } = results[0]!;
      const events = await Array.fromAsync(store.readStream(streams.trackingRun(runId)));
      expect(events.filter((e: AnyEvent) => e.type === 'TrackingRunStarted')).toHaveLength(1);
      await answer(runId, 3_000 + day);
    }
  });

  it('asks for a lost look again after six hours', async () => {
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

  it('asks for nothing where the campaign is paused or its money is gone', async () => {
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

  it('looks at the clips of a creator who asks for a payout before it is decided, whatever they score', async () => {
    await answer((await scheduler.run(clock.now())).runId, 9_500);
    clock.advance(2 * HOUR_MS);
    const stingy = await openScheduler({ databaseUrl: database.url, clock, log: silentLog, settings: { monthlyBudgetUsd: 2 } });
    // What was saved up pays one look.
    expect((await stingy.plan(clock.now())).chosen.map(({ why }) => why)).toEqual(['budget ends']);
    await add('payout-c', 'PayoutRequested', { payoutId: 'p', creatorId: 'c', currency: 'USD', amount: 5 });
    const { chosen } = await stingy.plan(clock.now());
    expect(chosen.map(({ why }) => why)).toEqual(['payout', 'payout']);
    await add('payout-c', 'PayoutApproved', { payoutId: 'p', creatorId: 'c', by: 't' });
    expect((await stingy.plan(clock.now())).chosen.map(({ why }) => why)).not.toContain('payout');
    await stingy.close();
  });

  it('spends no more than the cycle allows', async () => {
    const batch = {
      batchId: 'b',
      platform: 'youtube' as const,
      source: 't',
      sourceRunId: 'r',
      status: 'succeeded' as const,
      recorded: 100,
      durationMs: 1,
    };
    await add('scrape-batch-b', 'ScrapeBatchCompleted', { ...batch, looks: 100, costMicroUsd: 600_000 });
    const poor = await openScheduler({ databaseUrl: database.url, clock, log: silentLog, settings: { monthlyBudgetUsd: 1, pace: 'even' } });
    clock.advance(10 * HOUR_MS);
    // Sixty cents of the dollar are spent, and less than sixty hundredths of the cycle have passed, the day ahead included.
    expect((await poor.plan(clock.now())).chosen).toEqual([]);
    clock.advance(8 * 24 * HOUR_MS);
    expect((await poor.plan(clock.now())).chosen).toHaveLength(2);
    await poor.close();
  });

  it('has a table that equals one built anew', async () => {
    const pool = openPool(database.url, 'test', 2);
    await catchUp(schedulerProjection, pool, store);
    expect((await rebuildProjection(schedulerProjection, pool, store)).differences).toEqual({});
    await pool.end();
  });
});
