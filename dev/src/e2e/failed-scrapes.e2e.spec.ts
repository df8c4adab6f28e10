import {
  APIFY_RUN_ENDED,
  clockOf,
  identifyClip,
  streams,
  type AnyEvent,
} from '@cliptally/contracts';
import {
  generatedCurves,
  startApifyStandIn,
  type ApifyStandIn,
} from '@cliptally/dev/apify-stand-in';
import { until } from '@cliptally/dev/servers';
import { developmentTokens, startEarnings, type EarningsService } from '@cliptally/earnings';
import { silentLog } from '@cliptally/messaging';
import { openScheduler } from '@cliptally/scheduler';
import { startScraper, type ScraperOptions, type ScraperService } from '@cliptally/scraper';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLog } from './testing/log.js';
import { expectSound } from './testing/sound.js';

const WEBHOOK_SECRET = 'a secret of the webhooks';
const SECRET = 'a secret of the tests, long enough to sign with';
const CLIPS = {
  tiktok: 'https://www.tiktok.com/@someone/video/7500000000000000001',
  youtube: 'https://www.youtube.com/watch?v=YYYYYYYYYY1',
} as const;

interface FailedScrape {
  id: string;
  clipId: string;
  reason: string;
  detail: string;
  retryable: boolean;
  attempts: number;
}

