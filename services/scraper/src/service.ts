import { PLATFORMS, streams, systemTimers, type AnyEvent, type Clock, type Platform } from '@cliptally/contracts';
import { openEventStore, type EventStore, type EventStoreSettings } from '@cliptally/event-store';
import { connectNats, natsFault, type Log, type Nats } from '@cliptally/messaging';
import {
  JetStreamServer,
  Poison,
  RetryLater,
  TakesWork,
  type ConsumerSettings,
  type JetStreamServerOptions,
} from '@cliptally/messaging/nest';
import { Readiness } from '@cliptally/telemetry';
import { Controller, Inject, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, RpcException } from '@nestjs/microservices';
import { Buyer } from './buying.js';
import { KvLimits } from './limits.js';
import { Looks } from './looks.js';
import { KvMemory } from './memory.js';
import { ApifyQuota, type QuotaSettings, type Usage } from './quota.js';
import { RunEnds } from './run-ends.js';
import { DEFAULT_SOURCES, openSources, type SourceSettings } from './sources/configuration.js';

export interface ScraperOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  /** Servers of a NATS cluster that keep a copy each; 1 by default. */
  natsReplicas?: number;
  clock: Clock;
  log: Log;
  apify?: { token: string; baseUrl?: string } | undefined;
  youtubeApiKey?: string | undefined;
  xBearerToken?: string | undefined;
  /** Where Apify shall tell that a run has ended, and the secret it tells it with; without it, runs are asked. */
  webhook?: { url: string; secret: string } | undefined;
  sources?: SourceSettings;
  quota?: QuotaSettings;
  flow?: Partial<FlowSettings>;
  /** Told of each delivery that has ended, for metrics. */
  onHandled?: JetStreamServerOptions['onHandled'];
}

export interface FlowSettings {
  /** Looks of a platform in flight over all replicas. */
  maxAckPending: number;
  /** Looks of a platform in flight in this process. */
  maxInFlight: number;
  batchSize: number;
  /** Of the world's time. */
  lingerMs: number;
  /** Runs of a platform at once in this process. */
  runsAtOnce: number;
  /** Runs at once over all platforms and replicas, where that is less than the account allows. */
  runsInAll?: number | undefined;
  /** Real time after which the looks of a silent process go to another. So long is its claim on them good for a start; after twice that nothing was started on it. */
  ackWaitMs: number;
}

export const DEFAULT_FLOW: FlowSettings = {
  maxAckPending: 600,
  maxInFlight: 200,
  batchSize: 30,
  lingerMs: 2_000,
  runsAtOnce: 5,
  ackWaitMs: 30_000,
};
const MAX_DELIVER = 10;
/** Part of a billing cycle's money after which looks are asked for sparingly. */
export const SOFT_LIMIT = 0.8;

export interface ScraperService {
  inFlight(): number;
  usage(): Usage | null;
  readiness: Readiness;
  close(): Promise<void>;
}

type Requested = Extract<AnyEvent, { type: 'ClipTrackingRequested' }>;
const LOOKS = Symbol('looks by platform');
const LOG = Symbol('log');

