import type { Role } from '@cliptally/contracts/api';
import { listen } from '@cliptally/telemetry';
import { execFileSync } from 'node:child_process';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { SECRET, startApiWorld } from '../../../services/earnings/src/testing/api-world.js';

export const BUILT = fileURLToPath(
  new URL('../../../services/earnings/dist/pages/console/', import.meta.url),
);
const BUILD = fileURLToPath(new URL('../../build.mjs', import.meta.url));

/** Bundles the pages as they are now. */
export const buildPages = (): void => void execFileSync(process.execPath, [BUILD]);

/**
 * What the network does with requests to the API: `slow` holds them until it ends, `late` for two
 * seconds; `busy` wants to be asked again after two.
 */
export type Network = 'ok' | 'down' | 'slow' | 'late' | 'busy' | 'failing' | 'unauthorized';
const LATE_MS = 2_000;
export const BUSY_S = 2;
export type ConsoleWorld = Awaited<ReturnType<typeof startConsoleWorld>>;

/**
 * Earnings with its API and the console, and before both a network that can fail: then the API has
 * gone, and the console's files are there still.
 */
export async function startConsoleWorld(options: Parameters<typeof startApiWorld>[0] = {}) {
  const api = await startApiWorld(options);
  let network: Network = 'ok';
  const held = new Set<() => void>();
  /** Change feeds that are open: they end with the network. */
  const streams = new Set<ServerResponse>();
  /** Where each change feed was to go on. */
  const resumedFrom: (string | undefined)[] = [];
  /** When a request was refused, to wait. */
  const refusedAt: number[] = [];
  /** What the feeds have said, in order. */
  const said: { position: number; kinds: string[] }[] = [];
  /** Tokens that the API has seen, and those of them that it takes no more. */
  const seen = new Set<string>();
  const refused = new Set<string>();

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const { hostname, port } = new URL(api.service.url);
    const { method, url: path } = request;
    // Each request by a connection of its own: one that is kept may be closed at the other end.
    const headers = { ...request.headers, connection: 'close' };
    const onwards = ask({ hostname, port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      if (path === '/changes') record(answer, said);
      answer.pipe(response);
    });
    onwards.on('error', () => response.destroy());
    response.on('close', () => onwards.destroy());
    request.pipe(onwards);
  }

  const server = createServer((request, response) => {
    if (/^\/console\b/.test(request.url!)) return pass(request, response);
    if (network === 'down') return void request.socket.destroy();
    const { authorization = '' } = request.headers;
    seen.add(authorization);
    if (network === 'unauthorized' || refused.has(authorization))
      return json(response, 401, {
        code: 'unauthorized',
        detail: 'The token has expired; get a new one.',
      });
    if (network === 'failing')
      return json(response, 500, {
        code: 'internal',
        detail: 'Something failed: try again later.',
      });
    if (network === 'busy') {
      refusedAt.push(Date.now());
      response.setHeader('retry-after', BUSY_S);
      return json(response, 429, {
        code: 'too_many_requests',
        detail: 'Too many requests at once.',
      });
    }
    if (network === 'late') return void setTimeout(() => pass(request, response), LATE_MS);
    if (network === 'slow') return void held.add(() => pass(request, response));
    if (request.url === '/changes') {
      resumedFrom.push(request.headers['last-event-id'] as string | undefined);
      streams.add(response);
      response.on('close', () => streams.delete(response));
    }
    pass(request, response);
  });
  await listen(server, 0, '127.0.0.1');

  let tokens = 0;
  return {
    api,
    resumedFrom,
    refusedAt,
    said,
    /** Another token for somebody each time, as a provider would give. */
    token: ([role, subject]: [Role, string]): Promise<string> =>
      new SignJWT({ role, nth: ++tokens })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setExpirationTime('36500d')
        .sign(new TextEncoder().encode(SECRET)),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    network(next: Network): void {
      network = next;
      if (next === 'down') for (const stream of streams) stream.destroy();
      if (next === 'slow') return;
      for (const go of held) go();
      held.clear();
    },
    /** As if they had ended. */
    refuseTokensUntilNow(): void {
      for (const token of seen) refused.add(token);
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await api.close();
    },
  };
}

function record(stream: IncomingMessage, said: { position: number; kinds: string[] }[]): void {
  let text = '';
  stream.on('data', (part: Buffer) => {
    const frames = (text += part.toString()).split('\n\n');
    text = frames.pop()!;
    for (const frame of frames)
      if (/^event: ?changes$/m.test(frame))
        said.push(JSON.parse(/^data: ?(.*)$/m.exec(frame)![1]!) as (typeof said)[number]);
  });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
