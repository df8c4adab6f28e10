import { ManualClock, newEvent, streams, type EventInput } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshUrl, startApiWorld } from '../testing/api-world.js';

let world: Awaited<ReturnType<typeof startApiWorld>>;
beforeAll(async () => {
  world = await startApiWorld({ clock: new ManualClock('2026-02-10T12:00:00Z') });
});
afterAll(() => world.close());

const context = (time: string) => ({ time: new Date(time), correlationId: 't', causationId: 't' });
const settled = () => world.service.settled(AbortSignal.timeout(60_000));
async function billed(time: string, more: Partial<EventInput<'ScrapeBatchCompleted'>>) {
  const batchId = randomUUID();
  const data = {
    batchId, platform: 'tiktok', source: 'clockworks', sourceRunId: 'r', status: 'succeeded',
    looks: 30, recorded: 30, costMicroUsd: 111_000, durationMs: 5, ...more,
  } as const; // prettier-ignore
  const event = newEvent('ScrapeBatchCompleted', randomUUID(), data, context(time));
  await world.store.append(streams.scrapeBatch(batchId), [event], 'any');
}
async function planned(slot: string, more: Partial<EventInput<'TrackingRunStarted'>>) {
  const runId = slot.slice(0, 16);
  const data = { runId, slot, policy: 'p', candidates: 90, requested: 40, estimatedCostMicroUsd: 148_000, ...more }; // prettier-ignore
  const event = newEvent('TrackingRunStarted', randomUUID(), data, context(slot));
  await world.store.append(streams.trackingRun(runId), [event], 'any');
}
const budget = async (query = '') => (await world.get(`/scrape-budget${query}`)).body;
const CYCLE = {
  cycleStartsAt: '2026-02-01T00:00:00.000Z',
  cycleEndsAt: '2026-03-01T00:00:00.000Z',
};

describe('the scrape budget', () => {
  it('has no limit before a run has said it, and what was billed all the same', async () => {
    expect(await budget()).toMatchObject({
      currency: 'USD',
      cycle: { startsAt: CYCLE.cycleStartsAt, endsAt: CYCLE.cycleEndsAt, budget: null, spent: 0, remaining: null },
      today: { spent: 0, allowance: null },
      pace: { perDay: 0, atCycleEnd: 0, expectedEnd: null },
      perThousandViewsMicroUsd: null, accounts: [], sources: [], runs: [],
    }); // prettier-ignore
    // Of the cycle before: it counts nowhere.
    await billed('2026-01-31T23:00:00Z', { costMicroUsd: 900_000_000 });
    await billed('2026-02-09T10:00:00Z', { costMicroUsd: 14_000_000 });
    await settled();
    expect(await budget()).toMatchObject({ cycle: { budget: null, spent: 1_400 } });
  });

  it('is what the newest run said, with bills by day, source and account beside it', async () => {
    await planned('2026-02-10T11:45:00.000Z', { due: 70 });
    await planned('2026-02-10T12:00:00.000Z', {
      due: 70,
      heldBackBy: 'soft_limit',
      budget: { ...CYCLE, limitMicroUsd: 100_000_000, spentMicroUsd: 14_000_000, shareMicroUsd: 150_000 }, // prettier-ignore
      leftOut: { no_gain: 6, scrape_limit: 0, platform_limit: 0, money: 24 },
    });
    await billed('2026-02-10T11:00:00Z', { costMicroUsd: 1_000_000, recorded: 20 });
    await billed('2026-02-10T11:30:00Z', { source: 'youtube-data-api', platform: 'youtube', costMicroUsd: 0 }); // prettier-ignore
    await settled();
    const answer = await budget();
    expect(answer).toMatchObject({
      cycle: { budget: 10_000, spent: 1_500, remaining: 8_500 },
      // 86.00 remained at midnight, for 19 days.
      today: { startsAt: '2026-02-10T00:00:00.000Z', spent: 100, allowance: 453 },
      // 15.00 in the day and a half since the first bill of the week.
      pace: { perDay: 1_000, atCycleEnd: 20_000, expectedEnd: '2026-02-19T00:00:00.000Z' },
    });
    expect(answer.sources).toMatchObject([
      { source: 'clockworks', platform: 'tiktok', today: { scrapes: 30, recorded: 20, spent: 100 }, cycle: { scrapes: 60, spent: 1_500 }, perScrapeMicroUsd: 300_000 },
      { source: 'youtube-data-api', cycle: { recorded: 30, spent: 0 }, perScrapeMicroUsd: 0 },
    ]); // prettier-ignore
    expect(answer.runs).toMatchObject([
      {
        requested: 40, due: 70, shareMicroUsd: 150_000, heldBackBy: 'soft_limit',
        leftOut: [
          { reason: 'no_gain', scrapes: 6 },
          { reason: 'money', scrapes: 24, sentence: "The run's share of the scrape budget was used up." },
        ],
      },
      { shareMicroUsd: null, heldBackBy: null, leftOut: null },
    ]); // prettier-ignore
    expect((await budget('?limit=1')).runs).toHaveLength(1);
    expect((await world.get('/scrape-budget?limit=0')).status).toBe(400);
  });

  it("counts the account's word if it is the larger one", async () => {
    const usage = { account: 'apify', ...CYCLE, usedMicroUsd: 40_000_000, limitMicroUsd: 90_000_000, state: 'open' } as const; // prettier-ignore
    const event = newEvent('SourceUsageMeasured', randomUUID(), usage, context('2026-02-10T11:50:00Z')); // prettier-ignore
    await world.store.append(streams.sourceUsage('apify', CYCLE.cycleStartsAt), [event], 'any'); // prettier-ignore
    await settled();
    expect(await budget()).toMatchObject({
      cycle: { budget: 10_000, spent: 4_000, remaining: 6_000 },
      accounts: [{ account: 'apify', used: 4_000, limit: 9_000, remaining: 5_000, measuredAt: '2026-02-10T11:50:00.000Z' }],
    }); // prettier-ignore
  });

  it('says what a thousand settled views have cost', async () => {
    await world.post('/campaigns', world.terms({ campaignId: 'spring' }));
    const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId: 'spring', creatorId: 'ann' })).body; // prettier-ignore
    await world.post(`/clips/${clipId}/approve`);
    world.clock.advance(1_000);
    await world.see(clipId, 80_000);
    expect(await budget()).toMatchObject({ paidViews: 80_000, perThousandViewsMicroUsd: 500_000 });
  });

  it('is in the next cycle once the last one is over', async () => {
    world.clock.advance(20 * 86_400_000);
    expect(await budget()).toMatchObject({
      cycle: { startsAt: '2026-03-01T00:00:00.000Z', budget: null, spent: 0 },
      paidViews: 0,
    });
  });
});
