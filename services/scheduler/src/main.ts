import { Currency, Platform, longLived } from '@cliptally/contracts';
import {
  ConfigurationError,
  Readiness,
  createRegistry,
  explain,
  fields,
  operatorsVariables,
  readConfiguration,
  runService,
  startTelemetry,
  withOperations,
  type Logger,
} from '@cliptally/telemetry';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { POLICIES, type PolicyName } from './domain/index.js';
import { dryRunReport } from './dry-run.js';
import { openScheduler } from './open-scheduler.js';
import type { Scheduler } from './scheduler.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { JOB_NAME, slotOf, slotOfJob } from './slot.js';

const USAGE = `node services/scheduler/dist/main.js run [--slot 2026-11-23T12:00Z] [--dry-run]
node services/scheduler/dist/main.js tick

  run    makes one tracking run: chooses clips, requests their scrapes, and exits. Each slot is run once; without --slot
         it is the slot in JOB_NAME, which a CronJob of Kubernetes sets, or this minute
         --dry-run   prints the scrape requests and their reasons, and changes nothing
  tick   runs every slot of INTERVAL as it comes, until a signal; only if nothing else does

Exit status: 0 done, or the slot had been run before; 1 a fault that may pass: try again; 64 wrong arguments;
78 a wrong configuration: do not try again.
`;
const EXIT_USAGE = 64;

const WHOLE = { form: /^\d{1,9}$/, kind: 'whole numbers' };
const POSITIVE = { form: /^(?!0*\.?0*$)\d{1,9}(\.\d{1,12})?$/, kind: 'numbers above 0' };

/** "tiktok=500,x=100": numbers by name. */
const numbersBy = <K extends string>(
  names: z.ZodType<K>,
  whose: string,
  example: string,
  what: string,
  { form, kind } = WHOLE,
) =>
  z
    .string()
    .transform((text, context) => {
      const pairs = text.split(',').map((pair) => pair.split('=').map((part) => part.trim()));
      const sound = pairs.every(
        ([name, number = '']) => names.safeParse(name).success && form.test(number),
      );
      if (sound)
        return Object.fromEntries(pairs.map(([name, number]) => [name, Number(number)])) as {
          [name in K]?: number;
        };
      context.addIssue({
        code: 'custom',
        message: `must be ${kind} by ${whose}, for example ${example}`,
      });
      return z.NEVER;
    })
    .optional()
    .describe(what);
