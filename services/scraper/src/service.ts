import {
  PLATFORMS,
  longLived,
  scrapeRequestsOf,
  scraperDurable,
  streams,
  systemTimers,
  type AnyEvent,
  type Clock,
  type Platform,
  type Timers,
} from '@cliptally/contracts';
import { openEventStore, type EventStore, type EventStoreSettings } from '@cliptally/event-store';
import {
  SCRAPE_REQUEST_FLOW,
  connectNats,
  natsFault,
  type Log,
  type Nats,
} from '@cliptally/messaging';
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
import { ApifyAccount, type AccountSettings, type Usage } from './apify-account.js';
import { KvRateLimits } from './rate-limits/kv-rate-limits.js';
import { ScrapeRequestHandler } from './request-handler.js';
import { RunEnds } from './run-ends.js';
import { KvScrapeState } from './scrape-state/kv-scrape-state.js';
import { giveUp } from './dead-requests.js';
import { LoggedRequests } from './logged-requests.js';
import { SourceRouter } from './source-router.js';
import { StreamTails } from './stream-tails.js';
import { DEFAULT_SOURCES, openSources, type SourceSettings } from './sources/configuration.js';
import type { Source } from './sources/source.js';

export interface ScraperOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  /** Servers of a NATS cluster that keep a copy each; 1 by default. */
  natsReplicas?: number;
  clock: Clock;
  log: Log;
  apify?: { token: string; baseUrl?: string } | undefined;
  youtubeApiKey?: string | undefined;
  xBearerToken?: string | undefined;
  /** Where Apify reports the end of an actor run, and its secret; without it the scraper polls. */
  webhook?: { url: string; secret: string } | undefined;
  sources?: SourceSettings;
  /** Sources that the caller has made; those of a platform are asked before the configured ones. */
  ownSources?: readonly Source[];
  account?: AccountSettings;
  flow?: Partial<FlowSettings>;
  /** Called after each delivery, for metrics. */
  onHandled?: JetStreamServerOptions['onHandled'];
  timers?: Timers;
}

export interface FlowSettings {
  /** Scrape requests of a platform in flight over all replicas. */
  maxAckPending: number;
  /** Scrape requests of a platform in flight in this process. */
  maxInFlight: number;
  batchSize: number;
  /** On the simulated clock. */
  lingerMs: number;
  /** Batches of a platform at once in this process. */
  batchesAtOnce: number;
  /**
   * Actor runs at once over all platforms and replicas, if that is less than the account allows.
   */
  actorRuns?: number | undefined;
  /**
   * Real time after which JetStream delivers the requests of a silent process to another. A claim
   * is good for a start for so long; after twice that it is certain that nobody started a run on
   * it.
   */
  ackWaitMs: number;
}

export const DEFAULT_FLOW: FlowSettings = {
  ...SCRAPE_REQUEST_FLOW,
  maxInFlight: 200,
  batchSize: 30,
  lingerMs: 2_000,
  batchesAtOnce: 5,
};
const MAX_DELIVER = 10;
/** Part of the scrape budget after which the scheduler plans sparingly. */
export const SOFT_LIMIT = 0.8;

export interface ScraperService {
  inFlight(): number;
  usage(): Usage | null;
  readiness: Readiness;
  close(): Promise<void>;
}

type Requested = Extract<AnyEvent, { type: 'ClipTrackingRequested' }>;
const HANDLERS = Symbol('request handlers by platform');
const LOG = Symbol('log');
type Handlers = ReadonlyMap<Platform, ScrapeRequestHandler>;

