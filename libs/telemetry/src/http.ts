import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { counter, histogram } from './metrics.js';

/** Method and path as it is registered: `GET`, `/clips/:id`. */
export type Route = readonly [method: string, path: string];

export const PROBES: readonly Route[] = ['/healthz', '/readyz', '/metrics'].map((path) => [
  'GET',
  path,
]);
const OTHER = 'other';
const STATUS = ['2xx', '3xx', '4xx', '5xx'];
const HTTP_BUCKETS = [0.005, 0.025, 0.1, 0.5, 2.5, 10];

/**
 * What a request was to the server; `route` is the template, `other` if nothing is registered.
 */
export interface Served {
  method: string;
  route: string;
  status: number;
  seconds: number;
}

type Asked = IncomingMessage & { route?: { path?: unknown } };

/**
 * Counts and times the requests of a server. Labels are closed: what is not among `routes` is
 * `other`. Routes of `lasting` requests, which end when the caller goes, are left out.
 */
export function observeHttp(
  registry: Registry,
  routes: readonly Route[],
  lasting: readonly string[] = [],
): (
  request: IncomingMessage,
  response: ServerResponse,
  onServed?: (served: Served) => void,
) => void {
  const labels = { method: [OTHER], route: [OTHER], status: STATUS };
  const requests = counter(
    registry,
    'cliptally_http_requests_total',
    'Requests answered, by route and class of status.',
    labels,
  );
  const durations = histogram(
    registry,
    'cliptally_http_request_duration_seconds',
    'How long requests took to answer, by route and class of status.',
    { ...labels, status: ['2xx'] },
    HTTP_BUCKETS,
  );
  for (const [method, route] of routes) {
    for (const status of STATUS) requests.inc({ method, route, status }, 0);
    durations.zero({ method, route, status: '2xx' });
  }
  const known = new Set(routes.map((route) => route.join(' ')));
  return (request, response, onServed) => {
    const since = performance.now();
    const path = (request.url ?? '/').split('?')[0]!;
    if (lasting.includes(path)) return;
    response.once('finish', () => {
      // Express names the route that it found; a plain server has none but paths.
      const found = (request as Asked).route?.path ?? path;
      const method = request.method === 'HEAD' ? 'GET' : (request.method ?? OTHER);
      const registered = typeof found === 'string' && known.has(`${method} ${found}`);
      const place = registered ? { method, route: found } : { method: OTHER, route: OTHER };
      const seconds = (performance.now() - since) / 1_000;
      const status = `${Math.floor(response.statusCode / 100)}xx`;
      requests.inc({ ...place, status });
      durations.observe({ ...place, status }, seconds);
      onServed?.({ ...place, status: response.statusCode, seconds });
    });
  };
}
