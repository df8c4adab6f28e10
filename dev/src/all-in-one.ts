import { clockOf, formatClock, type Clock } from '@cliptally/contracts';
import { developmentTokens, keysIn, refuseInProduction, startEarnings } from '@cliptally/earnings';
import { startMonitor } from '@cliptally/monitor';
import { startRelayService } from '@cliptally/relay';
import { openScheduler, type Scheduler, type SchedulerSettings } from '@cliptally/scheduler';
import { startScraper } from '@cliptally/scraper';
import { openEventStore, type EventStore, type EventStoreSettings } from '@cliptally/event-store';
import {
  OPEN,
  UsageError,
  createLogger,
  fields,
  pinoFile,
  readConfiguration,
} from '@cliptally/telemetry';
import { z } from 'zod';
import { join } from 'node:path';
import { startApifyStandIn, type ApifyStandIn, type ViewCurves } from './apify-stand-in/index.js';
import {
  NatsVictim,
  ScraperProcess,
  openChaos,
  openControl,
  startScraperProcess,
} from './chaos/index.js';
import { personalKeysIn, randomIn } from './connection.js';
import { assertPortFree, findNatsServer, freePort, startPostgres } from './servers/index.js';
import { EXAMPLES } from './world/sample-world.js';
import { settingOf, type WorldTime } from './world/world-clock.js';

export interface WorldSettings {
  /** Holds the data of PostgreSQL, NATS and the stand-in. */
  dir: string;
  /** Holds what is downloaded once. */
  cacheDir: string;
  time: WorldTime;
  speed: number;
  /** Port of the live page; the API listens on the next one. 0: free ones. */
  port: number;
  /** How scrapes are answered without an APIFY_TOKEN. */
  curves: (start: Date) => ViewCurves;
  scheduler?: Partial<SchedulerSettings>;
  /** Whether an admin may disturb it from the console; the scraper is a process of its own then. */
  chaos?: boolean;
}

export interface World {
  clock: Clock;
  databaseUrl: string;
  natsUrl: string;
  /** The simulated clock as other processes read it (`CLOCK`). */
  clockText: string;
  apiUrl: string;
  pageUrl: string;
  tokens: { admin: string; brand: string; creator: string };
  earnings: Awaited<ReturnType<typeof startEarnings>>;
  scheduler: Scheduler;
  /** The log, for one more reader; to be closed by it. */
  openStore(): Promise<EventStore>;
  close(): Promise<void>;
}

