import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { People } from './people.js';

const bodyOf = async (request: IncomingMessage) =>
  JSON.parse((await request.toArray()).join('') || '{}') as Record<string, unknown>;

describe('people of the sample world', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  /** What they ask for, as who; `refuses` says which of it is answered 409. */
  async function start(payable: number, refuses: (path: string) => boolean = () => false) {
    const seen: string[] = [];
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const { method, url, headers } = request;
      const { campaignId: _, ...body } = await bodyOf(request);
      const path = url!.replace(/(tiktok|youtube|instagram|x|facebook)-[^/]+/, 'clip');
      const who = headers.authorization!.split(' ')[1];
      if (method === 'POST') seen.push([who, path, body['creatorId'] ?? body['amount']].join(' '));
      const balances = [{ currency: 'USD', payable }];
      response.writeHead(refuses(path) ? 409 : 200).end(JSON.stringify({ balances }));
    };
    const server = createServer((request, response) => void answer(request, response));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const people = new People(address, { admin: 'admin', brand: 'brand', creator: 'creator' });
    return { people, seen };
  }

  const SUBMITTED = ['00', '02', '03', '04', '05'].map((nth) => `admin /clips creator-${nth}`);

  it('submit each day, and disagree on the first one', async () => {
    const { people, seen } = await start(0);
    await people.act(0);
    expect(seen.splice(0)).toEqual([
      ...SUBMITTED,
      'admin /clips creator-00',
      'brand /clips/clip/reject ',
      'creator /clips/clip/appeal ',
      'admin /clips creator-00',
      'brand /clips/clip/approve ',
      'admin /clips/clip/hold ',
    ]);
    await people.act(0);
    expect(seen).toEqual([]);
    await people.act(1);
    expect(seen).toEqual(SUBMITTED);
  });

  it('go on with something else if the API refuses', async () => {
    const { people, seen } = await start(0, (path) => path === '/clips');
    await people.act(0);
    expect(seen).toEqual([...SUBMITTED, SUBMITTED[0], SUBMITTED[0]]);
  });

  it('ask once for what can be paid', async () => {
    const { people, seen } = await start(1_234);
    await people.act(0);
    await people.act(0);
    expect(seen.filter((line) => line.includes('payout'))).toEqual(
      ['07', '23', '25'].flatMap((nth) => [
        `admin /creators/creator-${nth}/payout-account `,
        `admin /payouts creator-${nth}`,
      ]),
    );
  });
});
