import { SpanKind, beginSpan, failSpan, spanOf, spanOfTraceparent } from '@cliptally/messaging';
import type { Served } from '@cliptally/telemetry';
import type { AskedRequest } from './operation.js';

/** A request's span is that of its command, so that all that follows from it is in its trace. */
export const requestSpanOf = (commandId: string) =>
  spanOf({ id: commandId, correlationId: commandId });

/** Makes the span of an answered request; a caller with a trace of its own is linked to it. */
export function recordRequest(
  { asked, headers }: AskedRequest,
  { method, route, status, seconds }: Served,
): void {
  if (!asked) return;
  const caller = spanOfTraceparent(headers['traceparent']);
  const { span } = beginSpan(`${method} ${route}`, {
    at: requestSpanOf(asked.commandId),
    parent: null,
    links: caller ? [caller] : [],
    kind: SpanKind.SERVER,
    startTime: Date.now() - seconds * 1_000,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'cliptally.role': asked.caller.role,
    },
  });
  if (status >= 500) failSpan(span, `answered ${status}`);
  span.end();
}
