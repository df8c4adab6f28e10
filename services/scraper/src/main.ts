import { createLogger, createRegistry, fields, gauge, readConfiguration, runService, startOperations } from '@cliptally/telemetry';
import { z } from 'zod';
import { DEFAULT_FLOW, startScraper } from './service.js';

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  NATS_URL: fields.natsUrl(),
  NATS_REPLICAS: fields.natsReplicas(),
  APIFY_TOKEN: z.string().optional().describe('token of the Apify account that pays for looks'),
  APIFY_BASE_URL: fields.webUrl('address of the Apify API, or of a stand-in').optional(),
  YOUTUBE_API_KEY: z.string().optional().describe('key for the YouTube Data API, which is free up to its daily quota'),
  CLOCK: fields.clock(),
  LOG_LEVEL: fields.logLevel(),
  PORT: fields.port(8081),
  HOST: fields.host(),
  MAX_ACK_PENDING: fields.whole(1, 100_000).default(DEFAULT_FLOW.maxAckPending).describe('looks of a platform in flight over all replicas'),
  MAX_IN_FLIGHT: fields.whole(1, 100_000).default(DEFAULT_FLOW.maxInFlight).describe('looks of a platform in flight in this process'),
  BATCH_SIZE: fields.whole(1, 50).default(DEFAULT_FLOW.batchSize).describe('looks that one run of a source takes'),
  LINGER: fields.duration('2s').describe('how long a batch waits to fill up; 2s by default'),
  RUNS_AT_ONCE: fields.whole(1, 256).default(DEFAULT_FLOW.runsAtOnce).describe('runs of a platform at once in this process'),
  ACK_WAIT: fields.duration('30s').describe('after which the looks of a dead process go to another; 30s by default'),
});

await runService(async () => {
  const c = readConfiguration(Configuration, process.env);
  const log = createLogger({ service: 'scraper', clock: c.CLOCK, level: c.LOG_LEVEL });
  if (!c.APIFY_TOKEN && !c.YOUTUBE_API_KEY) log.warn('no source is configured: set APIFY_TOKEN or YOUTUBE_API_KEY, or every look fails');
  const scraper = await startScraper({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    natsUrl: c.NATS_URL,
    natsReplicas: c.NATS_REPLICAS,
    clock: c.CLOCK,
    log,
    apify: c.APIFY_TOKEN ? { token: c.APIFY_TOKEN, ...(c.APIFY_BASE_URL ? { baseUrl: c.APIFY_BASE_URL } : {}) } : undefined,
    youtubeApiKey: c.YOUTUBE_API_KEY,
    flow: {
      maxAckPending: c.MAX_ACK_PENDING,
      maxInFlight: c.MAX_IN_FLIGHT,
      batchSize: c.BATCH_SIZE,
      lingerMs: c.LINGER,
      runsAtOnce: c.RUNS_AT_ONCE,
      ackWaitMs: c.ACK_WAIT,
    },
  });
  const registry = createRegistry('scraper');
  gauge(registry, 'cliptally_scraper_looks_in_flight', 'Looks that this process is working on.', () => scraper.inFlight());
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
  const operations = await startOperations({
    port: c.PORT,
    host: c.HOST,
    registry,
    checks: { nats: () => (scraper.connected() ? null : 'not connected') },
  }).catch(async (error: unknown) => {
    await scraper.close();
    throw error;
  });
  return {
    log,
    service: {
      async close() {
        await scraper.close();
        await operations.close();
      },
    },
  };
});
