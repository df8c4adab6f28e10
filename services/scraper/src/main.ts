import { PLATFORMS, scraperDurable } from '@cliptally/contracts';
import { HANDLINGS } from '@cliptally/messaging/nest';
import {
  ConfigurationError,
  SCRAPE_BUCKETS,
  createRegistry,
  fields,
  gauge,
  observeHandlings,
  personalDataKeys,
  operatorsVariables,
  readConfiguration,
  runService,
  startTelemetry,
  withOperations,
} from '@cliptally/telemetry';
import { z } from 'zod';
import { DEFAULT_FLOW, SOFT_LIMIT, startScraper } from './service.js';
import { DEFAULT_SOURCES, readSources } from './sources/configuration.js';

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  NATS_URL: fields.natsUrl(),
  NATS_REPLICAS: fields.natsReplicas(),
  APIFY_TOKEN: z.string().optional().describe('token of the Apify account that pays for scrapes'),
  APIFY_BASE_URL: fields.webUrl('address of the Apify API, or of a stand-in').optional(),
  YOUTUBE_API_KEY: z
    .string()
    .optional()
    .describe('key for the YouTube Data API, which is free up to its daily account'),
  X_BEARER_TOKEN: z
    .string()
    .optional()
    .describe('token for the X API v2, which is paid by the post'),
  ...personalDataKeys.variables,
  SOURCES_FILE: z
    .string()
    .optional()
    .describe(
      'JSON that changes the sources of a platform: their order, actors, prices, inputs and fields',
    ),
  MONTHLY_BUDGET_USD: fields
    .whole(1, 10_000_000)
    .optional()
    .describe('US dollars that a billing cycle may cost; what the Apify account allows by default'),
  SOFT_LIMIT_PERCENT: fields
    .whole(1, 100)
    .default(SOFT_LIMIT * 100)
    .describe("part of a billing cycle's money after which scrapes are asked for sparingly"),
  PUBLIC_URL: fields
    .webUrl('address under which the earnings API is reached from outside, for webhooks from Apify')
    .optional(),
  APIFY_WEBHOOK_SECRET: fields
    .secret(16, 'secret that Apify sends with its webhooks; the earnings service needs the same')
    .optional(),
  ...fields.operation(),
  ...fields.listening(8081),
  ...operatorsVariables(),
  ...fields.scrapeFlow(DEFAULT_FLOW.maxAckPending),
  MAX_IN_FLIGHT: fields
    .whole(1, 100_000)
    .default(DEFAULT_FLOW.maxInFlight)
    .describe('scrapes of a platform in flight in this process'),
  BATCH_SIZE: fields
    .whole(1, 50)
    .default(DEFAULT_FLOW.batchSize)
    .describe('scrapes that one run of a source takes'),
  LINGER: fields.duration('2s').describe('how long a batch waits to fill up; 2s by default'),
  RUNS_AT_ONCE: fields
    .whole(1, 256)
    .default(DEFAULT_FLOW.batchesAtOnce)
    .describe('batches of a platform at once in this process'),
  RUNS_IN_ALL: fields
    .whole(1, 10_000)
    .optional()
    .describe(
      'actor runs at once over all platforms and replicas; what the Apify account allows by default',
    ),
});

await runService(async () => {
  const c = readConfiguration(Configuration, process.env);
  if (!c.PUBLIC_URL !== !c.APIFY_WEBHOOK_SECRET)
    throw new ConfigurationError([
      'PUBLIC_URL and APIFY_WEBHOOK_SECRET go together: set both for webhooks from Apify, or neither.',
    ]);
  const read = c.SOURCES_FILE ? readSources(c.SOURCES_FILE) : { sources: DEFAULT_SOURCES };
  if ('faults' in read) throw new ConfigurationError(read.faults);
  const personalKeys = personalDataKeys.read(c);
  const { log, tracing } = await startTelemetry('scraper', c);
  if (!c.APIFY_TOKEN)
    log.warn(
      'APIFY_TOKEN is not set: scrapes fail, but for platforms whose own API has a key (YOUTUBE_API_KEY, X_BEARER_TOKEN)',
    );
  const registry = createRegistry('scraper');
  const onHandled = observeHandlings(
    registry,
    PLATFORMS.map(scraperDurable),
    HANDLINGS,
    SCRAPE_BUCKETS,
  );
  const scraper = await startScraper({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    natsUrl: c.NATS_URL,
    natsReplicas: c.NATS_REPLICAS,
    clock: c.CLOCK,
    log,
    apify: c.APIFY_TOKEN
      ? { token: c.APIFY_TOKEN, ...(c.APIFY_BASE_URL ? { baseUrl: c.APIFY_BASE_URL } : {}) }
      : undefined,
    youtubeApiKey: c.YOUTUBE_API_KEY,
    xBearerToken: c.X_BEARER_TOKEN,
    personalKeys,
    webhook:
      c.PUBLIC_URL && c.APIFY_WEBHOOK_SECRET
        ? { url: new URL('/webhooks/apify', c.PUBLIC_URL).href, secret: c.APIFY_WEBHOOK_SECRET }
        : undefined,
    sources: read.sources,
    account: { monthlyBudgetUsd: c.MONTHLY_BUDGET_USD, softLimit: c.SOFT_LIMIT_PERCENT / 100 },
    flow: {
      maxAckPending: c.MAX_ACK_PENDING,
      maxInFlight: c.MAX_IN_FLIGHT,
      batchSize: c.BATCH_SIZE,
      lingerMs: c.LINGER,
      batchesAtOnce: c.RUNS_AT_ONCE,
      actorRuns: c.RUNS_IN_ALL,
      ackWaitMs: c.ACK_WAIT,
    },
    onHandled,
  });
  gauge(
    registry,
    'cliptally_scraper_looks_in_flight',
    'Scrape requests that this process is working on.',
    () => scraper.inFlight(),
  );
  gauge(
    registry,
    'cliptally_apify_usage_usd',
    'US dollars of the billing cycle that Apify says are used; NaN before the first reading.',
    () => scraper.usage()?.usedUsd ?? NaN,
  );
  gauge(
    registry,
    'cliptally_apify_limit_usd',
    'US dollars that the billing cycle may cost; NaN before the first reading.',
    () => scraper.usage()?.limitUsd ?? NaN,
  );
  gauge(
    registry,
    'cliptally_apify_usage_age_seconds',
    'Age of the reading of what Apify says is used; NaN before the first one.',
    () => (c.CLOCK.now().getTime() - (scraper.usage()?.readAt.getTime() ?? NaN)) / 1000,
  );
  const running = { log, tracing, shutdownDelayMs: c.SHUTDOWN_DELAY, service: scraper };
  return withOperations(running, { ...c, registry });
});
