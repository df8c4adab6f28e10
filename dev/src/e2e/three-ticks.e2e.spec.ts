import {
  JETSTREAM_STREAM,
  PLATFORMS,
  clockOf,
  clipIdOf,
  identifyClip,
  derivedId,
  formatClock,
  newEvent,
  streams,
  type AnyEvent,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { startApifyStandIn, generatedCurves } from '@cliptally/dev/apify-stand-in';
import { testDatabase, testNats, until } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { startProjectorAndSettler } from '@cliptally/earnings';
import { connectNats, silentLog, type Nats } from '@cliptally/messaging';
import { openScheduler } from '@cliptally/scheduler';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleClip } from '../world/sample-world.js';
import { standingsOf } from '@cliptally/ops/audit';
import { ServiceProcess } from '../service-process.js';
import { expectSound } from './testing/sound.js';

const CLIPS = 1_000;
const HOUR_MS = 3_600_000;
const SPEED = 3_600;
/** 48 hours, less the four until the next tracking run and the half that a scrape may take. */
const LEAST_AGE_CAP_MS = 43 * HOUR_MS;
const CAMPAIGNS = [
  { campaignId: 'ample', budget: 900_000_000_000, rate: 150 },
  { campaignId: 'also-ample', budget: 900_000_000_000, rate: 33 },
  { campaignId: 'scarce', budget: 500_000, rate: 100 },
];

