import { newEvent, streams } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import type { ConsoleWorld } from './console-world.js';

const DAY = 86_400_000;

/** A week of bills of two sources, what the account says, and plans with all that they left out. */
export async function aWeekOfScrapes({ api }: ConsoleWorld): Promise<void> {
  const { clock, store, service } = api;
  const now = clock.now().getTime();
  const context = (time: number) => ({
    time: new Date(time),
    correlationId: 't',
    causationId: 't',
  });
  const batch = async (time: number, source: string, platform: 'tiktok' | 'youtube', costMicroUsd: number) => {
    const batchId = randomUUID();
    const data = {
      batchId, platform, source, sourceRunId: 'r', status: 'succeeded', looks: 900,
      recorded: 870, costMicroUsd, durationMs: 40_000,
    } as const;
    const event = newEvent('ScrapeBatchCompleted', randomUUID(), data, context(time));
    await store.append(streams.scrapeBatch(batchId), [event], 'any');
  }; // prettier-ignore
  for (let day = 6; day >= 0; day--) {
    await batch(now - day * DAY, 'clockworks/tiktok-scraper', 'tiktok', 3_300_000 + day * 90_000);
    await batch(now - day * DAY, 'youtube-data-api', 'youtube', 0);
  }
  const month = new Date(now).toISOString().slice(0, 7);
  const cycleEndsAt = new Date(Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth() + 1)).toISOString(); // prettier-ignore
  const cycle = { cycleStartsAt: `${month}-01T00:00:00.000Z`, cycleEndsAt };
  const usage = { account: 'apify', ...cycle, usedMicroUsd: 25_100_000, limitMicroUsd: 99_000_000, state: 'open' } as const; // prettier-ignore
  await store.append(
    streams.sourceUsage('apify', cycle.cycleStartsAt),
    [newEvent('SourceUsageMeasured', randomUUID(), usage, context(now))],
    'any',
  );
  const lefts = [
    { no_gain: 12, scrape_limit: 0, platform_limit: 0, money: 210 },
    { no_gain: 9, scrape_limit: 40, platform_limit: 15, money: 0 },
    { no_gain: 0, scrape_limit: 0, platform_limit: 0, money: 0 },
  ];
  for (const [nth, leftOut] of [...lefts.entries()].toReversed()) {
    const slot = new Date(Math.floor(now / 900_000) * 900_000 - nth * 900_000).toISOString();
    const left = Object.values(leftOut).reduce((sum, clips) => sum + clips, 0);
    const data = {
      runId: slot, slot, policy: 'decaying-dollar-hours', candidates: 2_143, due: 100 + left,
      requested: 100, estimatedCostMicroUsd: 262_000, leftOut,
      budget: { ...cycle, limitMicroUsd: 99_000_000, spentMicroUsd: 25_200_000, shareMicroUsd: 270_000 },
    }; // prettier-ignore
    const event = newEvent('TrackingRunStarted', randomUUID(), data, context(Date.parse(slot)));
    await store.append(streams.trackingRun(slot), [event], 'any');
  }
  await service.settled(AbortSignal.timeout(60_000));
}
