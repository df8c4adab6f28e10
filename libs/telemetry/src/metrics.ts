import { abortListeners, pendingTimers } from '@cliptally/contracts';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Seconds that a scrape takes, from a single scrape to a batch that runs into its time-out. */
export const SCRAPE_BUCKETS = [1, 2.5, 5, 10, 20, 30, 60, 120, 300];

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
