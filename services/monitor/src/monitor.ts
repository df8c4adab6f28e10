import { Access, adminOf, type Keys } from '@cliptally/access';
import type { Clock } from '@cliptally/contracts';
import { openEventStore, openPool, type EventStoreSettings } from '@cliptally/event-store';
import { PROJECTION_HANDLINGS, Projector, connectNats, type Log } from '@cliptally/messaging';
import {
  CLOSED,
  OperatorsGate,
  Readiness,
  createRegistry,
  observeHandlings,
  pageFiles,
  readMetrics,
  upGauge,
  within,
  type OperatorsAccess,
} from '@cliptally/telemetry';
import { fileURLToPath } from 'node:url';
import { startHttp } from './http/server.js';
import { Live } from './live/live.js';
import { overview } from './live/overview.js';
import { domainMetrics } from './metrics/exposition.js';
import { lagAt } from './metrics/jetstream-lag.js';
import { logBytesIn } from './metrics/log-size.js';
import { monitorProjection } from './projection/monitor-projection.js';
import type { UsageTerms } from './status/cost.js';
import { Reading } from './status/reading.js';

export const DEFAULT_USAGE: UsageTerms = { cycleDay: 1, budgetUsd: 199 };
const DEFAULT_RUN_INTERVAL_MS = 900_000;
/** Prometheus waits ten seconds for all of it. */
const FIGURES_MS = 5_000;
const ANSWER_MS = 1_000;
const GB = 1e9;
const NAME = 'monitor';
const PAGE = fileURLToPath(new URL('../dist/pages/live/', import.meta.url));

export interface MonitorOptions extends Omit<EventStoreSettings, 'connections'> {
  natsUrl: string;
  /** 0 picks a free one. */
  port: number;
  /** All addresses by default. */
  host?: string | undefined;
  clock: Clock;
  log: Log;
  /** Where the page finds the earnings API, to retry failed scrapes. */
  earningsUrl?: string | undefined;
  /** Where the page learns which alerts fire. */
  alertmanagerUrl?: string | undefined;
  /** Who reads the page, the status and the metrics; nobody by default. */
  operators?: OperatorsAccess | undefined;
  /** How tokens of admins are checked. */
  keys?: Keys | undefined;
  /** 199 US dollars a calendar month by default. */
  usage?: UsageTerms | undefined;
  /** Time between two tracking runs; 15 minutes by default. */
  runIntervalMs?: number | undefined;
  /** How large the log in PostgreSQL may become, in gigabytes; nobody has said so by default. */
  logLimitGb?: number | undefined;
}

export interface MonitorService {
  url: string;
  port: number;
  projector: Projector;
  readiness: Readiness;
  close(): Promise<void>;
}

/** Throws PortTaken, NatsUnusable. */
export async function startMonitor(options: MonitorOptions): Promise<MonitorService> {
  const {
    databaseUrl,
    eventStore,
    kurrentdbUrl,
    natsUrl,
    port,
    host = '0.0.0.0',
    clock,
    log,
    earningsUrl,
    alertmanagerUrl,
    operators = CLOSED,
    keys,
    usage = DEFAULT_USAGE,
    runIntervalMs = DEFAULT_RUN_INTERVAL_MS,
    logLimitGb,
  } = options;
  const gate = new OperatorsGate(operators, host, keys && adminOf(new Access(keys, clock)));
  const nats = await connectNats(natsUrl, NAME);
  const store = await openEventStore({ databaseUrl, eventStore, kurrentdbUrl, connections: 3 });
  const pool = openPool(databaseUrl, NAME, 5);
  const projector = new Projector({
    projection: monitorProjection,
    url: databaseUrl,
    pool,
    store,
    nats,
    log,
  });
  const reading = new Reading(pool, clock, usage);
  const registry = createRegistry(NAME);
  const observeBatch = observeHandlings(registry, [NAME], PROJECTION_HANDLINGS);
  projector.onHandled = (outcome, seconds) => observeBatch(NAME, outcome, seconds);

  const unready = () => {
    if (projector.caughtUp) return null;
    return projector.halted
      ? `The projection of the monitor is halted at position ${projector.position} of the log: ${projector.halted}`
      : `The monitor is still reading the log (position ${projector.position}); figures follow once it has caught up.`;
  };
  const live = new Live({
    clock,
    log,
    read: () => overview(reading, runIntervalMs, alertmanagerUrl),
    progress: async () => ({
      position: projector.position,
      head: await store.head(),
      ready: projector.caughtUp,
    }),
  });
  const head = () => within(ANSWER_MS, store.head());
  upGauge(registry, 'cliptally_database_up', '1 while PostgreSQL answers.', () =>
    pool.query('select 1'),
  );
  upGauge(registry, 'cliptally_log_up', '1 while the log answers.', () => store.head());
  const logBytes = eventStore === 'kurrentdb' ? async () => null : () => within(ANSWER_MS, logBytesIn(pool)); // prettier-ignore
  const logLimitBytes = logLimitGb === undefined ? null : logLimitGb * GB;
  /** Nothing while the tables cannot be read: figures are absent then, never zero. */
  const domain = async (): Promise<string> => {
    const figures = await within(FIGURES_MS, reading.figures());
    if (!figures) return '';
    const { position, halted } = projector;
    const end = (await head()) ?? position;
    const lag = await lagAt({ store, nats, clock }, end);
    const size = { logBytes: await logBytes(), logLimitBytes };
    const progress = { position, head: end, halted: halted !== null, lag, runIntervalMs, ...size };
    return domainMetrics(NAME, figures, progress);
  };
  // Not NATS: without it figures are a second late, and the page is needed most then.
  const readiness = new Readiness({
    projection: () => unready() ?? projector.halted,
    database: () => pool.query('select 1').then(() => null),
  });
  const release = async () => {
    await nats.connection.drain();
    await store.close();
    await pool.end();
  };
  try {
    const http = await startHttp(
      {
        gate,
        reading,
        live,
        unready,
        files: pageFiles(PAGE),
        earningsUrl: earningsUrl ?? null,
        metrics: async () => `${await readMetrics(registry)}\n${await domain()}`,
        readiness,
      },
      registry,
      { port, host, log },
    );
    projector.start();
    return {
      url: `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${http.port}`,
      port: http.port,
      readiness,
      projector,
      async close() {
        await http.close();
        await projector.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
