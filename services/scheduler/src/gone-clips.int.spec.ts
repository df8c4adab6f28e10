import {
  ManualClock,
  outcomeId,
  streams,
  type EventInput,
  type EventType,
} from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nextCheckAt } from './domain/index.js';
import { startSchedulerWorld, type SchedulerWorld } from './testing/scheduler-world.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLIP = { clipId: 'tiktok-7500000000000000001', platform: 'tiktok' } as const;
/** One TikTok clip alone in an actor run: the start and the result. */
const SCRAPE_MICRO_USD = 4_700;

describe('when a clip is scraped that is gone', () => {
  it('a day later, and after its retirement a day, three days, a week, and then each month', () => {
    const days = (...all: number[]) => all.map((day) => day * DAY_MS);
    const [retiredAt] = days(10) as [number];
    expect(nextCheckAt(0, null)).toBe(DAY_MS);
    const found = [retiredAt];
    while (found.length < 7) found.push(nextCheckAt(found.at(-1)!, retiredAt));
    expect(found).toEqual(days(10, 11, 13, 17, 47, 77, 107));
    // One that comes late moves none of the others.
    expect(nextCheckAt(11.9 * DAY_MS, retiredAt)).toBe(13 * DAY_MS);
    expect(nextCheckAt(100 * DAY_MS, retiredAt)).toBe(107 * DAY_MS);
  });
});

describe('A12: what a deleted clip costs', () => {
  const clock = new ManualClock('2026-03-10T00:00:00Z');
  const begun = clock.now().getTime();
  let world: SchedulerWorld;
  let store: SchedulerWorld['store'];
  let scheduler: SchedulerWorld['scheduler'];
  beforeAll(async () => {
    world = await startSchedulerWorld(clock);
    ({ store, scheduler } = world);
  });
  afterAll(() => world.close());
  const add: SchedulerWorld['add'] = (...given) => world.add(...given);
  const ofClip = <T extends EventType>(type: T, data: EventInput<T>, id?: string) =>
    add(streams.clip(CLIP.clipId), type, data, id);

  /** Hours from the beginning of each scrape, while the clip is gone for so many days. */
  async function scrapesWhileGone(days: number): Promise<number[]> {
    const hours: number[] = [];
    let retired = false;
    for (let slot = 0; slot <= days * 24; slot += 4) {
      clock.advance(begun + slot * HOUR_MS - clock.now().getTime());
      const { runId, requested } = await scheduler.run(clock.now());
      if (requested === 0) continue;
      hours.push(slot);
      const [asked] = (await Array.fromAsync(store.readStream(streams.trackingRun(runId)))).flatMap(
        (event) => (event.type === 'ClipTrackingRequested' ? [event.data] : []),
      );
      clock.advance(40_000);
      const { requestId } = asked!;
      const of = { ...CLIP, requestId, runId, source: 's', costMicroUsd: SCRAPE_MICRO_USD };
      const gone = { ...of, reason: 'not_found', retryable: false, attempts: 1 } as const;
      await ofClip('ScrapeFailed', gone, outcomeId(requestId));
      // The scraper's rule: two outcomes that are a day apart.
      if (!retired && slot - hours[0]! >= 24) {
        retired = true;
        await ofClip('ClipRetired', { ...CLIP, reason: 'not_found', requestId });
      }
    }
    return hours;
  }

  it('in 30 days is five scrapes, 23,500 millionths of a dollar; and one a month after that', async () => {
    const terms = { currency: 'USD', budget: 100_000, ratePerThousand: { default: 100 }, trackingDays: 90, startsAt: '2026-03-01T00:00:00Z' } as const; // prettier-ignore
    await add(streams.campaign('c'), 'CampaignLaunched', { campaignId: 'c', brandId: 'b', name: 'C', terms }); // prettier-ignore
    const url = 'https://www.tiktok.com/@a/video/7500000000000000001';
    const submission = { campaignId: 'c', creatorId: 'ann', videoId: '7500000000000000001', url, submittedUrl: url }; // prettier-ignore
    await ofClip('ClipSubmitted', { ...CLIP, ...submission });
    await ofClip('ClipApproved', { ...CLIP, campaignId: 'c', by: 't' });
    const hours = await scrapesWhileGone(42);
    const within30Days = hours.filter((hour) => hour <= 30 * 24);
    expect(within30Days.length * SCRAPE_MICRO_USD).toBe(23_500);
    expect(hours).toEqual([4, 32, 60, 108, 204, 924]);
  });

  it('A1: is as before again once the clip is restored', async () => {
    await ofClip('ClipRestored', { ...CLIP, reason: 'creator', by: 'ann' });
    clock.advance(4 * HOUR_MS);
    expect((await scheduler.run(clock.now())).requested).toBe(1);
  });
});
