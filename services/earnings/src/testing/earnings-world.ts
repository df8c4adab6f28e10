import {
  clipIdOf,
  newEvent,
  outcomeId,
  streams,
  type EventInput,
  type EventType,
  type ManualClock,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { testDatabase, testNats, until } from '@cliptally/dev/servers';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { Projector, connectNats, runRelay, silentLog } from '@cliptally/messaging';
import { randomUUID } from 'node:crypto';
import { earningsProjection } from '../projection/earnings-projection.js';
import { Settler } from '../settlement/settler.js';

export const TERMS = {
  currency: 'USD',
  budget: 100_000,
  ratePerThousand: { default: 100 },
  minViews: 0,
  maxPayoutPerClip: null,
  countFrom: 'zero' as const,
  trackingDays: 30,
  startsAt: '2026-01-01T00:00:00.000Z',
  endsAt: null,
  exclusive: true,
  validationDays: 3,
  minPayout: 0,
};

/** The earnings service without its API: a log, its projection and the settler. */
export async function startEarningsWorld(clock: ManualClock) {
  const [database, server] = await Promise.all([testDatabase(), testNats()]);
  await PostgresEventStore.migrate(database.url);
  const store = new PostgresEventStore({ url: database.url });
  const nats = await connectNats(server.url, 'test');
  const pool = openPool(database.url, 'test', 6);
  let settler = new Settler({ pool, schema: 'earnings', store, clock, log: silentLog });
  const projector = new Projector({
    projection: earningsProjection,
    url: database.url,
    pool,
    store,
    nats,
    log: silentLog,
    afterBatch: async () => settler.wake(),
  });
  const stopRelay = new AbortController();
  const relay = runRelay({ store, nats, log: silentLog }, stopRelay.signal);
  projector.start();
  settler.start();

  const made = <T extends EventType>(
    type: T,
    data: EventInput<T>,
    id: string = randomUUID(),
  ): NewEvent =>
    newEvent(type, id, data, {
      time: clock.now(),
      correlationId: 'test',
      causationId: 'test',
    }) as NewEvent;
  const append = (stream: string, ...events: NewEvent[]) => store.append(stream, events, 'any');

  const toAppend = (clipId: string, events: NewEvent[]) => ({
    stream: streams.clip(clipId),
    events,
    expected: 'any' as const,
  });
  const submission = (
    campaignId: string,
    platform: Platform,
    videoId: string,
    creatorId = `creator-${videoId}`,
  ): NewEvent[] => {
    const clipId = clipIdOf(platform, videoId);
    const url = `https://example.com/${videoId}`;
    return [
      made('ClipSubmitted', {
        clipId,
        platform,
        videoId,
        url,
        submittedUrl: url,
        campaignId,
        creatorId,
      }),
      made('ClipApproved', { clipId, platform, campaignId, by: 'test' }),
    ];
  };
  const sight = (
    platform: Platform,
    videoId: string,
    views: number,
    requestId: string = randomUUID(),
    more: Partial<EventInput<'ViewsRecorded'>> = {},
  ): NewEvent => {
    const scrape = {
      clipId: clipIdOf(platform, videoId),
      platform,
      requestId,
      runId: 'run',
      source: 'test',
      costMicroUsd: 0,
    };
    const counted = {
      views,
      metric: 'views',
      observedAt: clock.now().toISOString(),
      cached: false,
      ...more,
    };
    return made('ViewsRecorded', { ...scrape, ...counted }, outcomeId(requestId));
  };

  return {
    database,
    store,
    pool,
    projector,
    get settler() {
      return settler;
    },
    made,
    append,
    launch: (campaignId: string, terms: Partial<typeof TERMS> & Record<string, unknown> = {}) =>
      append(
        streams.campaign(campaignId),
        made('CampaignLaunched', {
          campaignId,
          brandId: 'brand',
          name: campaignId,
          terms: { ...TERMS, ...terms },
        }),
      ),
    submit: (
      campaignId: string,
      platform: Platform,
      videoId: string,
      creatorId = `creator-${videoId}`,
    ) =>
      append(
        streams.clip(clipIdOf(platform, videoId)),
        ...submission(campaignId, platform, videoId, creatorId),
      ),
    request: (platform: Platform, videoId: string, campaignIds: string[]) => {
      const clipId = clipIdOf(platform, videoId);
      const requestId = randomUUID();
      const request = {
        requestId,
        runId: 'run',
        clipId,
        platform,
        url: 'https://example.com/',
        score: 1,
        campaignIds,
      };
      return append(
        streams.trackingRun(`run-${requestId}`),
        made('ClipTrackingRequested', request, requestId),
      ).then(() => requestId);
    },
    /** As {@link submit} and {@link see}, many at once. */
    submitMany: (
      campaignId: string,
      platform: Platform,
      videoIds: readonly string[],
      creatorId?: string,
    ) =>
      store.appendMany(
        videoIds.map((videoId) =>
          toAppend(
            clipIdOf(platform, videoId),
            submission(campaignId, platform, videoId, creatorId),
          ),
        ),
      ),
    seeMany: (platform: Platform, seen: readonly { id: string; views: number }[]) =>
      store.appendMany(
        seen.map(({ id, views }) => toAppend(clipIdOf(platform, id), [sight(platform, id, views)])),
      ),
    see: (
      platform: Platform,
      videoId: string,
      views: number,
      requestId: string = randomUUID(),
      more: Partial<EventInput<'ViewsRecorded'>> = {},
    ) =>
      append(
        streams.clip(clipIdOf(platform, videoId)),
        sight(platform, videoId, views, requestId, more),
      ),
    /** After a test has stopped it. */
    restartSettler(): void {
      settler = new Settler({ pool, schema: 'earnings', store, clock, log: silentLog });
      settler.start();
    },
    /**
     * Waits until the projection has seen everything and nothing is left to settle: a round over
     * all of it has appended nothing.
     */
    async settled(): Promise<void> {
      for (let head = -1; ;) {
        const now = await store.head();
        if (now === head) return;
        await until(`the projection at ${now}`, () => projector.position >= now);
        await settler.settleAll();
        head = now;
      }
    },
    async ledger(): Promise<{ clip_id: string; amount: number }[]> {
      const { rows } = await pool.query(
        'select clip_id, amount::float8 from earnings.ledger order by position, line',
      );
      return rows;
    },
    async close() {
      await settler.stop();
      await projector.stop();
      stopRelay.abort();
      await relay;
      await nats.connection.close();
      await store.close();
      await pool.end();
      await server.stop();
      await database.drop();
    },
  };
}