describe('a thousand clips of three campaigns through three ticks, with processes killed in between', () => {
  const begin = Date.now();
  const setting = { world: begin, real: begin, speed: SPEED };
  const clock = clockOf(setting);
  const closers: (() => Promise<unknown>)[] = [];
  let store: PostgresEventStore;
  let earnings: Awaited<ReturnType<typeof startProjectorAndSettler>>;
  let scheduler: Awaited<ReturnType<typeof openScheduler>>;
  let standIn: Awaited<ReturnType<typeof startApifyStandIn>>;
  let relay: ServiceProcess;
  let scraper: ServiceProcess;
  let jetStream: Nats;

  beforeAll(async () => {
    const [database, nats] = await Promise.all([testDatabase(), testNats()]);
    closers.push(
      () => database.drop(),
      () => nats.stop(),
    );
    jetStream = await connectNats(nats.url, 'test');
    closers.push(() => jetStream.connection.close());
    standIn = await startApifyStandIn({
      clock,
      curves: generatedCurves({ worldStart: new Date(begin - 24 * HOUR_MS) }),
      token: 'test',
      limits: { maxMonthlyUsageUsd: 10_000 },
    });
    closers.push(() => standIn.close());
    store = new PostgresEventStore({ url: database.url });
    closers.push(() => store.close());
    const common = { databaseUrl: database.url, natsUrl: nats.url, clock, log: silentLog };
    earnings = await startProjectorAndSettler(common);
    closers.push(() => earnings.close());
    scheduler = await openScheduler({
      ...common,
      settings: {
        scrapesPerRun: 2_000,
        scrapesPerDay: 100_000,
        monthlyBudgetUsd: 10_000,
        intervalMs: 4 * HOUR_MS,
      },
    });
    closers.push(() => scheduler.close());
    const environment = {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      CLOCK: formatClock(setting),
      APIFY_TOKEN: 'test',
      APIFY_BASE_URL: standIn.url,
      PORT: '0',
    };
    relay = new ServiceProcess('relay', environment);
    scraper = new ServiceProcess('scraper', { ...environment, ACK_WAIT: '5s', LINGER: '10m' });
    closers.push(
      () => relay.end('SIGKILL'),
      () => scraper.end('SIGKILL'),
    );
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  const log = () => Array.fromAsync(store.readAll(0));
  const event = <T extends Parameters<typeof newEvent>[0]>(
    type: T,
    key: string,
    data: Parameters<typeof newEvent<T>>[2],
  ) =>
    newEvent(type, derivedId(type, key), data, {
      time: clock.now(),
      correlationId: 'test',
      causationId: 'test',
    }) as NewEvent;

  async function launchAndSubmit(): Promise<void> {
    for (const { campaignId, budget, rate } of CAMPAIGNS) {
      const terms = {
        currency: 'USD',
        budget,
        ratePerThousand: { default: rate },
        trackingDays: 30,
        startsAt: new Date(begin - HOUR_MS).toISOString(),
      };
      const full = {
        ...terms,
        minViews: 0,
        maxPayoutPerClip: null,
        countFrom: 'zero' as const,
        endsAt: null,
        exclusive: true,
        validationDays: 3,
        minPayout: 0,
      };
      await store.append(
        streams.campaign(campaignId),
        [
          event('CampaignLaunched', campaignId, {
            campaignId,
            brandId: 'brand',
            name: campaignId,
            terms: full,
          }),
        ],
        'none',
      );
    }
    await store.appendMany(
      Array.from({ length: CLIPS }, (_, n) => {
        const clip = identifyClip(sampleClip(n).url) as {
          platform: Platform;
          videoId: string;
          url: string;
        };
        const clipId = clipIdOf(clip.platform, clip.videoId);
        const campaignId = CAMPAIGNS[n % 3]!.campaignId;
        const submitted = event('ClipSubmitted', clipId, {
          clipId,
          ...clip,
          kind: undefined,
          submittedUrl: clip.url,
          campaignId,
          creatorId: `creator-${n % 50}`,
        } as never);
        return {
          stream: streams.clip(clipId),
          events: [
            submitted,
            event('ClipApproved', clipId, {
              clipId,
              platform: clip.platform,
              campaignId,
              by: 'test',
            }),
          ],
          expected: 'none' as const,
        };
      }),
    );
  }

  const said = () => `relay: ${relay.output}\nscraper: ${scraper.output}`;
  const answered = async () => {
    const events = await log();
    return new Set(
      events.flatMap((e) =>
        e.type === 'ViewsRecorded' || e.type === 'ScrapeFailed' ? [e.data.requestId] : [],
      ),
    ).size;
  };
  const everyOutcome = (requested: number) =>
    until('an outcome of every request', async () => (await answered()) === requested, {
      withinMs: 240_000,
      said,
    });

  it('leaves exactly one outcome a request, and pays to the cent what an independent calculation says', async () => {
    let asked = 0;
    await launchAndSubmit();
    relay.start();
    scraper.start();
    for (let tick = 0; tick < 3; tick++) {
      const earlier = await log();
      const ended = earlier.some((e) => e.type === 'CampaignBudgetExhausted');
      const before = standIn.stats().runs;
      const now = clock.now();
      const { requested } = await scheduler.run(now);
      expectRequests(earlier, await log(), ended, now);
      asked += requested;
      // Killed while scrapes are under way: once each in every tick, each time further on.
      const begun = [
        () => standIn.stats().runs > before,
        async () => (await answered()) > asked - requested,
        async () => (await answered()) > asked - requested / 2,
      ];
      await until('scrapes under way', begun[tick]!, { said });
      await scraper.end('SIGKILL');
      await relay.end('SIGKILL');
      relay.start();
      scraper.start();
      await everyOutcome(asked);
      await earnings.settled(AbortSignal.timeout(240_000));
      // The next tick comes four hours later, when no cached count answers any more.
      await clock.sleep(4 * HOUR_MS);
    }
    const events = await log();
    const outcomes = events.filter((e) => e.type === 'ViewsRecorded' || e.type === 'ScrapeFailed');
    const requests = events.filter((e) => e.type === 'ClipTrackingRequested');
    expect(requests).toHaveLength(asked);
    expect(outcomes.map((e) => e.data.requestId).toSorted()).toEqual(
      requests.map((e) => e.data.requestId).toSorted(),
    );
    expect(outcomes.filter((e) => e.type === 'ViewsRecorded').length).toBeGreaterThan(0.95 * asked);
    await checkMoney(events);
    expect(standIn.stats().runs).toBeLessThan(0.15 * asked);
  }, 900_000);

  it('pays for nothing twice when JetStream has lost everything, what the scraper remembers included', async () => {
    await earnings.settled(AbortSignal.timeout(240_000));
    const head = await store.head();
    const { runs, billedMicroUsd } = standIn.stats();
    await scraper.end('SIGKILL');
    for await (const { config } of jetStream.manager.streams.list())
      await jetStream.manager.streams.delete(config.name);
    scraper.start();
    await everyRequestTakenAgain();
    expect(standIn.stats()).toMatchObject({ runs, billedMicroUsd });
    const since = await Array.fromAsync(
      store.readAll(head, { types: ['ViewsRecorded', 'ScrapeFailed', 'ScrapeBatchStarted'] }),
    );
    expect(since).toEqual([]);
    await expectSound(store);
  }, 900_000);

  /**
   * Waits until the relay has filled JetStream again and the scraper has acknowledged every request
   * there.
   */
  async function everyRequestTakenAgain(): Promise<void> {
    // Stream and consumers are made again in a moment.
    await until(
      'JetStream to come to rest',
      async () => {
        const { state } = await jetStream.manager.streams.info(JETSTREAM_STREAM);
        const consumers = await Promise.all(
          PLATFORMS.map((platform) =>
            jetStream.manager.consumers.info(JETSTREAM_STREAM, `scraper-${platform}`),
          ),
        );
        return (
          state.messages === (await store.head()) &&
          consumers.every((one) => one.num_pending + one.num_ack_pending === 0)
        );
      },
      { withinMs: 240_000, said },
    );
  }

  /**
   * Every clip of an ample campaign is requested, but one that is expected to gain nothing: after
   * days, which a slow machine reaches on the fast clock. One of a campaign that has nothing left
   * to pay it with is requested only past the age cap.
   */
  function expectRequests(
    earlier: readonly AnyEvent[],
    all: readonly AnyEvent[],
    ended: boolean,
    now: Date,
  ): void {
    const made = all
      .slice(earlier.length)
      .flatMap((e) => (e.type === 'ClipTrackingRequested' ? [e.data] : []));
    const scarce = made.filter(({ campaignIds }) => campaignIds.includes('scarce'));
    const run = all.slice(earlier.length).find((e) => e.type === 'TrackingRunStarted');
    const { no_gain: idle, ...others } = run!.data.leftOut!;
    expect(others).toEqual({ scrape_limit: 0, platform_limit: 0, money: 0 });
    const ample = CLIPS - Math.floor(CLIPS / 3);
    expect(made.length - scarce.length).toBeLessThanOrEqual(ample);
    expect(made.length - scarce.length).toBeGreaterThanOrEqual(ample - idle);
    if (!ended) return expect(scarce).toHaveLength(Math.floor(CLIPS / 3));
    const observedAt = new Map(
      earlier.flatMap((e) =>
        e.type === 'ViewsRecorded' ? [[e.data.clipId, e.data.observedAt] as const] : [],
      ),
    );
    const young = scarce.filter(
      ({ clipId }) => now.getTime() - Date.parse(observedAt.get(clipId) ?? '') < LEAST_AGE_CAP_MS,
    );
    expect(young).toEqual([]);
  }

  /**
   * Every clip of an ample campaign has what it has earned; the scarce one is spent to the last
   * unit, in shares that the auditor recomputes.
   */
  async function checkMoney(events: readonly AnyEvent[]): Promise<void> {
    const audit = await expectSound(store);
    expect(audit.notRecomputed).toEqual({ undated: 0, tooOld: 0 });
    const standings = standingsOf(audit);
    expect(standings).toHaveLength(CLIPS);
    expect(
      standings.filter(({ campaignId, owed, has }) => campaignId !== 'scarce' && owed !== has),
    ).toEqual([]);
    expect(
      standings
        .filter(({ campaignId }) => campaignId === 'scarce')
        .reduce((sum, { has }) => sum + has, 0n),
    ).toBe(500_000n);
    expect(
      events.filter((e) => e.type === 'CampaignBudgetExhausted').map((e) => e.data.campaignId),
    ).toEqual(['scarce']);
  }
});
