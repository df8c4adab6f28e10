import { until } from '@cliptally/dev/servers';
import { CLOSED } from '@cliptally/telemetry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import type { Role } from '@cliptally/contracts/api';
import { startApiWorld } from '../testing/api-world.js';

/** What is sent over a connection of its own, and what has come back so far. */
function talk(port: number) {
  const socket: Socket = connect(port, '127.0.0.1');
  let text = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (part) => (text += part));
  socket.on('error', () => {}).on('close', () => (closed = true));
  return {
    send: (...lines: string[]) => socket.write(lines.join('\r\n')),
    answered: (what: string) => until(what, async () => text.includes(what)),
    get text() {
      return text;
    },
    get closed() {
      return closed;
    },
    end: () => socket.destroy(),
  };
}

describe('what strangers and many send', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld({ apifyWebhookSecret: 'the secret that Apify has' });
  });
  afterAll(() => world.close());
  const head = (path: string, ...headers: string[]) => [
    `POST ${path} HTTP/1.1`,
    'host: api',
    'content-type: application/json',
    ...headers,
    '',
    '',
  ];

  it('150 strangers are refused before one byte of a body is there, at every way in', async () => {
    const ways = ['/clips', '/payouts/transfers.csv', '/webhooks/apify', '/webhooks/stripe', '/x'];
    const talks = Array.from({ length: 150 }, (_, nth) => {
      const one = talk(world.service.port);
      // The body never comes: what waits for it never answers.
      one.send(...head(ways[nth % ways.length]!, 'content-length: 2000000'));
      return one;
    });
    for (const one of talks) await one.answered('HTTP/1.1 4');
    const statuses = talks.map(({ text }) => Number(text.slice(9, 12)));
    expect(new Set(statuses)).toEqual(new Set([401, 404]));
    for (const { text } of talks) expect(text).toMatch(/^connection: close/im);
    await until('their connections end', async () => talks.every(({ closed }) => closed));
  });

  it('who asks whether a body is wanted learns it only with a token and a role', async () => {
    const ask = async (as: [Role, string] | null) => {
      const one = talk(world.service.port);
      const token = as && `authorization: Bearer ${await world.tokenOf(as)}`;
      one.send(
        ...head('/campaigns', ...(token ? [token] : []), 'content-length: 2', 'expect: 100-continue'), // prettier-ignore
      );
      return one;
    };
    const stranger = await ask(null);
    await stranger.answered('401 Unauthorized');
    const creator = await ask(['creator', 'ann']);
    await creator.answered('403 Forbidden');
    const brand = await ask(['brand', 'acme']);
    await brand.answered('100 Continue');
    brand.send('{}');
    await brand.answered('400 Bad Request');
    for (const one of [stranger, creator]) expect(one.text).not.toContain('100 Continue');
    brand.end();
  });

  it('a body that is larger than it may be is refused by its size, and not read', async () => {
    const one = talk(world.service.port);
    const token = `authorization: Bearer ${await world.tokenOf(['brand', 'acme'])}`;
    one.send(...head('/campaigns', token, 'content-length: 200000'));
    await one.answered('413 ');
    expect(one.text).toMatch(/^connection: close/im);
  });

  it('a request whose headers do not come is cut off', async () => {
    const one = talk(world.service.port);
    one.send('POST /clips HTTP/1.1', 'host: api', 'x-slow: ');
    await until('the end of its connection', async () => one.closed);
    expect(one.text).toContain('408');
  }, 90_000);

  it('a hundred lists of one caller are all answered, and so are those of others between them', async () => {
    const order: string[] = [];
    const ask = (subject: string) =>
      world.get('/clips', { as: ['creator', subject] }).then(({ status }) => {
        order.push(subject);
        return status;
      });
    const greedy = Array.from({ length: 100 }, () => ask('greedy'));
    const others = Array.from({ length: 10 }, (_, nth) => ask(`other-${nth}`));
    expect(new Set(await Promise.all([...greedy, ...others]))).toEqual(new Set([200]));
    const last = Math.max(...order.flatMap((who, at) => (who === 'greedy' ? [] : [at])));
    expect(order.slice(last).filter((who) => who === 'greedy').length).toBeGreaterThan(0);
  });

  it('a key holds across the spellings of an address: another spelling does nothing', async () => {
    const as: [Role, string] = ['brand', 'acme'];
    const campaign = world.terms({ name: 'Once' });
    const sent = { as, key: 'once', body: campaign };
    const { body } = await world.send('POST', '/campaigns', sent);
    const id = body.campaignId as string;
    await world.send('POST', `/campaigns/${id}/top-up`, { as, key: 'top', body: { amount: 7 } });
    const before = await world.store.head();
    for (const [path, key, again] of [
      ['/campaigns', 'once', campaign],
      [`/campaigns/${id}/top-up`, 'top', { amount: 7 }],
    ] as const)
      for (const spelling of [
        path,
        `/${path}`,
        `${path}/`,
        `${path};x`,
        `${path}?`,
        `${path}%20`,
        path.toUpperCase(),
        path.replace('/c', '/%63'),
        path.replace('/c', '/C'),
        path.replace(id, id.replace('c-', '%63-')),
        path.replace('campaigns/', 'campaigns//'),
        path.replace('campaigns', 'campaigns/.'),
        path.replace('/campaigns', '/x/../campaigns'),
        path.replace('/campaigns', '/x/%2e%2e/campaigns'),
        path.replace('/campaigns', '/%2e/campaigns'),
      ]) {
        const one = talk(world.service.port);
        const content = JSON.stringify(again);
        one.send(
          ...head(
            spelling,
            `authorization: Bearer ${await world.tokenOf(as)}`,
            `idempotency-key: ${key}`,
            `content-length: ${content.length}`,
          ),
        );
        one.send(content);
        await one.answered('HTTP/1.1 ');
        const known = spelling === path || spelling === `${path}?`;
        expect(`${spelling} ${one.text.slice(9, 12)}`).toMatch(known ? / 20[01]$/ : / 40[04]$/);
        one.end();
      }
    expect(await world.store.head()).toBe(before);
  });

  it('metrics are for Prometheus and admins, by the name of no other host', async () => {
    const operators = { ...CLOSED, metricsToken: 'the token of Prometheus' };
    await world.restart(async () => {}, { operators });
    const metrics = async (as: [Role, string] | null, headers: Record<string, string> = {}) =>
      (await world.get('/metrics', { as, headers })).status;
    expect(await metrics(null)).toBe(401);
    expect(await metrics(null, { authorization: 'Bearer the token of Prometheus' })).toBe(200);
    expect(await metrics(['creator', 'ann'])).toBe(403);
    expect(await metrics(['admin', 'root'])).toBe(200);
    const one = talk(world.service.port);
    one.send('GET /metrics HTTP/1.1', 'host: evil.example', 'authorization: Bearer the token of Prometheus', '', ''); // prettier-ignore
    await one.answered('403 Forbidden');
    one.end();
  });
});