/** The border between the transport and the looks. */
@Controller()
class LooksController {
  constructor(
    @Inject(LOOKS) private readonly looks: ReadonlyMap<Platform, Looks>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @TakesWork('ClipTrackingRequested')
  async look(@Payload() event: Requested): Promise<void> {
    const looks = this.looks.get(event.data.platform);
    if (!looks) throw new Poison(`there is no platform "${event.data.platform}"`);
    try {
      await looks.look(event.data, event);
    } catch (error) {
      if (error instanceof RpcException) throw error;
      // Nest would make an "Internal server error" of it, and a dead letter could not say why it is one.
      const { message } = error as Error;
      this.log.warn({ requestId: event.data.requestId, error: message }, 'a look failed; it comes again');
      throw new RetryLater(null, message);
    }
  }
}

@Module({})
class ScraperModule {
  static with(looks: ReadonlyMap<Platform, Looks>, log: Log): DynamicModule {
    const providers = [
      { provide: LOOKS, useValue: looks },
      { provide: LOG, useValue: log },
    ];
    return { module: ScraperModule, controllers: [LooksController], providers };
  }
}

/** Takes looks from JetStream, one durable a platform, until it is closed; then finishes what is in flight. */
export async function startScraper(options: ScraperOptions): Promise<ScraperService> {
  const { databaseUrl, eventStore, kurrentdbUrl, natsUrl, natsReplicas, clock, log } = options;
  const flow = { ...DEFAULT_FLOW, ...options.flow };
  const nats = await connectNats(natsUrl, 'scraper', natsReplicas);
  const store = await openEventStore({ databaseUrl, eventStore, kurrentdbUrl, connections: 4 });
  const memory = await KvMemory.open(nats);
  const stop = new AbortController();
  const { apify, quota } = openAccount(options, flow, nats, store);
  const runsAtOnce = async () => Math.min((await quota?.runsAtOnce()) ?? Infinity, flow.runsInAll ?? Infinity);
  const limits = await KvLimits.open(nats, clock, runsAtOnce);
  const looks = new Map(
    PLATFORMS.map((platform) => {
      const common = { platform, store, memory, clock, log };
      const mayPay = () => quota?.mayPay() ?? Promise.resolve(true);
      const firstReads = (day: string, ids: readonly string[]) => memory.firstOfDay(day, ids);
      const sources = openSources(platform, options.sources ?? DEFAULT_SOURCES, { ...options, apify, firstReads });
      const metrics = [...new Set(sources.flatMap((source) => source.metrics))];
      const buyer = new Buyer({ ...common, ...flow, sources, limits, mayPay, jitter: () => systemTimers.random(), signal: stop.signal });
      return [platform, new Looks({ ...common, buyer, metrics, ...flow })] as const;
    }),
  );
  const server = new JetStreamServer({
    nats,
    log,
    consumers: PLATFORMS.map((platform) => consumerOf(platform, flow)),
    ...(options.onHandled ? { onHandled: options.onHandled } : {}),
    async onDeadLetter(event, reason) {
      if (event?.type === 'ClipTrackingRequested') await looks.get(event.data.platform)?.giveUp(event.data, event, reason);
    },
  });
  const app = await NestFactory.createMicroservice(ScraperModule.with(looks, log), { strategy: server, logger: false });
  await app.listen();
  const following = quota?.follow(stop.signal);
  return {
    inFlight: () => server.inFlight,
    usage: () => quota?.usage ?? null,
    readiness: new Readiness({ database: async () => ((await store.head()) >= 0 ? null : 'no answer'), nats: () => natsFault(nats) }),
    async close() {
      const finished = app.close();
      await Promise.all([...looks.values()].map((one) => one.drain()));
      await finished;
      stop.abort();
      await following;
      await nats.connection.drain();
      await store.close();
    },
  };
}

/** The Apify account, if there is one: how it is reached, and what it may still spend. */
function openAccount(
  { apify: given, webhook, clock, log, quota }: ScraperOptions,
  { ackWaitMs }: FlowSettings,
  nats: Nats,
  store: EventStore,
) {
  if (!given) return { apify: undefined, quota: null };
  const apify = { ...given, startWithinMs: ackWaitMs };
  const ends = new RunEnds(clock);
  if (webhook) ends.listen(nats);
  return {
    apify: { ...apify, ...(webhook ? { webhook: { ...webhook, ends } } : {}) },
    quota: new ApifyQuota({ softLimit: SOFT_LIMIT, ...quota, apify: { ...apify, clock }, store, log }),
  };
}

export const durableOf = (platform: Platform): string => `scraper-${platform}`;

function consumerOf(platform: Platform, { maxAckPending, maxInFlight, ackWaitMs }: FlowSettings): ConsumerSettings {
  return {
    durable: durableOf(platform),
    subject: `cliptally.events.tracking-run.ClipTrackingRequested.${platform}`,
    pattern: 'ClipTrackingRequested',
    maxAckPending,
    maxInFlight,
    ackWaitMs,
    maxDeliver: MAX_DELIVER,
    writesTo: (event) => streams.clip((event as Requested).data.clipId),
  };
}
