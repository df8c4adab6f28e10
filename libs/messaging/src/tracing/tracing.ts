import { SUBJECT_PREFIX, derivedId } from '@cliptally/contracts';
import {
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  context,
  isSpanContextValid,
  trace,
  type Attributes,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';

export { SpanKind };

/**
 * Where traces come from: the log itself. A cause and all that follows from it share a correlation
 * id, so that names the trace; an event, or a command, has a span of its own by its id; and the
 * work that it sets off has one by the stream that the work writes to. Nothing has to travel with
 * an event, and its place in the log is enough to find its trace. See docs/decisions/0010.
 */
export interface Cause {
  correlationId: string;
  causationId: string;
}

/** Template of the events' subjects, for `messaging.destination.template`. */
export const EVENT_SUBJECTS = `${SUBJECT_PREFIX}.{category}.{type}.{platform}`;

const traceOf = (correlationId: string): string =>
  derivedId('trace', correlationId).replaceAll('-', '');
const spanContextOf = (correlationId: string, spanId: string): SpanContext => ({
  traceId: traceOf(correlationId),
  spanId,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
});

/**
 * The span of an event: the relay's publishing of it. Of a command: the request that brought it.
 */
export const spanOf = ({ id, correlationId }: { id: string; correlationId: string }): SpanContext =>
  spanContextOf(correlationId, id.replaceAll('-', '').slice(16));

/** The span of the work that wrote, or will write, to `stream` because of `causationId`. */
export const workSpanOf = ({ correlationId, causationId }: Cause, stream: string): SpanContext =>
  spanContextOf(
    correlationId,
    derivedId('work', causationId, stream).replaceAll('-', '').slice(0, 16),
  );

/** W3C trace context of an event's message. */
export function traceparentOf(event: { id: string; correlationId: string }): string {
  const { traceId, spanId } = spanOf(event);
  return `00-${traceId}-${spanId}-01`;
}

/** The span that a `traceparent` header names; null if it names none. */
export function spanOfTraceparent(header: unknown): SpanContext | null {
  const [, traceId, spanId] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(String(header)) ?? [];
  const named = {
    traceId: traceId ?? '',
    spanId: spanId ?? '',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(named) ? named : null;
}

/** Whether spans go anywhere: what is only for them may be left out. */
export function exporting(): boolean {
  const provider = trace.getTracerProvider();
  return (
    !(provider instanceof ProxyTracerProvider) ||
    provider.getDelegateTracer('cliptally') !== undefined
  );
}

/** Key under which the SDK's generator of ids finds the context of the span that begins. */
const SPAN = Symbol.for('cliptally.span');
/** Links that a span keeps at most. */
const MOST_LINKS = 128;

export interface SpanSettings {
  /** Its own span context; a new one by default. */
  at?: SpanContext;
  /** What it is part of: the active span by default, nothing for null. */
  parent?: SpanContext | null | undefined;
  links?: readonly SpanContext[];
  kind?: SpanKind;
  attributes?: Attributes;
  /** Epoch milliseconds of real time; now by default. */
  startTime?: number;
}

/**
 * Begins a span, to be ended by the caller. If nothing is exported it only carries its context, for
 * log lines.
 */
export function beginSpan(
  name: string,
  { at, parent, links = [], ...options }: SpanSettings,
): { span: Span; within: typeof ROOT_CONTEXT } {
  const active = context.active();
  const base =
    parent === undefined
      ? active
      : parent === null
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, parent);
  const given = { ...options, links: links.slice(0, MOST_LINKS).map((one) => ({ context: one })) };
  const begun = context.with(at ? active.setValue(SPAN, at) : active, () =>
    trace.getTracer('cliptally').startSpan(name, given, base),
  );
  const span = at && !begun.isRecording() ? trace.wrapSpanContext(at) : begun;
  return { span, within: trace.setSpan(base, span) };
}

/** Runs `work` in a span that ends with it, as a failure if it rejects. */
export async function inSpan<T>(
  name: string,
  settings: SpanSettings,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { span, within } = beginSpan(name, settings);
  try {
    return await context.with(within, work, undefined, span);
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

type Appends = readonly { stream: string; events: readonly Cause[] }[];

/**
 * As {@link inSpan}, for what an append writes: the span is that of the work on its first stream,
 * and each further stream has one that is a part of it. So no event is published as a part of
 * nothing.
 */
export function inAppendSpan<T>(
  name: string,
  appends: Appends,
  settings: Omit<SpanSettings, 'at'>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const works = appends.flatMap(({ stream, events }) =>
    events.map((event) => ({ stream, at: workSpanOf(event, stream) })),
  );
  const [first, ...others] = new Map(works.map((one) => [one.at.spanId, one])).values();
  return inSpan(name, { ...settings, ...(first && { at: first.at }) }, async (span) => {
    for (const { stream, at } of others)
      beginSpan('append', { at, attributes: { 'cliptally.stream': stream } }).span.end();
    return work(span);
  });
}

/** Runs `work` as a part of a span that is exported after it has ended. */
export const within = <T>(parent: SpanContext, work: () => T): T =>
  context.with(trace.setSpanContext(ROOT_CONTEXT, parent), work);

export function failSpan(span: Span, error: unknown): void {
  const { name, message } =
    error instanceof Error ? error : { name: 'Error', message: String(error) };
  span
    .setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, 300) })
    .setAttribute('error.type', name);
}
