import { clockOf, formatClock } from '@cliptally/contracts';
import {
  generatedCurves,
  startApifyStandIn,
  type StandInOptions,
} from '@cliptally/dev/apify-stand-in';
import { testDatabase, testNats, until as untilSo } from '@cliptally/dev/servers';
import { developmentTokens } from '@cliptally/earnings';
import { randomBytes } from 'node:crypto';
import { freePort } from '../../servers/ports.js';
import { ServiceProcess } from '../../service-process.js';

const HOUR_MS = 3_600_000;
/** Services that stand; the scheduler runs and ends. */
export const STANDING = ['relay', 'scraper', 'earnings', 'monitor'] as const;
export type Standing = (typeof STANDING)[number];

export interface ServicesOptions {
  /** Milliseconds of the world in one real millisecond. */
  speed: number;
  faults?: StandInOptions['faults'];
  /** For all of them, beside what they need to find each other. */
  environment?: Record<string, string>;
}

/**
 * Every service as a process of its own, over servers of their own and a stand-in for Apify; ready,
 * with nothing in the log.
 */
export async function startServices({ speed, faults, environment: more }: ServicesOptions) {
  const begin = Date.now();
  const setting = { world: begin, real: begin, speed };
  const clock = clockOf(setting);
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  const curves = generatedCurves({ worldStart: new Date(begin - 24 * HOUR_MS) });
  // Money for every clip in one run.
  const standIn = await startApifyStandIn({
    clock,
    curves,
    token: 'apify-t0ken',
    faults: faults ?? [],
    limits: { maxMonthlyUsageUsd: 10_000 },
  });
  const secret = randomBytes(32).toString('hex');
  const tokens = await developmentTokens(secret, clock);
  const environment = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    CLOCK: formatClock(setting),
    APIFY_TOKEN: 'apify-t0ken',
    APIFY_BASE_URL: standIn.url,
    JWT_SECRET: secret,
    HOST: '127.0.0.1',
    MONTHLY_BUDGET_USD: '10000',
    // However slow the machine, a run is planned before the next one is due.
    INTERVAL: '1d',
    ...more,
  };
  const scheduler = new ServiceProcess('scheduler', environment, ['run']);
  const ports = {} as Record<Standing, number>;
  const processes = {} as Record<Standing, ServiceProcess>;
  for (const name of STANDING) {
    ports[name] = await freePort();
    processes[name] = new ServiceProcess(name, { ...environment, PORT: String(ports[name]) });
  }

  const url = (service: Standing, path: string) => `http://127.0.0.1:${ports[service]}${path}`;
  const said = () => [...Object.entries(processes), ['scheduler', scheduler] as const].map(([name, of]) => `${name}: ${of.output}`).join('\n'); // prettier-ignore

  const until = <T>(what: string, ask: () => T | Promise<T>) => untilSo(what, ask, { said });

  const services = {
    clock,
    url,
    ports,
    processes,
    scheduler,
    environment,
    tokens,
    /** What must stand in no log line. */
    secrets: ['apify-t0ken', secret, ...Object.values(tokens)],
    database,
    said,
    until,
    /** Asks the earnings API as an admin. */
    async post(
      path: string,
      body: object,
      headers: Record<string, string> = {},
    ): Promise<Record<string, unknown>> {
      const response = await fetch(url('earnings', path), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens.admin}`,
          ...headers,
        },
        body: JSON.stringify(body),
      });
      if (!response.ok)
        throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Record<string, unknown>;
    },
    /** One run of the scheduler, to its end. */
    async run(): Promise<void> {
      scheduler.start();
      await until('the end of the run', () => !scheduler.alive || undefined);
    },
    async close() {
      await Promise.all([scheduler, ...Object.values(processes)].map((one) => one.end('SIGKILL')));
      await standIn.close();
      await nats.stop();
      await database.drop();
    },
  };
  try {
    for (const name of STANDING) processes[name].start();
    const ready = (name: Standing) => fetch(url(name, '/readyz')).then(({ status }) => status === 200 || undefined, () => undefined); // prettier-ignore
    for (const name of STANDING) await until(`${name} ready`, () => ready(name));
    return services;
  } catch (error) {
    await services.close();
    throw error;
  }
}

export type Services = Awaited<ReturnType<typeof startServices>>;