/** Closes in the reverse order of opening, each step also when another one fails. */
class Closers {
  readonly #steps: (() => Promise<unknown>)[] = [];
  add<T>(thing: T, close: (thing: T) => Promise<unknown>): T {
    this.#steps.push(() => close(thing));
    return thing;
  }
  async close(): Promise<void> {
    for (const step of this.#steps.splice(0).toReversed())
      await step().catch((error: Error) => process.stderr.write(`${error.message}\n`));
  }
}

/**
 * Starts servers, stand-in and all services in this process. Whatever fails, nothing stays
 * half-started.
 */
export async function startWorld(settings: WorldSettings): Promise<World> {
  const closers = new Closers();
  try {
    return await open(settings, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function open(settings: WorldSettings, closers: Closers): Promise<World> {
  const { dir, cacheDir, port } = settings;
  // Said before anything is started: the tokens are made at the end.
  refuseInProduction();
  if (port > 0)
    await Promise.all([assertPortFree(port, '--port'), assertPortFree(port + 1, '--port')]);
  const [postgres, nats] = await Promise.all([
    startPostgres({ dataDir: join(dir, 'postgres') }).then((p) => closers.add(p, () => p.stop())),
    findNatsServer({ cacheDir })
      .then((binary) => NatsVictim.start({ binary, dataDir: join(dir, 'nats') }))
      .then((n) => closers.add(n, () => n.stop())),
  ]);
  const setting = settingOf(settings.time, settings.speed, Date.now());
  const clock = clockOf(setting);
  const destination = pinoFile(join(dir, 'log.jsonl'));
  const log = createLogger({ service: 'cliptally', clock, destination });
  closers.add(destination, async (file) => file.end());
  const apify = await openApify(settings, clock, closers);
  const common = {
    ...eventStoreOfEnvironment(),
    databaseUrl: postgres.url,
    natsUrl: nats.url,
    clock,
    log,
    host: '127.0.0.1',
    // On this machine, and the page of no other host is answered.
    operators: OPEN,
  };
  const jwtSecret = secretIn(join(dir, 'jwt-secret'));
  const taxKey = randomIn(join(dir, 'tax-profile-key'), 'base64');
  const personal = personalKeysIn(dir);
  const personalKeys = keysIn(personal, 'personal-data-key');
  const { standIn } = apify;
  const control = settings.chaos && standIn ? await openControl() : null;
  if (control) closers.add(control, () => control.close());

  const earnings = await startEarnings({
    ...common,
    port: port === 0 ? 0 : port + 1,
    keys: { secret: jwtSecret },
    personalKeys,
    taxKeys: keysIn(`here:${taxKey}`, 'tax-profile-key'),
    ...(port > 0 ? { pageOrigin: `http://127.0.0.1:${port}` } : {}),
    ...(control ? { sampleWorld: { control: control.address, examples: EXAMPLES } } : {}),
  });
  closers.add(earnings, () => earnings.close());
  const [relay, scraper, monitor, scheduler] = await Promise.all([
    startRelayService(common),
    control
      ? openScraperProcess(
          settings,
          { ...common, personal },
          apify,
          formatClock(setting),
          destination,
        )
      : startScraper({
          ...common,
          personalKeys,
          apify,
          youtubeApiKey,
          flow: { lingerMs: lingerMs(settings) },
        }),
    startMonitor({ ...common, port, earningsUrl: earnings.url }),
    openScheduler({ ...common, ...(settings.scheduler ? { settings: settings.scheduler } : {}) }),
  ]);
  for (const service of [monitor, relay, scheduler, scraper])
    closers.add(service, () => service.close());
  if (control && standIn && scraper instanceof ScraperProcess) {
    const published = () => relay.state.position;
    const chaos = await openChaos({ scraper, nats, standIn, published, store: common, clock });
    // The first to be closed: what is disturbed would keep the others from their end.
    closers.add(chaos, () => chaos.close());
    const { port: own } = new URL(earnings.url);
    control.serve(chaos, [`http://127.0.0.1:${own}`, `http://localhost:${own}`]);
  }
  return {
    clock,
    databaseUrl: postgres.url,
    natsUrl: nats.url,
    clockText: formatClock(setting),
    apiUrl: earnings.url,
    pageUrl: monitor.url,
    tokens: await developmentTokens(jwtSecret, clock),
    earnings,
    scheduler,
    openStore: () => openEventStore({ ...common, personalKeys, connections: 2 }),
    close: () => closers.close(),
  };
}

/**
 * On a fast clock two seconds are over before a second scrape request can arrive: a batch waits
 * 50 real ms at least.
 */
const lingerMs = ({ speed }: WorldSettings) => Math.ceil(Math.max(2_000, 50 * speed));
const youtubeApiKey = process.env['YOUTUBE_API_KEY'];
/** Who watches a killed scraper recover has less patience than an operator. */
const ACK_WAIT = '5s';

async function openScraperProcess(
  settings: WorldSettings,
  common: EventStoreSettings & { natsUrl: string; personal: string },
  { token, baseUrl }: ApifySettings,
  clock: string,
  log: { write(text: string): unknown },
): Promise<ScraperProcess> {
  const given = {
    DATABASE_URL: common.databaseUrl,
    EVENT_STORE: common.eventStore,
    KURRENTDB_URL: common.kurrentdbUrl,
    NATS_URL: common.natsUrl,
    PERSONAL_DATA_KEYS: common.personal,
    APIFY_TOKEN: token,
    APIFY_BASE_URL: baseUrl,
    YOUTUBE_API_KEY: youtubeApiKey,
    CLOCK: clock,
    LINGER: `${lingerMs(settings)}ms`,
    ACK_WAIT,
  };
  const set = Object.entries(given).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const environment = Object.fromEntries(set) as Record<string, string>;
  return startScraperProcess(environment, await freePort(), (text) => log.write(text));
}

const EventStoreVariables = z.object(fields.eventStore());

/** The log is where the environment says; everything else of PostgreSQL is embedded either way. */
function eventStoreOfEnvironment(): Pick<EventStoreSettings, 'eventStore' | 'kurrentdbUrl'> {
  const { EVENT_STORE, KURRENTDB_URL } = readConfiguration(EventStoreVariables, process.env);
  return { eventStore: EVENT_STORE, kurrentdbUrl: KURRENTDB_URL };
}

interface ApifySettings {
  token: string;
  baseUrl?: string;
  standIn?: ApifyStandIn;
}

/** The real Apify if there is a token, else a stand-in on loopback. */
async function openApify(
  { dir, time, speed, curves, scheduler }: WorldSettings,
  clock: Clock,
  closers: Closers,
): Promise<ApifySettings> {
  const token = process.env['APIFY_TOKEN'];
  const baseUrl = process.env['APIFY_BASE_URL'];
  if (token) {
    if (speed !== 1)
      throw new UsageError(
        'With APIFY_TOKEN set, scrapes are real and so is time: leave out --speed, or unset APIFY_TOKEN for the sample world.',
      );
    return baseUrl ? { token, baseUrl } : { token };
  }
  const standIn = await startApifyStandIn({
    clock,
    curves: curves(new Date(time.start)),
    token: 'stand-in',
    stateFile: join(dir, 'apify.json'),
    // An account that has less than the scheduler may spend would hold its runs back.
    limits: scheduler?.monthlyBudgetUsd ? { maxMonthlyUsageUsd: scheduler.monthlyBudgetUsd } : {},
  });
  closers.add(standIn, () => standIn.close());
  return { token: 'stand-in', baseUrl: standIn.url, standIn };
}

/** A secret of this folder's own, so that tokens printed by an earlier start stay good. */
function secretIn(file: string): string {
  return process.env['JWT_SECRET'] || randomIn(file, 'base64url');
}
