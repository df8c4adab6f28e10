import { afterEach, describe, expect, it } from '@jest/globals';
import http, { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pinnedRequest } from './pinned-request.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/**
 * The real requester, over plain HTTP to a local server: the name it is asked for exists nowhere.
 */
async function over(answer: RequestListener) {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return pinnedRequest((url, options) =>
    http.request({
      ...options,
      protocol: 'http:',
      hostname: url.hostname,
      path: url.pathname + url.search,
      port,
    }),
  );
}

const url = new URL('https://vm.cliptally.invalid/ZMabc1234?x=1');
const never = new AbortController().signal;

describe('a pinned request', () => {
  it('goes to the address given, under the name in the link, and follows nothing', async () => {
    const seen: (string | undefined)[] = [];
    const request = await over(({ method, url, headers }, response) => {
      seen.push(method, url, headers.host, headers.cookie, headers.authorization);
      response
        .writeHead(302, { location: 'https://www.tiktok.com/@/video/7301234567890123456' })
        .end();
    });
    expect(await request(url, ['127.0.0.1'], never)).toEqual({
      status: 302,
      location: 'https://www.tiktok.com/@/video/7301234567890123456',
    });
    expect(seen).toEqual([
      'GET',
      '/ZMabc1234?x=1',
      expect.stringContaining('vm.cliptally.invalid'),
      undefined,
      undefined,
    ]);
  });

  it('tries the next address if one does not answer', async () => {
    const request = await over((_, response) => response.writeHead(404).end());
    expect(await request(url, ['::1', '127.0.0.1'], never)).toEqual({
      status: 404,
      location: undefined,
    });
  });

  it('reads no body, however long it is, and closes the connection', async () => {
    let closed: () => void;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    const request = await over((_, response) => {
      response.once('close', () => closed());
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(await request(url, ['127.0.0.1'], never)).toEqual({ status: 200, location: undefined });
    await closing;
  });

  it('refuses a head of more than 16 KiB', async () => {
    const request = await over((_, response) =>
      response.writeHead(302, { location: `https://x.com/${'a'.repeat(20_000)}` }).end(),
    );
    await expect(request(url, ['127.0.0.1'], never)).rejects.toMatchObject({
      code: 'HPE_HEADER_OVERFLOW',
    });
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const request = await over(() => controller.abort());
    await expect(request(url, ['127.0.0.1'], controller.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('rejects with the code of the network if nobody listens', async () => {
    const request = await over((_, response) => response.end());
    await new Promise((resolve) => server.close(resolve));
    await expect(request(url, ['127.0.0.1'], never)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
