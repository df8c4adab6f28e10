import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from './api-client.js';

describe('the client of the sample world', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  const clip = { url: 'https://youtu.be/dQw4w9WgXcQ', campaignId: 'c', creatorId: 'a' };
  const GET = 'GET /clips/youtube-dQw4w9WgXcQ';
  const APPROVE = 'POST /clips/youtube-dQw4w9WgXcQ/approve';
  const location = '/clips/youtube-dQw4w9WgXcQ';

  /** Answers each request by the next of its line; the last one is repeated. */
  async function clientOf(answers: Record<string, [status: number, body?: object][]>) {
    const seen: string[] = [];
    const server = createServer(({ method, url }, response) => {
      const line = `${method} ${url}`;
      seen.push(line);
      const left = answers[line]!;
      const [status, body = {}] = left.length > 1 ? left.shift()! : left[0]!;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { client: new ApiClient(url, 't'), seen };
  }

  it('reads the location of a 202 until it is there, before it approves the clip', async () => {
    const { client, seen } = await clientOf({
      'POST /clips': [[202, { location }]],
      [GET]: [[404], [503], [200]],
      [APPROVE]: [[200]],
    });
    expect(await client.submitAndApprove(clip)).toBe(true);
    expect(seen).toEqual(['POST /clips', GET, GET, GET, APPROVE]);
  });

  it('sends again what a busy service has put off', async () => {
    const { client, seen } = await clientOf({
      'POST /clips': [[503], [429], [409, { code: 'busy' }], [201]],
      [APPROVE]: [[503], [200]],
    });
    expect(await client.submitAndApprove(clip)).toBe(true);
    expect(seen).toHaveLength(6);
  });

  it('leaves a clip that its campaign does not take any more', async () => {
    const { client } = await clientOf({ 'POST /clips': [[409]], [APPROVE]: [[404]] });
    expect(await client.submitAndApprove(clip)).toBe(false);
    const other = await clientOf({ 'POST /clips': [[201]], [APPROVE]: [[404]] });
    await expect(other.client.submitAndApprove(clip)).rejects.toThrow('was answered 404');
  });
});
