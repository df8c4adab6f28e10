import { PLATFORMS, type AnyEvent, type Clock, type Platform } from '@cliptally/contracts';
import { openEventStore, type EventStoreSettings } from '@cliptally/event-store';
import { connectNats, type Log } from '@cliptally/messaging';
import { JetStreamContext, JetStreamServer, TakesWork, type ConsumerSettings } from '@cliptally/messaging/nest';
import { Controller, Inject, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { Buyer } from './buying.js';
import { ACTORS } from './domain/actors.js';
import { Looks } from './looks.js';
import { KvMemory } from './memory.js';
import { ApifyQuota, type Usage } from './quota.js';
import { ApifySource } from './sources/apify.js';
import type { Source } from './sources/source.js';
import { YouTubeDataApi } from './sources/youtube-data-api.js';

export interface ScraperOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  /** Servers of a NATS cluster that keep a copy each; 1 by default. */
  natsReplicas?: number;
  clock: Clock;
  log: Log;
  apify?: { token: string; baseUrl?: string } | undefined;
  youtubeApiKey?: string | undefined;
  flow?: Partial<FlowSettings>;
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
  /** Real time after which the looks of a dead process go to another. */
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

export interface ScraperService {
  inFlight(): number;
  usage(): Usage | null;
  connected(): boolean;
  close(): Promise<void>;
}

type Requested = Extract<AnyEvent, { type: 'ClipTrackingRequested' }>;
const LOOKS = Symbol('looks by platform');

/** The border between the transport and the looks. */
@Controller()
class LooksController {
  constructor(@Inject(LOOKS) private readonly looks: ReadonlyMap<Platform, Looks>) {}

  @TakesWork('ClipTrackingRequested')
  look(@Payload() event: Requested, @Ctx() context: JetStreamContext): Promise<void> {
    return this.looks
      .get(event.data.platform)!
      .look(event.data, { correlationId: event.correlationId, count: context.getDelivery().count });
  }
}

@Module({})
class ScraperModule {
  static with(looks: ReadonlyMap<Platform, Looks>): DynamicModule {
    return { module: ScraperModule, controllers: [LooksController], providers: [{ provide: LOOKS, useValue: looks }] };
  }
}

/** Takes looks from JetStream, one durable a platform, until it is closed; then finishes what is in flight. */
export async function startScraper(options: ScraperOptions): Promise<ScraperService> {
  const { databaseUrl, eventStore, kurrentdbUrl, natsUrl, natsReplicas, clock, log, apify } = options;
  const flow = { ...DEFAULT_FLOW, ...options.flow };
  const nats = await connectNats(natsUrl, 'scraper', natsReplicas);
  const store = await openEventStore({ databaseUrl, eventStore, kurrentdbUrl, connections: 4 });
  const memory = await KvMemory.open(nats);
  const stop = new AbortController();
  const quota = apify ? new ApifyQuota({ ...apify, clock }, log) : null;
  const looks = new Map(
    PLATFORMS.map((platform) => {
      const common = { platform, store, memory, clock, log };
      const mayPay = () => quota?.mayPay() ?? Promise.resolve(true);
      const buyer = new Buyer({ ...common, sources: sourcesOf(platform, options), mayPay, jitter: Math.random, signal: stop.signal });
      return [platform, new Looks({ ...common, buyer, ...flow })] as const;
    }),
  );
  const server = new JetStreamServer({
    nats,
    log,
    consumers: PLATFORMS.map((platform) => consumerOf(platform, flow)),
    async onDeadLetter(event, reason) {
      if (event?.type === 'ClipTrackingRequested') await looks.get(event.data.platform)?.giveUp(event.data, event.correlationId, reason);
    },
  });
  const app = await NestFactory.createMicroservice(ScraperModule.with(looks), { strategy: server, logger: false });
  await app.listen();
  return {
    inFlight: () => server.inFlight,
    usage: () => quota?.usage ?? null,
    connected: () => !nats.connection.isClosed(),
    async close() {
      const finished = app.close();
      await Promise.all([...looks.values()].map((one) => one.drain()));
      await finished;
      stop.abort();
      await nats.connection.drain();
      await store.close();
    },
  };
}

/** Sources of a platform, cheapest first. */
function sourcesOf(platform: Platform, { apify, youtubeApiKey, clock }: ScraperOptions): Source[] {
  const free = platform === 'youtube' && youtubeApiKey ? [new YouTubeDataApi({ apiKey: youtubeApiKey })] : [];
  const paid = apify
    ? ACTORS.filter((actor) => actor.platform === platform).map((actor) => new ApifySource(actor, { ...apify, clock }))
    : [];
  return [...free, ...paid];
}

function consumerOf(platform: Platform, { maxAckPending, maxInFlight, ackWaitMs }: FlowSettings): ConsumerSettings {
  return {
    durable: `scraper-${platform}`,
    subject: `cliptally.events.tracking-run.ClipTrackingRequested.${platform}`,
    pattern: 'ClipTrackingRequested',
    maxAckPending,
    maxInFlight,
    ackWaitMs,
    maxDeliver: MAX_DELIVER,
  };
}
