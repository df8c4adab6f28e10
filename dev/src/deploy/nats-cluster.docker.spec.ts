import {
  JETSTREAM_STREAM,
  clipIdOf,
  clockOf,
  derivedId,
  formatClock,
  identifyClip,
  newEvent,
  streams,
  type NewEvent,
} from '@cliptally/contracts';
import { generatedCurves, startApifyStandIn } from '@cliptally/dev/apify-stand-in';
import { testDatabase, until } from '@cliptally/dev/servers';
import { startProjectorAndSettler, type ProjectorAndSettler } from '@cliptally/earnings';
import { PostgresEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { openScheduler } from '@cliptally/scheduler';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { GenericContainer, Network, Wait, type StartedTestContainer } from 'testcontainers';
import { published } from '../chaos/machines/published.js';
import { standingsOf } from '@cliptally/ops/audit';
import { expectSound } from '../e2e/testing/sound.js';
import { ServiceProcess } from '../service-process.js';
import { sampleClip } from '../world/sample-world.js';
import { docker, dockerLane } from './testing/docker.js';

const [lane, reason] = dockerLane('engine');
const CLIPS = 200;
const NODES = ['n1', 'n2', 'n3'];
const HOUR_MS = 3_600_000;

const configurationOf = (name: string) => `
server_name: ${name}
listen: 0.0.0.0:4222
http: 0.0.0.0:8222
jetstream { store_dir: /tmp/jetstream }
cluster { name: cliptally, listen: 0.0.0.0:6222, no_advertise: true, routes: [${NODES.map((node) => `nats://${node}:6222`).join(', ')}] }
`;

lane(`a NATS cluster of three nodes${reason}`, () => {
  const setting = { world: Date.now(), real: Date.now(), speed: 60 };
  const clock = clockOf(setting);
  const closers: (() => Promise<unknown>)[] = [];
  const nodes = new Map<string, StartedTestContainer>();
  let store: PostgresEventStore;
  let earnings: ProjectorAndSettler;
  let scheduler: Awaited<ReturnType<typeof openScheduler>>;
  let relay: ServiceProcess;
  let scraper: ServiceProcess;

  beforeAll(async () => {
    const network = await new Network().start();
    closers.push(() => network.stop());
    await Promise.all(
      NODES.map(async (name) => {
        const node = await new GenericContainer('nats:2.14.0-alpine')
          .withNetwork(network)
          .withNetworkAliases(name)
          .withCopyContentToContainer([
            { content: configurationOf(name), target: '/tmp/nats.conf' },
          ])
          .withCommand(['--config', '/tmp/nats.conf'])
          .withExposedPorts(4222, 8222)
          .withWaitStrategy(Wait.forHttp('/healthz', 8222))
          .withStartupTimeout(120_000)
          .start();
        nodes.set(name, node);
        closers.push(() => node.stop());
      }),
    );
    const database = await testDatabase();
    closers.push(() => database.drop());
    await PostgresEventStore.migrate(database.url);
    store = new PostgresEventStore({ url: database.url });
    closers.push(() => store.close());
    const curves = generatedCurves({ worldStart: new Date(Date.now() - 24 * HOUR_MS) });
    const standIn = await startApifyStandIn({
      clock,
      curves,
      token: 'test',
      limits: { maxMonthlyUsageUsd: 10_000 },
    });
    closers.push(() => standIn.close());
    const natsUrl = [...nodes.values()]
      .map((node) => `nats://${node.getHost()}:${node.getMappedPort(4222)}`)
      .join(',');
    const environment = {
      DATABASE_URL: database.url,
      NATS_URL: natsUrl,
      NATS_REPLICAS: '3',
      CLOCK: formatClock(setting),
      APIFY_TOKEN: 'test',
      APIFY_BASE_URL: standIn.url,
      PORT: '0',
    };
    relay = new ServiceProcess('relay', environment);
    relay.start();
    closers.push(() => relay.end('SIGKILL'));
    scraper = new ServiceProcess('scraper', {
      ...environment,
      ACK_WAIT: '5s',
      BATCH_SIZE: '5',
      RUNS_AT_ONCE: '2',
    });
    scraper.start();
    closers.push(() => scraper.end('SIGKILL'));
    const common = { databaseUrl: database.url, natsUrl, clock, log: silentLog };
    earnings = await startProjectorAndSettler(common);
    closers.push(() => earnings.close());
    scheduler = await openScheduler({
      ...common,
      settings: { scrapesPerRun: 1_000, scrapesPerDay: 100_000, monthlyBudgetUsd: 10_000 },
    });
    closers.push(() => scheduler.close());
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  async function launchAndSubmit(): Promise<void> {
    const made = (
      type: 'CampaignLaunched' | 'ClipSubmitted' | 'ClipApproved',
      key: string,
      data: object,
    ) =>
      newEvent(type, derivedId(type, key), data as never, {
        time: clock.now(),
        correlationId: 'test',
        causationId: 'test',
      }) as NewEvent;
    const terms = {
      currency: 'USD',
      budget: 900_000_000_000,
      ratePerThousand: { default: 150 },
      minViews: 0,
      maxPayoutPerClip: null,
      countFrom: 'zero',
      trackingDays: 30,
      startsAt: new Date(Date.now() - HOUR_MS).toISOString(),
      endsAt: null,
      exclusive: true,
      validationDays: 3,
      minPayout: 0,
    };
    const launched = made('CampaignLaunched', 'c', {
      campaignId: 'c',
      brandId: 'brand',
      name: 'c',
      terms,
    });
    await store.append(streams.campaign('c'), [launched], 'none');
    await store.appendMany(
      Array.from({ length: CLIPS }, (_, n) => {
        const clip = identifyClip(sampleClip(n).url) as {
          platform: 'youtube';
          videoId: string;
          url: string;
        };
        const { platform, videoId, url } = clip;
        const of = { clipId: clipIdOf(platform, videoId), platform, campaignId: 'c' };
        const submitted = {
          ...of,
          videoId,
          url,
          submittedUrl: url,
          creatorId: `creator-${n % 20}`,
        };
        const events = [
          made('ClipSubmitted', of.clipId, submitted),
          made('ClipApproved', of.clipId, { ...of, by: 'test' }),
        ];
        return { stream: streams.clip(of.clipId), events, expected: 'none' as const };
      }),
    );
  }

  const log = () => Array.fromAsync(store.readAll(0));
  const outcomes = async () =>
    (await log()).flatMap((e) =>
      e.type === 'ViewsRecorded' || e.type === 'ScrapeFailed' ? [e.data] : [],
    );
  const streamInfo = () => earnings.nats.manager.streams.info(JETSTREAM_STREAM);

  it('loses nothing and does nothing twice when the leader of the stream is stopped while a run is under way', async () => {
    await until(
      'three copies of the stream',
      async () => (await streamInfo()).config.num_replicas === 3,
    );
    await launchAndSubmit();
    const { requested } = await scheduler.run(clock.now());
    expect(requested).toBe(CLIPS);
    await until('the first outcomes', async () => (await outcomes()).length > 0);
    const leader = (await streamInfo()).cluster!.leader!;
    await docker(['stop', '--time', '1', nodes.get(leader)!.getId()]);
    expect((await outcomes()).length).toBeLessThan(CLIPS);

    await until(
      `every outcome (relay: ${relay.output}; scraper: ${scraper.output})`,
      async () => (await outcomes()).length >= CLIPS,
    );
    await earnings.settled(AbortSignal.timeout(120_000));
    const events = await log();
    const requests = events.flatMap((e) =>
      e.type === 'ClipTrackingRequested' ? [e.data.requestId] : [],
    );
    expect((await outcomes()).map(({ requestId }) => requestId).toSorted()).toEqual(
      requests.toSorted(),
    );
    expect(events.filter((e) => e.type === 'ViewsRecorded').length).toBeGreaterThan(0.9 * CLIPS);
    expect(standingsOf(await expectSound(store)).filter(({ owed, has }) => owed !== has)).toEqual(
      [],
    );

    // JetStream has each event once, in the log's order, with two nodes of three; and again with
    // three.
    const ids = events.map(({ id }) => id);
    await until(
      'the stream to have the whole log',
      async () => (await streamInfo()).state.messages === ids.length,
    );
    expect((await published(earnings.nats)).map(({ id }) => id)).toEqual(ids);
    expect((await streamInfo()).cluster!.leader).not.toBe(leader);
    await docker(['start', nodes.get(leader)!.getId()]);
    await until('the node to be current again', async () => {
      const replicas = (await streamInfo()).cluster!.replicas ?? [];
      return replicas.length === 2 && replicas.every(({ current, offline }) => current && !offline);
    });
    expect((await published(earnings.nats)).map(({ id }) => id)).toEqual(ids);
  }, 600_000);
});