describe('failed scrapes, from the last delivery to a person who requests them again', () => {
  const clock = clockOf({
    world: Date.parse('2026-05-10T00:00:00Z'),
    real: Date.now(),
    speed: 3_600,
  });
  let log: Awaited<ReturnType<typeof startLog>>;
  let standIn: ApifyStandIn;
  let earnings: EarningsService;
  let scraper: ScraperService | null = null;
  let token: string;

  beforeAll(async () => {
    log = await startLog();
    standIn = await startApifyStandIn({
      clock,
      curves: generatedCurves({ worldStart: new Date('2026-05-01T00:00:00Z') }),
      token: 'test',
    });
    const { databaseUrl, natsUrl } = log;
    const http = {
      port: 0,
      host: '127.0.0.1',
      keys: { secret: SECRET },
      apifyWebhookSecret: WEBHOOK_SECRET,
    };
    earnings = await startEarnings({ databaseUrl, natsUrl, clock, log: silentLog, ...http });
    token = (await developmentTokens(SECRET, clock)).admin;
    // Makes the durable consumers that requests wait in.
    await start();
    await stop();
  });
  afterAll(async () => {
    await stop();
    await earnings.close();
    await standIn.close();
    await log.close();
  });

  async function start(more: Partial<ScraperOptions> = {}): Promise<void> {
    const { databaseUrl, natsUrl } = log;
    const apify = { token: 'test', baseUrl: standIn.url };
    const webhook = { url: `${earnings.url}/webhooks/apify`, secret: WEBHOOK_SECRET };
    scraper = await startScraper({
      databaseUrl,
      natsUrl,
      clock,
      log: silentLog,
      apify,
      webhook,
      flow: { lingerMs: 300_000 },
      ...more,
    });
  }
  async function stop(): Promise<void> {
    await scraper?.close();
    scraper = null;
  }
  async function ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${earnings.url}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
  const events = () => Array.fromAsync(log.store.readAll(0));
  const ofType = async <T extends AnyEvent['type']>(type: T) =>
    (await events()).filter(
      (event): event is Extract<AnyEvent, { type: T }> => event.type === type,
    );
  const failedScrapes = async () =>
    (await ask<{ items: FailedScrape[] }>('GET', '/failed-scrapes')).items;
  /** Takes the request of a platform so often as processes would that die at it. */
  async function takeInVain(platform: keyof typeof CLIPS, times: number): Promise<void> {
    const consumer = await log.nats.client.consumers.get('CLIPTALLY', `scraper-${platform}`);
    for (let taken = 0; taken < times;)
      for await (const message of await consumer.fetch({ max_messages: 1, expires: 1_000 })) {
        message.nak();
        taken++;
      }
  }

  it('requests that were delivered too often can be seen, and are requested again', async () => {
    const startsAt = new Date(clock.now().getTime() - 3_600_000).toISOString();
    const terms = {
      currency: 'USD',
      budget: 9_000_000,
      ratePerThousand: { default: 100 },
      trackingDays: 30,
      startsAt,
    };
    await ask('POST', '/campaigns', { campaignId: 'one', brandId: 'acme', name: 'One', ...terms });
    const clipIds = Object.values(CLIPS).map((url) => {
      const clip = identifyClip(url);
      return clip.kind === 'clip' ? clip.clipId : url;
    });
    for (const [i, url] of Object.values(CLIPS).entries()) {
      await ask('POST', '/clips', { url, campaignId: 'one', creatorId: 'ines' });
      await ask('POST', `/clips/${clipIds[i]}/approve`, { campaignId: 'one' });
      await ask('POST', `/clips/${clipIds[i]}/track`, {});
    }
    const requests = await until('two requests', async () => {
      const found = await ofType('ClipTrackingRequested');
      return found.length >= 2 ? found.map(({ data }) => data.requestId) : undefined;
    });
    await takeInVain('tiktok', 12);
    await takeInVain('youtube', 30);

    await start();
    const failed = await until('two failed scrapes', async () => {
      const found = await failedScrapes();
      return found.length === 2
        ? found.toSorted((a, b) => a.clipId.localeCompare(b.clipId))
        : undefined;
    });
    expect(failed).toMatchObject([
      { clipId: clipIds[0], reason: 'dead_letter', detail: expect.stringContaining('number 13, did not answer'), retryable: true, attempts: 1 },
      { clipId: clipIds[1], reason: 'dead_letter', detail: expect.stringContaining('number 31, did not answer'), retryable: true, attempts: 1 },
    ]); // prettier-ignore
    expect(failed.map(({ id }) => id).toSorted()).toEqual(requests.toSorted());
    expect(standIn.stats().runs).toBe(0);
    const hints: string[] = [];
    log.nats.connection.subscribe(APIFY_RUN_ENDED, {
      callback: (_, message) => void hints.push(message.string()),
    });

    await ask('POST', `/failed-scrapes/${failed[0]!.id}/retry`);
    expect(await ask('POST', '/failed-scrapes/retry', {})).toMatchObject({ items: expect.arrayContaining([{ id: failed[1]!.id, requestId: expect.any(String), code: null, detail: null }]) }); // prettier-ignore
    await until('no failed scrape', async () => (await failedScrapes()).length === 0);
    expect((await ofType('ViewsRecorded')).map(({ data }) => data.clipId).toSorted()).toEqual(
      clipIds.toSorted(),
    );
    expect(await ofType('ClipTrackingRequested')).toHaveLength(4);
    // The scraper has been woken by Apify's word, over the API and NATS.
    const runs = (await ofType('ScrapeBatchCompleted')).map(({ data }) => data.sourceRunId!);
    await until('the webhooks', () => hints.length >= runs.length);
    expect([runs.length, hints.toSorted()]).toEqual([2, runs.toSorted()]);
    expect(await ofType('ScrapeFailed')).toHaveLength(2);
  });

  it('a scrape for which the scrape budget does not last fails, and holds the scheduler back until there is money again', async () => {
    await stop();
    // What has been spent by now is more than that.
    await start({ account: { monthlyBudgetUsd: 0.001, softLimit: 0.8 } });
    await clock.sleep(3_700_000);
    const { requestId } = await ask<{ requestId: string }>(
      'POST',
      '/clips/youtube-YYYYYYYYYY1/track',
      {},
    );
    const [scrape] = await until('a failed scrape', async () =>
      (await failedScrapes()).length > 0 ? failedScrapes() : undefined,
    );
    expect(scrape).toMatchObject({ id: requestId, reason: 'quota_exhausted', retryable: true });
    const runs = standIn.stats().runs;
    const scheduler = await openScheduler({ databaseUrl: log.databaseUrl, clock, log: silentLog });
    try {
      const run = async () => {
        const { runId } = await scheduler.run(clock.now());
        const [started] = await Array.fromAsync(log.store.readStream(streams.trackingRun(runId)));
        return started!.data;
      };
      expect(await run()).toMatchObject({ requested: 0, heldBackBy: 'hard_stop' });
      expect(standIn.stats().runs).toBe(runs);
      await stop();
      await start();
      await ask('POST', `/failed-scrapes/${requestId}/retry`);
      await until('no failed scrape', async () => (await failedScrapes()).length === 0);
      await clock.sleep(4 * 3_600_000);
      expect(await run()).not.toHaveProperty('heldBackBy');
    } finally {
      await scheduler.close();
    }
    await expectSound(log.store);
  });
});
