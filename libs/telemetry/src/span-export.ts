import { DiagLogLevel, context, diag, trace, type SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  defaultResource,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import type { Logger } from './logger.js';
import type { Closable } from './run-service.js';

/** Where `beginSpan` of messaging puts the place of the span that it is about to begin. */
const PLACE = Symbol.for('cliptally.span');
const placeOf = () => context.active().getValue(PLACE) as SpanContext | undefined;
/** A run asks for some thousand scrapes at once, each of them a span of the relay. */
const QUEUE = 8_192;
const FLUSH_TIMEOUT_MS = 5_000;

/** Ids follow from the log if a span has its place there, and are random elsewhere. */
class Places implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  generateTraceId = (): string => placeOf()?.traceId ?? this.#random.generateTraceId();
  generateSpanId = (): string => placeOf()?.spanId ?? this.#random.generateSpanId();
}

/**
 * Sends spans in batches to OTEL_EXPORTER_OTLP_ENDPOINT, with OTEL_EXPORTER_OTLP_HEADERS and
 * OTEL_RESOURCE_ATTRIBUTES as OpenTelemetry defines them. Whether a trace is kept follows from its
 * id, not from the service that began it, so that every service decides alike.
 */
export function exportSpans(service: string, share: number, log: Logger): Closable {
  const warn = (message: string) => log.warn({ error: message.slice(0, 500) }, 'traces: a fault');
  const silent = () => {};
  diag.setLogger(
    { error: warn, warn, info: silent, debug: silent, verbose: silent },
    DiagLogLevel.WARN,
  );
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service, 'service.namespace': 'cliptally' }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new TraceIdRatioBasedSampler(share),
    idGenerator: new Places(),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), maxQueueSize: QUEUE }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  return {
    async close() {
      // A collector that is away holds up nobody's end.
      await Promise.race([
        provider.shutdown().catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, FLUSH_TIMEOUT_MS).unref()),
      ]);
      trace.disable();
    },
  };
}
