import { ConfigurationError, createLogger, fields, readConfiguration, runService } from '@cliptally/telemetry';
import { z } from 'zod';
import { startEarnings } from './service.js';

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  NATS_URL: fields.natsUrl(),
  JWT_SECRET: fields.secret(32, 'secret that tokens are signed with, for one machine').optional(),
  JWKS_URL: fields.webUrl('address of the keys that tokens are signed with, for production').optional(),
  CLOCK: fields.clock(),
  LOG_LEVEL: fields.logLevel(),
  PORT: fields.port(8080),
  HOST: fields.host(),
  PAGE_ORIGIN: fields.webUrl('origin of the live page, whose retry button asks this API').optional(),
});

await runService(async () => {
  const c = readConfiguration(Configuration, process.env);
  if (!c.JWT_SECRET && !c.JWKS_URL)
    throw new ConfigurationError(['Neither JWT_SECRET nor JWKS_URL is set: without one of them no caller can be known.']);
  const log = createLogger({ service: 'earnings', clock: c.CLOCK, level: c.LOG_LEVEL });
  const service = await startEarnings({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    natsUrl: c.NATS_URL,
    clock: c.CLOCK,
    log,
    port: c.PORT,
    host: c.HOST,
    jwtSecret: c.JWT_SECRET,
    jwksUrl: c.JWKS_URL,
    pageOrigin: c.PAGE_ORIGIN,
  });
  return { service, log };
});
