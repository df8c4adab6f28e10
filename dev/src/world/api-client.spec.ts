import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from './api-client.js';

describe('the client of the sample world', () => {
  let server: Server | undefined;
  afterEach(
    () => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())),
  );

  it('reads the location of a 202 until it is there, before it approves the clip', async () => {
    const seen: string[] = [];
    server = createServer(({ method, url }, response) => {
      seen.push(`${method} ${url}`);
      const reads = seen.filter((line) => line.startsWith('GET')).length;
      const location = '/clips/youtube-dQw4w9WgXcQ';
      const [status, body] =
        method === 'GET'
          ? [reads < 2 ? 404 : 200, {}]
          : url === '/clips'
            ? [202, { clipId: 'youtube-dQw4w9WgXcQ', location }]
            : [reads < 2 ? 404 : 200, {}];
      response.writeHead(status as number, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const client = new ApiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 't');
    const clip = { url: 'https://youtu.be/dQw4w9WgXcQ', campaignId: 'c', creatorId: 'a' };
    expect(await client.submitAndApprove(clip)).toBe(true);
    expect(seen).toEqual([
      'POST /clips',
      'GET /clips/youtube-dQw4w9WgXcQ',
      'GET /clips/youtube-dQw4w9WgXcQ',
      'POST /clips/youtube-dQw4w9WgXcQ/approve',
    ]);
  });
});
