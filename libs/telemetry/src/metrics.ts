import { abortListeners, pendingTimers } from '@cliptally/contracts';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Seconds that a scrape takes, from a single one to a batch that runs into its time-out. */
export const SCRAPE_BUCKETS = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_800];

/** Values that each label may have: closed enumerations, never ids. */
export type Labels = Record<string, readonly string[]>;

/** Gauges of prom-client whose names end like those of counters. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** A registry with the metrics of the process, labelled with the service. */
export function createRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  gauge(
    registry,
    'cliptally_abort_listeners',
    "Listeners on the process's long-lived abort signals; one that grows is a leak.",
    abortListeners,
  );
  gauge(
    registry,
    'cliptally_pending_timers',
    'Timers of the process that are still to fire; one that grows is a leak.',
    pendingTimers,
  );
  return registry;
}

/**
 * A counter that shows 0 for every combination of labels from the start: a first value out of
 * nothing is invisible to increase().
 */
export function counter(
  registry: Registry,
  name: string,
  help: string,
  labels: Labels = {},
): Counter {
  const made = new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] });
  for (const combination of combinations(labels)) made.inc(combination, 0);
  return made;
}

/** A gauge that is read when Prometheus asks. */
export function gauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number | Promise<number>,
): Gauge {
  return new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await read());
    },
  });
}

const READ_MS = 3_000;

/**
 * All metrics that can be read now. One whose source fails, or does not answer within three
 * seconds, is left out: an outage elsewhere must not look like one of this service.
 */
export async function readMetrics(registry: Registry): Promise<string> {
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  const read = names.map((name) => within(READ_MS, registry.getSingleMetricAsString(name)));
  const texts = (await Promise.all(read)).filter((text) => text !== null);
  return `${texts.join('\n\n')}\n`;
}

/** What comes of `work`; null if it fails or takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)));
  return Promise.race([work.catch(() => null), late]).finally(() => clearTimeout(timer));
}

/** A gauge that is 1 while `ask` is answered, else 0. */
export const upGauge = (
  registry: Registry,
  name: string,
  help: string,
  ask: () => Promise<unknown>,
): Gauge =>
  gauge(registry, name, help, async () =>
    (await within(
      READ_MS - 1_000,
      ask().then(() => true),
    ))
      ? 1
      : 0,
  );

export function histogram(
  registry: Registry,
  name: string,
  help: string,
  labels: Labels = {},
  buckets: number[] = SCRAPE_BUCKETS,
): Histogram {
  const made = new Histogram({
    name,
    help,
    labelNames: Object.keys(labels),
    buckets,
    registers: [registry],
  });
  for (const combination of combinations(labels)) made.zero(combination);
  return made;
}

/** Seconds from a few events that a table takes over to a rebuild's full batch. */
const BATCH_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * Times what consumers work on, by what comes of it: messages, or batches of events that a
 * projection takes over.
 */
export function observeHandlings(
  registry: Registry,
  consumer: readonly string[],
  outcome: readonly string[],
  buckets = BATCH_BUCKETS,
): (consumer: string, outcome: string, seconds: number) => void {
  const help = 'How long messages or batches of events were worked on, by consumer and outcome.';
  const handlings = histogram(
    registry,
    'cliptally_handling_duration_seconds',
    help,
    { consumer, outcome },
    buckets,
  );
  return (of, cameOfIt, seconds) => handlings.observe({ consumer: of, outcome: cameOfIt }, seconds);
}

function combinations(labels: Labels): Record<string, string>[] {
  return Object.entries(labels).reduce<Record<string, string>[]>(
    (found, [name, values]) =>
      found.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}
