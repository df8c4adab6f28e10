import { PLATFORMS } from '@cliptally/contracts';
import { SCRAPE_BUCKETS, type Labels } from '@cliptally/telemetry';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Figures } from '../status/reading.js';
import { DOMAIN_METRICS } from './domain-metrics.js';
import { sum, type Progress } from './metric.js';

/** The domain's part of /metrics, in Prometheus's text format. */
export async function domainMetrics(
  service: string,
  figures: Figures,
  progress: Progress,
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  for (const { name, help, labels = {}, read } of DOMAIN_METRICS) {
    const described = { name, help, labelNames: Object.keys(labels), registers: [registry] };
    if (name.endsWith('_total')) {
      const counter = new Counter(described);
      // A counter that appears out of nothing is invisible to increase().
      for (const combination of combinations(labels)) counter.inc(combination, 0);
      for (const [value, of = {}] of read(figures, progress)) counter.inc(of, value);
    } else {
      const gauge = new Gauge(described);
      // Without labels a gauge shows 0 from the start; here no sample means unknown.
      if (described.labelNames.length === 0) gauge.remove();
      for (const [value, of = {}] of read(figures, progress)) gauge.set(of, value);
    }
  }
  return `${await registry.metrics()}\n${durationHistogram(service, figures.durations)}`;
}

const combinations = (labels: Labels): Record<string, string>[] =>
  Object.entries(labels).reduce<Record<string, string>[]>(
    (found, [name, values]) =>
      found.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );

/** Of totals; prom-client's own histogram observes one value after the other. */
function durationHistogram(service: string, durations: Figures['durations']): string {
  const name = 'cliptally_scrape_duration_seconds';
  const lines = [`# HELP ${name} How long batches took, by platform.`, `# TYPE ${name} histogram`];
  for (const platform of PLATFORMS) {
    const own = durations.filter((row) => row.platform === platform);
    const labels = `service="${service}",platform="${platform}"`;
    for (const [i, le] of [...SCRAPE_BUCKETS, '+Inf'].entries())
      lines.push(
        `${name}_bucket{${labels},le="${le}"} ${sum(own, (row) => (row.bucket <= i ? row.batches : 0))}`,
      );
    lines.push(`${name}_sum{${labels}} ${sum(own, (row) => row.durationMs) / 1000}`);
    lines.push(`${name}_count{${labels}} ${sum(own, (row) => row.batches)}`);
  }
  return `${lines.join('\n')}\n`;
}
