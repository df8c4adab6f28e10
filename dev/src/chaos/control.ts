import { FaultBody } from '@cliptally/contracts/api';
import { listen } from '@cliptally/telemetry';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Chaos } from './chaos.js';
import { Refused } from './faults.js';

type Served = Pick<Chaos, 'state' | 'begin' | 'check'>;

export interface Control {
  /** Where it listens; its token is behind the "#", as in a sign-in link. */
  address: string;
  /** From here on it answers, and pages of these origins may ask. */
  serve(chaos: Served, origins: readonly string[]): void;
  close(): Promise<void>;
}

class Answer extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

const MOST_BYTES = 2_000;

/**
 * The control of a sample world, on loopback alone, for who has its token. A page of another origin
 * is refused, and so is a name that somebody has made to lead here.
 */
export async function openControl(): Promise<Control> {
  const token = randomBytes(32).toString('base64url');
  let served: { chaos: Served; origins: readonly string[] } | null = null;
  let hosts: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<object> {
    const { method, url, headers } = request;
    if (!hosts.includes(headers.host ?? ''))
      throw new Answer(421, `This is ${hosts[0]}, and no other name.`);
    const { origin } = headers;
    response.setHeader('vary', 'origin');
    if (origin !== undefined) {
      if (!served?.origins.includes(origin))
        throw new Answer(403, 'Only the console of this sample world may ask.');
      response.setHeader('access-control-allow-origin', origin);
    }
    if (method === 'OPTIONS') {
      response.setHeader('access-control-allow-headers', 'authorization, content-type');
      response.setHeader('access-control-allow-methods', 'GET, POST');
      response.setHeader('access-control-max-age', '600');
      return {};
    }
    if (!isSame(headers.authorization ?? '', `Bearer ${token}`))
      throw new Answer(401, 'This takes the token of this npm start; load the console again.');
    if (!served) throw new Answer(503, 'The sample world is still starting.');
    return act(`${method} ${url}`, await bodyOf(request), served.chaos);
  }

  const server = createServer((request, response) => {
    response.setHeader('cache-control', 'no-store');
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    answer(request, response).then(
      (body) => send(200, body),
      (error: Error) =>
        send(error instanceof Answer ? error.status : 500, { detail: error.message }),
    );
  });
  await listen(server, 0, '127.0.0.1');
  server.unref();
  const { port } = server.address() as AddressInfo;
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return {
    address: `http://${hosts[0]}/#${token}`,
    serve: (chaos, origins) => (served = { chaos, origins }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function act(route: string, body: unknown, chaos: Served): Promise<object> {
  try {
    if (route === 'GET /state') return chaos.state();
    if (route === 'POST /faults') {
      const parsed = FaultBody.safeParse(body);
      if (!parsed.success) {
        const { path, message } = parsed.error.issues[0]!;
        throw new Answer(422, `${path.join('.') || 'body'}: ${message}`);
      }
      return await chaos.begin(parsed.data);
    }
    if (route === 'POST /check') {
      await chaos.check();
      return chaos.state();
    }
  } catch (error) {
    if (error instanceof Refused) throw new Answer(409, error.message);
    throw error;
  }
  throw new Answer(404, 'There are GET /state, POST /faults and POST /check.');
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > MOST_BYTES) throw new Answer(413, `At most ${MOST_BYTES} bytes.`);
  }
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new Answer(400, 'The body is not valid JSON.');
  }
}

function isSame(given: string, own: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(own)];
  return a.length === b.length && timingSafeEqual(a, b);
}
