import { keysOf, tokenVariables } from '@cliptally/access';
import {
  fields,
  operatorsOf,
  operatorsVariables,
  readConfiguration,
  runService,
  startTelemetry,
} from '@cliptally/telemetry';
import { z } from 'zod';
import { DEFAULT_USAGE, startMonitor } from './monitor.js';

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  NATS_URL: fields.natsUrl(),
  ...fields.operation(),
  ...fields.listening(8080),
  ...operatorsVariables(),
  ...tokenVariables(),
  EARNINGS_URL: fields
    .webUrl('the earnings API as a browser reaches it; without it the page has no retry button')
    .optional(),
  ALERTMANAGER_URL: fields
    .webUrl('Alertmanager as this service reaches it; without it the page shows no alerts')
    .optional(),
  INTERVAL: fields.duration('15m').describe('time between two tracking runs; 15m by default'),
  LOG_LIMIT_GB: fields
    .whole(1, 1_000_000)
    .optional()
    .describe('gigabytes that the log in PostgreSQL may have before LogGrowing alerts'),
  MONTHLY_BUDGET_USD: fields
    .whole(1, 10_000_000)
    .default(DEFAULT_USAGE.budgetUsd)
    .describe('US dollars that a billing cycle may cost'),
  BILLING_CYCLE_DAY: fields
    .whole(1, 28)
    .default(DEFAULT_USAGE.cycleDay)
    .describe('day of the month on which a billing cycle begins'),
});

await runService(async () => {
  const c = readConfiguration(Configuration, process.env);
  const operators = operatorsOf(c);
  const keys = operators.open ? undefined : keysOf(c);
  const { log, tracing } = await startTelemetry('monitor', c);
  const service = await startMonitor({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    natsUrl: c.NATS_URL,
    port: c.PORT,
    host: c.HOST,
    clock: c.CLOCK,
    log,
    operators,
    keys,
    earningsUrl: c.EARNINGS_URL,
    alertmanagerUrl: c.ALERTMANAGER_URL,
    usage: { cycleDay: c.BILLING_CYCLE_DAY, budgetUsd: c.MONTHLY_BUDGET_USD },
    runIntervalMs: c.INTERVAL,
    logLimitGb: c.LOG_LIMIT_GB,
  });
  log.info({ url: service.url }, 'the live page is at');
  return { service, log, tracing, shutdownDelayMs: c.SHUTDOWN_DELAY };
});
