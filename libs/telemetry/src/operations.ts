import { STATUS_CODES, createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Registry } from 'prom-client';
import { PROBES, observeHttp } from './http.js';
import { readMetrics } from './metrics.js';
import {
  OperatorsGate,
  operatorsOf,
  type OperatorsAccess,
  type OperatorsVariables,
} from './operators.js';

/**
 * What keeps a service from its work, as a sentence; null while nothing does. May be asked every
 * second.
 */
export type Check = () => string | null | Promise<string | null>;

const CHECK_TIMEOUT_MS = 2_000;

/**
 * Answers of all checks; one that fails or does not answer within two seconds is a fault itself.
 */
export async function faultsOf(
  checks: Readonly<Record<string, Check>>,
): Promise<Record<string, string>> {
  const asked = Object.entries(checks).map(async ([name, check]) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(
        () => resolve(`did not answer within ${CHECK_TIMEOUT_MS / 1000} s`),
        CHECK_TIMEOUT_MS,
      );
    });
    const fault = await Promise.race([Promise.resolve().then(check), late]).catch(
      (error: Error) => error.message,
    );
    clearTimeout(timer);
    return [name, fault] as const;
  });
  return Object.fromEntries(
    (await Promise.all(asked)).filter((pair): pair is [string, string] => pair[1] !== null),
  );
}

/**
 * What `/readyz` asks: whether the service can do its work now. From the moment it has to stop
 * the answer is no, whatever the checks say, so that nobody sends it anything new while it
 * finishes.
 */
export class Readiness {
  #stopping = false;

  constructor(readonly checks: Readonly<Record<string, Check>>) {}

  stop(): void {
    this.#stopping = true;
  }

  async answer(): Promise<{
    status: 200 | 503;
    body: { status: string; faults?: Record<string, string> };
  }> {
    const faults = this.#stopping
      ? { shutdown: 'the service is stopping' }
      : await faultsOf(this.checks);
    if (Object.keys(faults).length === 0) return { status: 200, body: { status: 'ready' } };
    return { status: 503, body: { status: 'not ready', faults } };
  }
}

/** A port that another program has. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
  readonly expected = true;
  constructor(port: number) {
    super(`Port ${port} is in use by another program; stop it or set PORT to another number.`);
  }
}

export interface OperationsOptions {
  port: number;
  host: string;
  registry: Registry;
  readiness: Readiness;
  /** Who reads the metrics; the probes are open. */
  operators: OperatorsAccess;
}

export interface Operations {
  port: number;
  close(): Promise<void>;
}

/**
 * `/healthz` (the process turns: nothing outside it is asked, so that an outage elsewhere restarts
 * nobody), `/readyz` (it can do its work; 503 with what is missing), `/metrics`. For services that
 * have no other HTTP side.
 */
export async function startOperations({
  port,
  host,
  registry,
  readiness,
  operators,
}: OperationsOptions): Promise<Operations> {
  const gate = new OperatorsGate(operators, host);
  const answer = async (request: IncomingMessage): Promise<OperationsAnswer> => {
    const path = (request.url ?? '/').split('?')[0]!;
    if (path === '/healthz')
      return { status: 200, type: 'application/json', body: '{"status":"ok"}' };
    if (path === '/metrics') {
      const refused = await gate.toMetrics(request);
      if (refused) return problemOf(refused.status, refused.detail, refused.headers);
      return { status: 200, type: registry.contentType, body: await readMetrics(registry) };
    }
    if (path !== '/readyz') return problemOf(404, 'There is nothing at this address.');
    const { status, body } = await readiness.answer();
    return { status, type: 'application/json', body: JSON.stringify(body) };
  };
  const observe = observeHttp(registry, PROBES);
  const server = createServer((request, response) => {
    observe(request, response);
    answer(request).then(
      ({ status, type, body, headers }) =>
        response.writeHead(status, { ...headers, 'content-type': type }).end(body),
      () =>
        response
          .writeHead(500, { 'content-type': 'application/problem+json' })
          .end('{"title":"Internal error","status":500}'),
    );
  });
  await listen(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface OperationsAnswer {
  status: number;
  type: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
}

const problemOf = (
  status: number,
  detail: string,
  headers?: Readonly<Record<string, string>>,
): OperationsAnswer => ({
  status,
  type: 'application/problem+json',
  body: JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail }),
  ...(headers ? { headers } : {}),
});

/**
 * Load balancers and clients close a connection that nobody uses after a minute at most. Where the
 * server is first, a request may meet its end.
 */
const IDLE_MS = 75_000;

/** Connections on which nothing has been sent yet: browsers open some ahead of their requests. */
const unused = new WeakMap<Server, Set<Socket>>();

/** A request whose headers, or whose end, take longer to come is cut off. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const CHECKED_MS = 2_000;

/**
 * Keeps idle connections open for longer than their other end does, and slow requests no longer
 * than an honest one takes. Before the server listens: only then are slow ones searched that often.
 */
export function keepOpen(server: Server): void {
  server.keepAliveTimeout = IDLE_MS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  Object.assign(server, { connectionsCheckingInterval: CHECKED_MS });
  const sockets = new Set<Socket>();
  unused.set(server, sockets);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', ({ socket }) => sockets.delete(socket));
}

/**
 * Before a server closes: a connection ends with the answer that is under way, and does not wait
 * for another request, nor for its first one, which Node.js would do for a minute.
 */
export function keepOpenNoMore(server: Server): void {
  for (const socket of unused.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
  server.keepAliveTimeout = 1;
  server.keepAliveTimeoutBuffer = 1;
}

/** Throws {@link PortTaken} if another program listens already. */
export function listen(server: Server, port: number, host: string): Promise<void> {
  keepOpen(server);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTaken(port) : error),
    );
    server.listen(port, host, () => resolve());
  });
}

/** Gives a service its probes and metrics. If they cannot be served, the service is closed. */
export async function withOperations<R extends { service: Service }>(
  running: R,
  { registry, ...c }: { PORT: number; HOST: string; registry: Registry } & OperatorsVariables,
): Promise<R> {
  const { service } = running;
  const { readiness } = service;
  const operations = await startOperations({
    port: c.PORT,
    host: c.HOST,
    registry,
    readiness,
    operators: operatorsOf(c),
  }).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
  const close = async () => {
    await service.close();
    await operations.close();
  };
  return { ...running, service: { readiness, close } };
}

interface Service {
  readiness: Readiness;
  close(): Promise<void>;
}
