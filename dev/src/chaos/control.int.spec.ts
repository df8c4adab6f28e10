import { ManualClock, systemTimers } from '@cliptally/contracts';
import type { ChaosState, Fault } from '@cliptally/contracts/api';
import { MemoryEventStore } from '@cliptally/event-store';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Chaos } from './chaos.js';
import { openControl, type Control } from './control.js';

const ORIGIN = 'http://127.0.0.1:8081';

describe('the control of a sample world', () => {
  const killed: string[] = [];
  const target = (name: string) => ({
    victim: {
      name,
      kill: async () => void killed.push(name),
      start: async () => {},
    },
    struck: () => `${name} was struck`,
  });
  let control: Control;
  let chaos: Chaos;
  let url: URL;
  beforeAll(async () => {
    control = await openControl();
    url = new URL(control.address);
    chaos = new Chaos({
      targets: { scraper: target('scraper'), nats: target('nats'), source: target('source') },
      log: new MemoryEventStore(),
      followers: { earnings: () => 0 },
      tables: async () => ({ position: 0, campaigns: [], lines: [] }),
      bills: () => [],
      clock: new ManualClock('2026-01-01T00:00:00Z'),
      timers: systemTimers,
      now: Date.now,
    });
  });
  afterAll(async () => {
    await chaos.close();
    await control.close();
  });

  const own = () => `Bearer ${url.hash.slice(1)}`;
  /** Without fetch, which sets the headers Host and Origin itself. */
  const ask = (
    method: string,
    path: string,
    headers: Record<string, string> = { authorization: own() },
    body?: string,
  ) =>
    new Promise<{
      status: number;
      headers: Record<string, unknown>;
      body: Record<string, unknown>;
    }>((resolve, reject) => {
      const { hostname, port } = url;
      request({ hostname, port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on(
          'end',
          () =>
            resolve({ status: response.statusCode!, headers: response.headers, body: JSON.parse(text) as Record<string, unknown> }), // prettier-ignore
        );
      })
        .on('error', reject)
        .end(body);
    });
  const press = (body: object, headers?: Record<string, string>) =>
    ask('POST', '/faults', headers, JSON.stringify(body));

  it('listens on loopback alone, has a token of 256 bits, and answers once the world runs', async () => {
    expect(control.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/);
    expect(await ask('GET', '/state')).toMatchObject({ status: 503 });
    control.serve(chaos, [ORIGIN]);
    expect((await ask('GET', '/state')).status).toBe(200);
  });

  it.each<[string, Record<string, string>, number]>([
    ['no token', {}, 401],
    ['another token', { authorization: 'Bearer nonsense' }, 401],
    ['the page of another site', { origin: 'http://evil.example' }, 403],
    ['a page of another port', { origin: 'http://127.0.0.1:8080' }, 403],
    ['a page from a file', { origin: 'null' }, 403],
    ['a name that was made to lead here', { host: 'evil.example' }, 421],
    ['a name of another port', { host: '127.0.0.1:1' }, 421],
  ])('refuses %s, and disturbs nothing', async (_, headers, status) => {
    const foreign = _.endsWith('token') ? headers : { authorization: own(), ...headers };
    const body = { id: randomUUID(), kind: 'nats', seconds: 5 };
    const answer = await press(body, foreign);
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(killed).toEqual([]);
  });

  it('lets the console ask, with a token and JSON', async () => {
    const preflight = await ask('OPTIONS', '/faults', {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });
    expect([preflight.status, preflight.headers]).toMatchObject([
      200,
      {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-headers': 'authorization, content-type',
        vary: 'origin',
      },
    ]);
    const { status, headers } = await ask('GET', '/state', { authorization: own(), origin: ORIGIN }); // prettier-ignore
    expect([status, headers['access-control-allow-origin']]).toEqual([200, ORIGIN]);
  });

  it.each([
    [{ kind: 'nats', seconds: 5 }, 422, /^id: /],
    [{ id: randomUUID(), kind: 'postgres', seconds: 5 }, 422, /^kind: /],
    [{ id: randomUUID(), kind: 'nats', seconds: 3_600 }, 422, /^seconds: .*60/],
    [{ id: randomUUID(), kind: 'nats', seconds: 0 }, 422, /^seconds: /],
    [{ id: randomUUID(), kind: 'nats', seconds: 5, for: 'ever' }, 422, /for/],
    [{ id: 'x'.repeat(5_000), kind: 'nats', seconds: 5 }, 413, /2000 bytes/],
  ])('refuses %j with the field', async (body, status, words) => {
    const answer = await press(body);
    expect([answer.status, answer.body['detail']]).toEqual([status, expect.stringMatching(words)]);
    expect(killed).toEqual([]);
  });

  it('begins a fault once, says what is under way, and judges once it is over', async () => {
    const body = { id: randomUUID(), kind: 'source', seconds: 1 };
    const first = await press(body);
    expect([first.status, first.body]).toMatchObject([200, { kind: 'source', overAt: null }]);
    expect((await press(body)).body['beganAt']).toBe(first.body['beganAt']);
    expect(await press({ ...body, id: randomUUID() })).toMatchObject({ status: 409 });
    expect(await ask('POST', '/check')).toMatchObject({ status: 409 });
    expect(killed).toEqual(['source']);
    const state = async () => (await ask('GET', '/state')).body as unknown as ChaosState;
    const verdict = await until('the verdict', async () => (await state()).verdict);
    expect(verdict).toMatchObject({ lost: 0, twice: 0, differs: 0, problem: null });
    const [fault] = (await state()).faults as [Fault];
    expect(fault.recoveredAt).toBeGreaterThanOrEqual(fault.overAt!);
    expect((await state()).lag.at(-1)).toMatchObject({ waiting: 0, behind: { earnings: 0 } });
    expect(await ask('POST', '/check')).toMatchObject({ status: 200 });
    expect((await state()).verdict).toBeNull();
    await until('another verdict', async () => (await state()).verdict);
  });

  it('has no other routes', async () => {
    expect((await ask('GET', '/')).status).toBe(404);
    expect((await ask('DELETE', '/faults')).status).toBe(404);
  });
});
