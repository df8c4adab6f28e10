import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { Account, type AccountOptions, type Stats } from './account.js';
import { ApiError } from './errors.js';
import { errorOf, FaultBook, type Call, type FaultInput } from './faults.js';
import { bodyOf, send } from './http.js';
import { routesOf } from './routes.js';
import { costAt } from './runs.js';

export interface StandInOptions extends Omit<AccountOptions, 'faults'> {
  /** 0, the default, picks a free one. */
  port?: number;
  host?: string;
  /** The only token that is let in; by default any is. */
  token?: string | undefined;
  faults?: readonly FaultInput[] | undefined;
  /** Another seed is another world of run times and of faults with a probability. */
  seed?: string | undefined;
}

export interface ApifyStandIn {
  /** To be given to `new ApifyClient({ baseUrl })`. */
  url: string;
  port: number;
  /** Beside what the account counts: the requests of this process, by kind. */
  stats(): Stats & { requests: Partial<Record<Call, number>> };
  /** What each run that was started before an instant has cost so far, as the account bills it. */
  bills(before: Date): { runId: string; actor: string; startedAt: number; costMicroUsd: number }[];
  /** Replaces all faults. Throws a ZodError that names what is wrong. */
  setFaults(faults: readonly FaultInput[]): void;
  close(): Promise<void>;
}

/**
 * Starts an HTTP server that answers as Apify's API v2 does, as far as it is used here, with actors
 * that read `curves`. All time is the clock's. Beside the API, without a token: `GET` and
 * `POST /stand-in/faults` (`{faults: [...]}`), `GET /stand-in/stats`.
 */
export async function startApifyStandIn(options: StandInOptions): Promise<ApifyStandIn> {
  const { clock, token, port = 0, host = '127.0.0.1', seed = 'cliptally' } = options;
  const faults = new FaultBook(options.faults ?? [], seed);
  const account = new Account({ ...options, faults });
  const routes = routesOf(account);
  const requests: Partial<Record<Call, number>> = {};
  const stats = () => ({ ...account.stats(), requests: { ...requests } });

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { pathname, searchParams: query } = new URL(req.url ?? '/', 'http://stand-in');
    const body = await bodyOf(req);
    if (pathname === '/stand-in/stats') return send(res, { body: stats() });
    if (pathname === '/stand-in/faults') {
      if (req.method === 'POST')
        faults.set(z.object({ faults: z.array(z.unknown()) }).parse(body).faults as FaultInput[]);
      return send(res, { body: { faults: faults.list() } });
    }
    const route = routes.find((r) => r.method === req.method && r.path.test(pathname));
    if (!route)
      throw new ApiError(
        404,
        'page-not-found',
        `There is no API endpoint at this URL: ${req.method} ${pathname}`,
      );
    const given = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? query.get('token');
    if (!given) throw new ApiError(401, 'token-not-provided');
    if (token !== undefined && given !== token) throw new ApiError(401, 'user-or-token-not-found');
    requests[route.call] = (requests[route.call] ?? 0) + 1;

    const id = decodeURIComponent(route.path.exec(pathname)?.groups?.['id'] ?? '');
    const struck = faults.ofCall(route.call, account.actorNamed(id));
    for (const fault of struck) if (fault.kind === 'slow') await clock.sleep(fault.seconds * 1000);
    const failure = struck.find((f) => f.kind === 'error' || f.kind === 'reset');
    const handled = failure && !failure.lost ? null : await route.handle({ id, query, body });
    const early = struck.some((f) => f.kind === 'no-rows-yet');
    const answer = handled && early ? { ...handled, body: [] } : handled;
    const flood = struck.find((f) => f.kind === 'flood');
    if (flood) await pour(res, (flood.megabytes ?? Infinity) * 1_000_000);
    if (failure?.kind === 'error') throw errorOf(failure);
    if (failure) req.socket.resetAndDestroy();
    else if (answer && flood) res.end(JSON.stringify(answer.body));
    else if (answer) send(res, answer, struck.some((f) => f.kind === 'malformed')); // prettier-ignore
  };

  const server = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => {
      const { status, headers, type, message } = apiError(error);
      send(res, { status, headers, body: { error: { type, message } } });
    });
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, host, resolve),
  );
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    stats,
    bills: (before) =>
      account
        .runs()
        .filter(({ startedAt }) => startedAt < before.getTime())
        .map((run) => ({
          runId: run.id,
          actor: run.actor,
          startedAt: run.startedAt,
          costMicroUsd: costAt(run, clock.now().getTime()),
        })),
    setFaults: (list) => faults.set(list),
    close: async () => {
      account.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const WHITE = Buffer.alloc(64_000, ' ');

/** As much as is read; ends if nobody reads any more. */
async function pour(res: ServerResponse, bytes: number): Promise<void> {
  res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  for (let left = bytes; left > 0 && !res.destroyed; left -= WHITE.length) {
    if (res.write(WHITE)) await setImmediate();
    else await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
}

function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof z.ZodError)
    return new ApiError(400, 'invalid-input', z.prettifyError(error));
  return new ApiError(
    500,
    'internal-server-error',
    error instanceof Error ? error.message : String(error),
  );
}
