import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  url: URL;
  headers: IncomingHttpHeaders;
}
export type Answers =
  { status?: number; headers?: Record<string, string>; body: unknown } | 'reset';

/** An API of JSON over HTTP that keeps what it was asked, and answers as a test wants. */
export async function startHttpApi(answer: (asked: Asked, count: number) => Answers) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const one = { url: new URL(request.url ?? '/', 'http://api'), headers: request.headers };
    const given = answer(one, asked.push(one));
    if (given === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(given.status ?? 200, {
      'content-type': 'application/json',
      ...given.headers,
    });
    response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise<void>((resolve) => server.close(() => resolve()) && server.closeAllConnections()),
  };
}