const PLATFORMS = `platform (${Platform.options.join(', ')})`;
/** As batches name sources: `youtube-data-api`, `x-api`, `apify:clockworks/tiktok-scraper`. */
const SourceName = z.string().regex(/^(?:youtube-data-api|x-api|apify:[^\s:]+)$/);

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  JOB_NAME: z
    .string()
    .regex(JOB_NAME, 'must end in the minutes since 1970 of its slot, as a CronJob names its jobs')
    .optional()
    .describe('name of the Kubernetes Job, whose slot all tries of the Job share'),
  ...fields.operation(),
  POLICY: z
    .enum(Object.keys(POLICIES) as [PolicyName, ...PolicyName[]])
    .default(DEFAULT_SETTINGS.policy)
    .describe(
      `how a tracking run ranks clips and guards budgets; ${DEFAULT_SETTINGS.policy} by default`,
    ),
  INTERVAL: fields.duration('15m').describe('time between two slots; 15m by default'),
  LOOKS_PER_RUN: fields
    .whole(1, 1_000_000)
    .default(DEFAULT_SETTINGS.scrapesPerRun)
    .describe('scrapes of a tracking run at most'),
  LOOKS_PER_DAY: fields
    .whole(1, 100_000_000)
    .default(DEFAULT_SETTINGS.scrapesPerDay)
    .describe('scrapes in 24 hours at most'),
  LOOKS_BY_PLATFORM: numbersBy(
    Platform,
    PLATFORMS,
    'tiktok=500,x=100',
    'scrapes of a tracking run at most, by platform; no limit by default',
  ),
  PRICE_MICRO_USD: numbersBy(
    z.union([Platform, SourceName]),
    `${PLATFORMS} or source (youtube-data-api, x-api, apify:<actor>)`,
    'tiktok=3700,youtube-data-api=0',
    'expected price of a scrape in millionths of a US dollar, by source, or by platform until one of its sources answers; until batches show the real cost',
  ),
  CURRENCY_WEIGHTS: numbersBy(
    Currency,
    'currency (ISO 4217)',
    'KRW=0.00071,IDR=0.00006',
    'US dollars of one unit of a currency, for scores only; currencies that are not named have the weight of November 2026',
    POSITIVE,
  ),
  FINAL_FIGURES: z
    .enum(['yes', 'no'])
    .default('yes')
    .describe(
      'whether clips that can earn nothing more are scraped once as their windows end; yes by default',
    ),
  MONTHLY_BUDGET_USD: fields
    .whole(1, 10_000_000)
    .default(DEFAULT_SETTINGS.monthlyBudgetUsd)
    .describe('scrape budget: US dollars of a billing cycle'),
  BILLING_CYCLE_DAY: fields
    .whole(1, 28)
    .default(DEFAULT_SETTINGS.cycleDay)
    .describe('day of the month on which a billing cycle begins, until the account reports it'),
  ...fields.listening(8083),
  ...operatorsVariables(),
});
type Configured = z.output<typeof Configuration>;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      slot: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const command = positionals.length === 1 ? positionals[0] : undefined;
  const sound =
    command === 'run' || (command === 'tick' && values.slot === undefined && !values['dry-run']);
  if (values.help || !sound) {
    process.stdout.write(USAGE);
    return values.help ? 0 : EXIT_USAGE;
  }
  const named = values.slot === undefined ? undefined : slotOf(values.slot);
  if (named === null) {
    process.stderr.write(
      `--slot must be a minute in UTC such as 2026-11-23T12:00Z, but it is "${values.slot}".\n`,
    );
    return EXIT_USAGE;
  }
  const c = readConfiguration(Configuration, process.env);
  if (command === 'tick') return tick(c);
  const slot = named ?? (c.JOB_NAME ? slotOfJob(c.JOB_NAME) : c.CLOCK.now());
  const { log, tracing } = await startTelemetry('scheduler', c);
  const scheduler = await open(c, log);
  try {
    if (values['dry-run'])
      process.stdout.write(dryRunReport(await scheduler.plan(slot), c.CLOCK.now()));
    else await scheduler.run(slot);
  } finally {
    await scheduler.close();
    await tracing.close();
  }
  return 0;
}

function open(c: Configured, log: Logger): Promise<Scheduler> {
  return openScheduler({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    clock: c.CLOCK,
    log,
    settings: {
      policy: c.POLICY,
      intervalMs: c.INTERVAL,
      scrapesPerRun: c.LOOKS_PER_RUN,
      scrapesPerDay: c.LOOKS_PER_DAY,
      byPlatform: c.LOOKS_BY_PLATFORM ?? {},
      price: { ...DEFAULT_SETTINGS.price, ...c.PRICE_MICRO_USD },
      weights: { ...DEFAULT_SETTINGS.weights, ...(c.CURRENCY_WEIGHTS as Record<string, number>) },
      finalFigures: c.FINAL_FIGURES === 'yes',
      monthlyBudgetUsd: c.MONTHLY_BUDGET_USD,
      cycleDay: c.BILLING_CYCLE_DAY,
    },
  });
}

/** Goes on until a signal ends the process. */
async function tick(c: Configured): Promise<number> {
  await runService(async () => {
    const { log, tracing } = await startTelemetry('scheduler', c);
    const scheduler = await open(c, log);
    const stop = longLived();
    let ticking: Promise<void> | undefined;
    const close = async () => {
      stop.abort();
      await ticking;
      await scheduler.close();
    };
    const service = { readiness: new Readiness({}), close };
    const running = await withOperations(
      { log, tracing, shutdownDelayMs: c.SHUTDOWN_DELAY, service },
      { ...c, registry: createRegistry('scheduler') },
    );
    ticking = scheduler.tick(stop.signal);
    return running;
  });
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${usage ? `${(error as Error).message}\n\n${USAGE}` : explain(error)}\n`);
  process.exitCode = usage ? EXIT_USAGE : error instanceof ConfigurationError ? 78 : 1;
}
