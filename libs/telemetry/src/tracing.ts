import type { Clock } from '@cliptally/contracts';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { createLogger, secretsOf, type Logger } from './logger.js';
import type { Closable } from './run-service.js';

/** As `fields.operation()` reads them. */
export interface TelemetrySettings {
  CLOCK: Clock;
  LOG_LEVEL: string;
  /**
   * Address of a collector that takes OTLP over HTTP; without it nothing is exported, and the SDK
   * is not loaded.
   */
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  /** Share of traces that are exported, by the trace's id: all services keep the same ones. */
  OTEL_TRACES_SAMPLER_ARG: number;
}

/**
 * The log of a process, whose lines know their trace, and its spans, which are exported where there
 * is an endpoint. `tracing` is to be closed last, as it sends what is left.
 */
export async function startTelemetry(
  service: string,
  settings: TelemetrySettings,
): Promise<{ log: Logger; tracing: Closable }> {
  const log = createLogger({
    service,
    clock: settings.CLOCK,
    level: settings.LOG_LEVEL,
    secrets: secretsOf(process.env),
  });
  return { log, tracing: await startTracing(service, settings, log) };
}

export async function startTracing(
  service: string,
  {
    OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_TRACES_SAMPLER_ARG,
  }: Omit<TelemetrySettings, 'CLOCK' | 'LOG_LEVEL'>,
  log: Logger,
): Promise<Closable> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  if (!OTEL_EXPORTER_OTLP_ENDPOINT) return { close: async () => {} };
  const { exportSpans } = await import('./span-export.js');
  return exportSpans(service, OTEL_TRACES_SAMPLER_ARG, log);
}