/** The border between the transport and the request handlers. */
@Controller()
export class ScrapeController {
  constructor(
    @Inject(HANDLERS) private readonly handlers: Handlers,
    @Inject(LoggedRequests) private readonly requests: Pick<LoggedRequests, 'has'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @TakesWork('ClipTrackingRequested')
  async scrape(@Payload() event: Requested): Promise<void> {
    const handler = this.handlers.get(event.data.platform);
    if (!handler) throw new Poison(`there is no platform "${event.data.platform}"`);
    try {
      const { correlationId, position } = event;
      const isLogged = () => this.requests.has(event);
      await handler.handle(event.data, { correlationId, position, isLogged });
    } catch (error) {
      if (error instanceof RpcException) throw error;
      // Nest would make an "Internal server error" of it, and a dead letter could not say its
      // reason.
      const { message } = error as Error;
      this.log.warn(
        { requestId: event.data.requestId, error: message },
        'a scrape failed; JetStream delivers the request again',
      );
      throw new RetryLater(null, message);
    }
  }
}

@Module({})
class ScraperModule {
  static with(handlers: Handlers, requests: LoggedRequests, log: Log): DynamicModule {
    const providers = [
      { provide: HANDLERS, useValue: handlers },
      { provide: LoggedRequests, useValue: requests },
      { provide: LOG, useValue: log },
    ];
    return { module: ScraperModule, controllers: [ScrapeController], providers };
  }
}

/**
 * Consumes scrape requests from JetStream, one durable consumer a platform, until it is closed;
 * then it finishes what is in flight.
 */
export async function startScraper(options: ScraperOptions): Promise<ScraperService> {
  const {
    databaseUrl,
    eventStore,
    kurrentdbUrl,
    natsUrl,
    natsReplicas,
    clock,
    log,
    timers = systemTimers,
  } = options;
  const flow = { ...DEFAULT_FLOW, ...options.flow };
  const nats = await connectNats(natsUrl, 'scraper', natsReplicas);
  const store = await openEventStore({
    databaseUrl,
    eventStore,
    kurrentdbUrl,
    connections: 4,
    personalKeys: options.personalKeys,
  });
  const state = await KvScrapeState.open(nats, timers);
  const tails = new StreamTails(store, timers);
  const stop = longLived();
  const { apify, account } = openAccount(options, flow, nats, store);
  const slots = async () =>
    Math.min((await account?.actorRuns()) ?? Infinity, flow.actorRuns ?? Infinity);
  const limits = await KvRateLimits.open(nats, { clock, slots, log, timers });
  const handlers = new Map(
    PLATFORMS.map((platform) => {
      const common = { platform, store, state, clock, log, timers, tails };
      const mayPay = () => account?.mayPay() ?? Promise.resolve(true);
      const firstReads = (day: string, ids: readonly string[]) => state.firstOfDay(day, ids);
      const own = options.ownSources?.filter((source) => source.platform === platform) ?? [];
      const configured = openSources(platform, options.sources ?? DEFAULT_SOURCES, {
        ...options,
        apify,
        firstReads,
      });
      const sources = [...own, ...configured];
      const metrics = [...new Set(sources.flatMap((source) => source.metrics))];
      const jitter = () => timers.random();
      const router = new SourceRouter({
        ...common,
        ...flow,
        sources,
        limits,
        mayPay,
        jitter,
        signal: stop.signal,
      });
      return [platform, new ScrapeRequestHandler({ ...common, ...flow, router, metrics })] as const;
    }),
  );
  const requests = new LoggedRequests(tails, log);
  const server = new JetStreamServer({
    nats,
    log,
    consumers: PLATFORMS.map((platform) => consumerOf(platform, flow)),
    ...(options.onHandled ? { onHandled: options.onHandled } : {}),
    async onDeadLetter(event, reason) {
      if (event?.type !== 'ClipTrackingRequested') return;
      const handler = handlers.get(event.data.platform);
      if (handler && (await requests.has(event)))
        await giveUp(handler.options, event.data, event, reason);
    },
  });
  const app = await NestFactory.createMicroservice(ScraperModule.with(handlers, requests, log), {
    strategy: server,
    logger: false,
  });
  await app.listen();
  const following = account?.follow(stop.signal);
  return {
    inFlight: () => server.inFlight,
    usage: () => account?.usage ?? null,
    readiness: new Readiness({
      database: async () => ((await store.head()) >= 0 ? null : 'no answer'),
      nats: () => natsFault(nats),
    }),
    async close() {
      const finished = app.close();
      await Promise.all([...handlers.values()].map((handler) => handler.drain()));
      await finished;
      stop.abort();
      await following;
      await limits.close();
      await nats.connection.drain();
      await store.close();
    },
  };
}

/** The Apify account, if there is one: its address, its token, and what it may still spend. */
function openAccount(
  { apify: given, webhook, clock, log, account }: ScraperOptions,
  { ackWaitMs }: FlowSettings,
  nats: Nats,
  store: EventStore,
) {
  if (!given) return { apify: undefined, account: null };
  const apify = { ...given, startWithinMs: ackWaitMs };
  const ends = new RunEnds(clock);
  if (webhook) ends.listen(nats);
  const opened = new ApifyAccount({
    softLimit: SOFT_LIMIT,
    ...account,
    apify: { ...apify, clock },
    store,
    log,
  });
  const tier = () => opened.tier();
  return {
    apify: { ...apify, tier, ...(webhook ? { webhook: { ...webhook, ends } } : {}) },
    account: opened,
  };
}

/** How JetStream delivers the scrape requests of a platform. */
export function consumerOf(
  platform: Platform,
  { maxAckPending, maxInFlight, ackWaitMs }: FlowSettings,
): ConsumerSettings {
  return {
    durable: scraperDurable(platform),
    subject: scrapeRequestsOf(platform),
    pattern: 'ClipTrackingRequested',
    maxAckPending,
    maxInFlight,
    ackWaitMs,
    maxDeliver: MAX_DELIVER,
    writesTo: (event) => streams.clip((event as Requested).data.clipId),
  };
}
