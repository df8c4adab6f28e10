import {
  clipIdOf,
  clockOf,
  derivedId,
  identifyClip,
  newEvent,
  streams,
  type AnyEvent,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { generatedCurves, startApifyStandIn, type FaultInput } from '@cliptally/dev/apify-stand-in';
import { testDatabase, testNats, until } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { connectNats, runRelay, silentLog } from '@cliptally/messaging';
import { startScraper, type FlowSettings } from '../service.js';
import { ADDRESSES } from './addresses.js';

/** A `slow` fault of so many seconds lasts until `release` is called. */
export const HELD_S = 1e6;

/**
 * A log, a relay, the stand-in of Apify and scrapers that can be started and stopped; a second of
 * the machine is ten minutes there.
 */
export async function startScraperWorld(
  options: { faults?: FaultInput[]; flow?: Partial<FlowSettings> } = {},
) {
  const clock = clockOf({
    world: Date.parse('2026-05-01T00:00:00Z'),
    real: Date.now(),
    speed: 600,
  });
  const [database, server] = await Promise.all([testDatabase(), testNats()]);
  await PostgresEventStore.migrate(database.url);
  const store = new PostgresEventStore({ url: database.url });
  const nats = await connectNats(server.url, 'test');
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const standIn = await startApifyStandIn({
    clock: {
      ...clock,
      sleep: (ms, signal) => (ms === HELD_S * 1_000 ? released : clock.sleep(ms, signal)),
    },
    curves: generatedCurves({ worldStart: new Date('2026-04-20T00:00:00Z') }),
    token: 'test',
    faults: options.faults,
  });
  const stop = new AbortController();
  const relay = runRelay({ store, nats, log: silentLog }, stop.signal);
  const scraper = await startScraper({
    databaseUrl: database.url,
    natsUrl: server.url,
    clock,
    log: silentLog,
    apify: { token: 'test', baseUrl: standIn.url },
    flow: { lingerMs: 300_000, ...options.flow },
  });
  let runs = 0;
  const log = () => Array.fromAsync(store.readAll(0));

  return {
    clock,
    store,
    standIn,
    log,
    release,
    /** Requests scrapes of clips by platform and number; gives the ids of the requests. */
    async request(wanted: readonly { platform: Platform; n: number }[]): Promise<string[]> {
      const runId = `r${runs++}`;
      const events = wanted.map(({ platform, n }) => {
        const clip = identifyClip(ADDRESSES[platform](n));
        if (clip.kind !== 'clip')
          throw new Error(`${ADDRESSES[platform](n)} is no clip: ${clip.kind}`);
        const requestId = derivedId(runId, clip.clipId);
        const data = {
          requestId,
          runId,
          clipId: clipIdOf(platform, clip.videoId),
          platform,
          url: clip.url,
          score: 1,
          campaignIds: ['c'],
        };
        return newEvent('ClipTrackingRequested', requestId, data, {
          time: clock.now(),
          correlationId: runId,
          causationId: runId,
        }) as NewEvent;
      });
      await store.append(streams.trackingRun(runId), events, 'none');
      return events.map((event) => event.id);
    },
    /** The outcomes of the requests, in their order; waits for all of them. */
    async outcomes(
      requestIds: readonly string[],
    ): Promise<Extract<AnyEvent, { type: 'ViewsRecorded' | 'ScrapeFailed' }>[]> {
      return until('an outcome of every request', async () => {
        const found = new Map<
          string,
          Extract<AnyEvent, { type: 'ViewsRecorded' | 'ScrapeFailed' }>
        >();
        for (const event of await log())
          if (event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed')
            found.set(event.data.requestId, event);
        return requestIds.every((id) => found.has(id)) && requestIds.map((id) => found.get(id)!);
      });
    },
    async batches() {
      return (await log()).flatMap((event) =>
        event.type === 'ScrapeBatchCompleted' ? [event.data] : [],
      );
    },
    async close() {
      release();
      await scraper.close();
      stop.abort();
      await relay;
      await nats.connection.close();
      await store.close();
      await standIn.close();
      await server.stop();
      await database.drop();
    },
  };
}
