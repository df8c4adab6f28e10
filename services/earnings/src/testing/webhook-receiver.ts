import http, {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pinnedPost, type WebhookNetwork } from '../webhooks/index.js';

export interface Received {
  path: string;
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** What it was answered with. */
  status: number;
}

/** Stands for every name of the tests; nothing connects to it. */
const PUBLIC = '93.184.216.34';

/** A receiver of webhooks, and the network in which every https address leads to it. */
export async function startReceiver() {
  const received: Received[] = [];
  const pinned: string[] = [];
  let answer: (request: Omit<Received, 'status'>) => number | null = () => 204;
  let slowness = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => take(request, response, Buffer.concat(parts).toString()));
  });
  function take(request: IncomingMessage, response: ServerResponse, body: string): void {
    const id = String(request.headers['webhook-id']);
    const one = { path: request.url!, id, headers: request.headers, body };
    const status = answer(one);
    received.push({ ...one, status: status ?? 0 });
    if (status === null) request.socket.destroy();
    else setTimeout(() => respond(response, status), slowness);
  }
  const respond = (response: ServerResponse, status: number) =>
    response.writeHead(status, { 'retry-after': '1' }).end('a body that nobody reads');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const names = new Map<string, readonly string[]>();
  const network: WebhookNetwork = {
    mail: null,
    lookup: async (host) => names.get(host) ?? [PUBLIC],
    post: pinnedPost((url, { lookup, ...options }) => {
      lookup!(url.hostname, {}, (_, address) => pinned.push(address as string));
      return http.request({
        ...options,
        protocol: 'http:',
        hostname: '127.0.0.1',
        path: url.pathname,
        port,
      });
    }),
  };
  return {
    network,
    received,
    /** The address that each request would have gone to. */
    pinned,
    /** What a host leads to; {@link PUBLIC} for all others. */
    names,
    /** Null: the connection breaks. */
    answerWith: (how: typeof answer): void => void (answer = how),
    /** It has what is sent, and answers later. */
    answerAfter: (ms: number): void => void (slowness = ms),
    accepted: (path?: string) =>
      received.filter((one) => one.status === 204 && (path === undefined || one.path === path)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
