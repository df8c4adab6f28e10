import type { ReceivedSpan } from './otlp-receiver.js';

/**
 * Spans of the name `to` that one reaches from a span by links, from trace to trace: onwards
 * (`led to`) or back (`follows from`). A settlement is in the trace of the first observation that
 * it pays, and linked to the others.
 */
export function walk(
  spans: readonly ReceivedSpan[],
  from: ReceivedSpan,
  way: 'led to' | 'follows from',
  to: string,
): ReceivedSpan[] {
  const traces = new Set<string>();
  for (let next = [from.traceId]; next.length > 0;) {
    for (const trace of next) traces.add(trace);
    const reached = spans.flatMap(({ name, traceId, links }) => {
      const linked = links.map((link) => link.traceId);
      if (name.startsWith(way)) return next.includes(traceId) ? linked : [];
      if (name !== 'settle') return [];
      if (way === 'led to') return linked.some((one) => next.includes(one)) ? [traceId] : [];
      return next.includes(traceId) ? linked : [];
    });
    next = [...new Set(reached)].filter((trace) => !traces.has(trace));
  }
  return spans.filter(({ name, traceId }) => name === to && traces.has(traceId));
}
