import {
  clipIdOf,
  clockOf,
  derivedId,
  identifyClip,
  newEvent,
  streams,
  systemTimers,
  type AnyEvent,
  type ClipTrackingRequested,
  type Platform,
} from '@cliptally/contracts';
import {
  generatedCurves,
  startApifyStandIn,
  type FaultInput,
  type StandInOptions,
} from '@cliptally/dev/apify-stand-in';
import { MemoryEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { Poison, RetryLater } from '@cliptally/messaging/nest';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { giveUp } from '../dead-requests.js';
import { SourceRouter } from '../source-router.js';
import type { RateLimits } from '../rate-limits/rate-limits.js';
import { ScrapeRequestHandler } from '../request-handler.js';
import { MapScrapeState } from '../scrape-state/map-scrape-state.js';
import { ApifyAccount } from '../apify-account.js';
import { RunEnds } from '../run-ends.js';
import type { ApifyOptions } from '../sources/apify-clients.js';
import { DEFAULT_SOURCES, openSources, type SourceAccess } from '../sources/configuration.js';
import type { Source } from '../sources/source.js';
import { ADDRESSES } from './addresses.js';

export const NO_LIMITS: RateLimits = {
  acquire: async () => {},
  release: async () => {},
  close: async () => {},
};

/** As the service's durables are set. */
const MAX_DELIVER = 10;

export interface FaultyWorldOptions {
  platform: Platform;
  faults?: readonly FaultInput[] | undefined;
  standIn?: Partial<StandInOptions> | undefined;
  /** Nobody listens where the API should be. */
  refuses?: boolean | undefined;
  /** Runs ask for a webhook, which a receiver passes on without checking anything. */
  webhooks?: boolean | undefined;
  /** Instead of the standard ones. */
  sources?:
    ((access: SourceAccess & { apify: Omit<ApifyOptions, 'clock'> }) => Source[]) | undefined;
  /** Scrapes in a batch; a full one is not waited for. */
  batchSize?: number | undefined;
  limits?: RateLimits | undefined;
}

/**
 * The request handler of one platform against the stand-in of Apify, on a clock 2,000 times as
 * fast, with a log in state and deliveries as JetStream makes them.
 */
export async function startFaultyWorld({
  platform,
  faults = [],
  standIn: settings,
  refuses,
  webhooks,
  sources,
  batchSize = 4,
  limits = NO_LIMITS,
}: FaultyWorldOptions) {
  const clock = clockOf({
    world: Date.parse('2026-05-10T00:00:00Z'),
    real: Date.now(),
    speed: 2_000,
  });
  const curves = generatedCurves({ worldStart: new Date('2026-05-01T00:00:00Z') });
  const standIn = await startApifyStandIn({ clock, curves, token: 'test', faults, ...settings });
  const store = new MemoryEventStore();
  const state = new MapScrapeState();
  const stop = new AbortController();
  const ends = new RunEnds(clock);
  const receiver = webhooks ? await receive((run) => ends.ended(run)) : null;
  const apify = {
    token: 'test',
    baseUrl: refuses ? 'http://127.0.0.1:1' : standIn.url,
    clock,
    ...(receiver ? { webhook: { url: receiver.url, secret: 'a secret of the tests', ends } } : {}),
  };
  const account = new ApifyAccount({ apify, store, log: silentLog, softLimit: 0.8 });
  const common = { platform, store, state, clock, log: silentLog, timers: systemTimers };
  const firstReads = (day: string, ids: readonly string[]) => state.firstOfDay(day, ids);
  const access = {
    clock,
    firstReads,
    log: silentLog,
    apify: { ...apify, tier: () => account.tier() },
  };
  const opened = sources?.(access) ?? openSources(platform, DEFAULT_SOURCES, access);
  const metrics = [...new Set(opened.flatMap((source) => source.metrics))];
  const scraper = () => {
    const mayPay = () => account.mayPay();
    const router = new SourceRouter({
      ...common,
      sources: opened,
      limits,
      mayPay,
      jitter: () => 0,
      ackWaitMs: 30_000,
      signal: stop.signal,
    });
    return new ScrapeRequestHandler({
      ...common,
      router,
      metrics,
      batchSize,
      lingerMs: 60_000,
      batchesAtOnce: 5,
    });
  };
  let scrapes = scraper();
  let runs = 0;
  const log = () => Array.fromAsync(store.readAll(0));

  async function deliver(request: ClipTrackingRequested): Promise<number> {
    const delivery = { correlationId: 'test', position: 0 };
    for (let count = 1; ; count++) {
      try {
        await scrapes.handle(request, delivery);
        return count;
      } catch (error) {
        const passing = error instanceof RetryLater && count < MAX_DELIVER;
        if (passing) continue;
        if (!(error instanceof RetryLater || error instanceof Poison)) throw error;
        await giveUp(scrapes.options, request, delivery, error.reason);
        return count;
      }
    }
  }

  return {
    clock,
    store,
    standIn,
    state,
    log,
    /** As if the process had been killed and another had started. */
    restart() {
      scrapes = scraper();
    },
    requestsFor(ns: readonly number[]): ClipTrackingRequested[] {
      const runId = `r${runs++}`;
      return ns.map((n) => {
        const clip = identifyClip(ADDRESSES[platform](n));
        if (clip.kind !== 'clip')
          throw new Error(`${ADDRESSES[platform](n)} is no clip: ${clip.kind}`);
        const clipId = clipIdOf(platform, clip.videoId);
        return {
          requestId: derivedId(runId, clipId),
          runId,
          clipId,
          platform,
          url: clip.url,
          score: 1,
          campaignIds: ['c'],
        };
      });
    },
    /**
     * Delivers all until each has been answered or a dead letter; gives how often each was
     * delivered.
     */
    deliver: (requests: readonly ClipTrackingRequested[]) => Promise.all(requests.map(deliver)),
    /** A count from earlier, which tells the view field that the clip began with. */
    async began(clipId: string, metric: string, views = 1): Promise<void> {
      const requestId = derivedId('began', clipId);
      const scrape = {
        clipId,
        platform,
        requestId,
        runId: 'r',
        source: 's',
        costMicroUsd: 0,
        cached: false,
      };
      const time = new Date(clock.now().getTime() - 2 * 3_600_000).toISOString();
      const event = newEvent(
        'ViewsRecorded',
        requestId,
        { ...scrape, views, metric, observedAt: time },
        { time, correlationId: 't', causationId: 't' },
      );
      await store.append(streams.clip(clipId), [event], 'any');
    },
    async outcomes(): Promise<Extract<AnyEvent, { type: 'ViewsRecorded' | 'ScrapeFailed' }>[]> {
      return (await log()).filter((e) => e.type === 'ViewsRecorded' || e.type === 'ScrapeFailed');
    },
    async batches() {
      return (await log()).flatMap((e) => (e.type === 'ScrapeBatchCompleted' ? [e.data] : []));
    },
    async close() {
      stop.abort();
      await receiver?.close();
      await standIn.close();
    },
  };
}

async function receive(ended: (run: string) => void) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      ended((JSON.parse(body) as { eventData: { actorRunId: string } }).eventData.actorRunId);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/apify`,
    close: () =>
      new Promise<void>((resolve) => server.close(() => resolve()) && server.closeAllConnections()),
  };
}
