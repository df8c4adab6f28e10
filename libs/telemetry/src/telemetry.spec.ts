import { ManualClock, longLived, systemTimers } from '@cliptally/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { z } from 'zod';
import { ConfigurationError, fields, readConfiguration } from './configuration.js';
import { createLogger, secretsOf, withoutSecrets } from './logger.js';
import { counter, createRegistry, gauge, histogram, readMetrics, upGauge } from './metrics.js';
import { Readiness, faultsOf, keepOpenNoMore, listen, startOperations } from './operations.js';
import { OPEN } from './operators.js';
import { explain } from './explain.js';

const schema = z.object({
  DATABASE_URL: fields.databaseUrl(),
  NATS_URL: fields.natsUrl(),
  PORT: fields.port(8080),
  LINGER: fields.duration('2s'),
  CLOCK: fields.clock(),
  JWT_SECRET: fields.secret(8, 'a secret').optional(),
});
const good = { DATABASE_URL: 'postgres://u:p@h/d', NATS_URL: 'nats://h:4222' };

describe('configuration', () => {
  it('reads what is set, and takes an empty variable as not set', () => {
    expect(readConfiguration(schema, { ...good, PORT: ' ', LINGER: '15m' })).toMatchObject({
      PORT: 8080,
      LINGER: 900_000,
      NATS_URL: 'nats://h:4222',
    });
  });
  it('names every fault at once, and no value', () => {
    const faulty = {
      NATS_URL: 'http://user:hunter2@h',
      PORT: '70000',
      LINGER: 'soon',
      CLOCK: 'noon',
      JWT_SECRET: 'short',
    };
    try {
      readConfiguration(schema, faulty);
      throw new Error('not reached');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      const { faults, message } = error as ConfigurationError;
      expect(faults.map((fault) => /^\w+/.exec(fault)![0]).toSorted()).toEqual([
        'CLOCK',
        'DATABASE_URL',
        'JWT_SECRET',
        'LINGER',
        'NATS_URL',
        'PORT',
      ]);
      expect(message).not.toMatch(/hunter2|"short"/);
    }
  });
  it('refuses a foreign clock in production, and says so at once', () => {
    const sped = { CLOCK: '1767225600000@1767225600000x720' };
    const clock = z.object({ CLOCK: fields.clock() });
    expect(readConfiguration(clock, sped).CLOCK.speed).toBe(720);
    expect(() => readConfiguration(schema, { ...sped, NODE_ENV: 'production' })).toThrow(
      /^The configuration cannot be used:\n {2}- CLOCK is set: in production/,
    );
  });
});

describe('logs', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    service: 'test',
    clock: new ManualClock('2026-01-02T03:04:05Z'),
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
    secrets: secretsOf({
      APIFY_TOKEN: 'of-the-"account"',
      JWT_SECRET: 'of-the-api',
      PORT: '8080',
      NO_KEY: '',
      SOME_KEYS: '2026-01:first+of+several=,2026-02:second/of/several=',
    }),
  });
  it('are JSON lines with the simulated clock and the service', () => {
    log.info({ clips: 3 }, 'scraped');
    expect(lines.at(-1)).toMatchObject({
      time: '2026-01-02T03:04:05.000Z',
      service: 'test',
      level: 'info',
      clips: 3,
      msg: 'scraped',
    });
  });
  it('hold no secrets', () => {
    log.warn(
      {
        token: 's3cret',
        headers: { authorization: 'Bearer s3cret' },
        options: { db: { password: 's3cret' } },
      },
      'cannot reach postgres://user:s3cret@host/db',
    );
    expect(JSON.stringify(lines.at(-1))).not.toContain('s3cret');
    log.warn({ error: 'of 2026-01: first+of+several= and second/of/several=' }, 'x');
    expect(lines.at(-1)).toMatchObject({ error: 'of 2026-01: [secret] and [secret]' });
    expect(withoutSecrets('nats://a:b@h and https://h/x@y')).toBe(
      'nats://a:[secret]@h and https://h/x@y',
    );
  });
  it('hold no secrets in the text of an error, and stay JSON', () => {
    const cause = new Error(
      '401 for https://h/v2/runs?token=t0ken&limit=5, Authorization: Bearer eyJhbGciOiJI.eyJzdWIi.c2ln',
    );
    const error = new Error('refused: sk_live_51abc and {"APIFY":"of-the-"account""}', { cause });
    log.error(
      { err: error, error: `${error.stack} ${cause.stack}`, url: 'http://h', note: 'b:c@d' },
      'said of-the-api',
    );
    const line = JSON.stringify(lines.at(-1));
    for (const secret of ['t0ken', 'eyJ', '51abc', 'account', 'of-the-api'])
      expect([secret, line.includes(secret)]).toEqual([secret, false]);
    expect(lines.at(-1)).toMatchObject({ url: 'http://h', note: 'b:c@d', msg: 'said [secret]' });
    expect(line).toContain(
      'https://h/v2/runs?token=[secret]&limit=5, Authorization: Bearer [secret]',
    );
  });
});

describe('metrics', () => {
  it('count what a leak would be seen by', async () => {
    const registry = createRegistry('test');
    const value = async (name: string) =>
      (await registry.getSingleMetric(name)!.get()).values[0]!.value;
    const before = [
      await value('cliptally_abort_listeners'),
      await value('cliptally_pending_timers'),
    ];
    const stop = longLived();
    const sleeping = systemTimers.sleep(3_600_000, stop.signal);
    expect([
      await value('cliptally_abort_listeners'),
      await value('cliptally_pending_timers'),
    ]).toEqual(before.map((count) => count + 1));
    stop.abort();
    await sleeping;
    expect([
      await value('cliptally_abort_listeners'),
      await value('cliptally_pending_timers'),
    ]).toEqual(before);
  });
  it('are given without those that cannot be read', async () => {
    const registry = createRegistry('test');
    gauge(registry, 'there', 'Can be read.', () => 1);
    gauge(registry, 'refused', 'Cannot be read.', () => Promise.reject(new Error('gone')));
    gauge(registry, 'silent', 'Is never answered.', () => new Promise<number>(() => {}));
    upGauge(registry, 'answering', 'Answers.', () => Promise.resolve());
    upGauge(registry, 'failing', 'Fails.', () => Promise.reject(new Error('gone')));
    const text = await readMetrics(registry);
    expect(text).toContain('there{service="test"} 1');
    expect(text).toContain('answering{service="test"} 1');
    expect(text).toContain('failing{service="test"} 0');
    expect(text).not.toMatch(/^(refused|silent)/m);
    expect(text).toContain('process_start_time_seconds');
  });
  it('show a zero for every combination of labels before anything has happened', async () => {
    const registry = createRegistry('test');
    counter(registry, 'scrapes_total', 'Scrapes.', {
      platform: ['x', 'tiktok'],
      result: ['ok', 'failed'],
    });
    histogram(registry, 'scrape_seconds', 'Seconds.', { platform: ['x'] });
    const text = await registry.metrics();
    expect(text.match(/^scrapes_total\{.*\} 0$/gm)).toHaveLength(4);
    expect(text).toContain('scrape_seconds_bucket{le="300"');
  });
});

describe('probes', () => {
  const open: { close(): unknown }[] = [];
  afterAll(() => Promise.all(open.map((one) => one.close())));

  it('say alive, ready and what is missing', async () => {
    let fault: string | null = 'not connected';
    const readiness = new Readiness({ nats: () => fault });
    const operations = await startOperations({
      port: 0,
      host: '127.0.0.1',
      registry: createRegistry('test'),
      readiness,
      operators: OPEN,
    });
    open.push(operations);
    const get = (path: string) => fetch(`http://127.0.0.1:${operations.port}${path}`);
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    expect(await (await get('/readyz')).json()).toEqual({
      status: 'not ready',
      faults: { nats: 'not connected' },
    });
    fault = null;
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/other')).status).toBe(404);
    const text = await (await get('/metrics')).text();
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).toContain(
      'cliptally_http_requests_total{method="GET",route="/readyz",status="5xx",service="test"} 2',
    );
    expect(text).toContain(
      'cliptally_http_requests_total{method="other",route="other",status="4xx",service="test"} 1',
    );
    readiness.stop();
    expect(await (await get('/readyz')).json()).toEqual({
      status: 'not ready',
      faults: { shutdown: 'the service is stopping' },
    });
    expect((await get('/healthz')).status).toBe(200);
  });
  it('count a check that throws or never answers as a fault', async () => {
    const faults = await faultsOf({
      broken: () => Promise.reject(new Error('gone')),
      silent: () => new Promise<null>(() => {}),
      fine: () => null,
    });
    expect(faults).toEqual({ broken: 'gone', silent: 'did not answer within 2 s' });
  });
  it('keep a connection open for longer than its other end does, and no longer than their own end', async () => {
    const server = createServer((_, response) => void setImmediate(() => response.end('answer')));
    await listen(server, 0, '127.0.0.1');
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    expect((await fetch(url)).headers.get('keep-alive')).toBe('timeout=75');
    const asked = new Promise<void>((resolve) => server.once('request', () => resolve()));
    const answer = fetch(url);
    await asked;
    keepOpenNoMore(server);
    const closed = new Promise((resolve) => server.close(resolve));
    expect(await (await answer).text()).toBe('answer');
    await closed;
  });
  it('do not wait for connections that a browser opened ahead of its requests', async () => {
    const server = createServer((_, response) => response.end('answer'));
    await listen(server, 0, '127.0.0.1');
    const { port } = server.address() as { port: number };
    const accepted = new Promise((resolve) => server.once('connection', resolve));
    const socket = connect(port, '127.0.0.1');
    await accepted;
    const ended = new Promise((resolve) => socket.once('close', resolve).resume());
    keepOpenNoMore(server);
    await new Promise((resolve) => server.close(resolve));
    await ended;
  });
  it('say which port is taken, and what to do', async () => {
    const server = createServer();
    await listen(server, 0, '127.0.0.1');
    open.push(server);
    const { port } = server.address() as { port: number };
    await expect(
      startOperations({
        port,
        host: '127.0.0.1',
        registry: createRegistry('test'),
        readiness: new Readiness({}),
        operators: OPEN,
      }),
    ).rejects.toThrow(`Port ${port} is in use by another program; stop it or set PORT`);
  });
});

describe('what a process prints when it cannot start', () => {
  it.each([
    [Object.assign(new Error('No NATS here.'), { expected: true }), /^No NATS here\.$/],
    [
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      /^A server does not answer \(ECONNREFUSED\)/,
    ],
    [
      new Error('Connection terminated unexpectedly'),
      /^A server does not answer \(Connection terminated unexpectedly\)/,
    ],
    [
      Object.assign(new Error('deadlock detected'), { code: '40P01' }),
      /^PostgreSQL did not carry it out \(deadlock detected\)/,
    ],
    [
      Object.assign(new Error('password authentication failed'), { code: '28P01' }),
      /^PostgreSQL refuses DATABASE_URL: password/,
    ],
    [
      Object.assign(new Error('relation "events" does not exist'), { code: '42P01' }),
      /run tools\/ops\/dist\/main\.js migrate on it first\.$/,
    ],
    [
      Object.assign(new Error('permission denied'), { code: '42501' }),
      /: use the owner of the tables\.$/,
    ],
    [
      Object.assign(new Error('shut down'), { name: 'StoreUnavailable' }),
      /^The log does not answer \(shut down\): run the same/,
    ],
    [
      Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' }),
      /cannot be used \(ENOSPC: no space/,
    ],
    [
      Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' }),
      /^The file is not a whole gzip file/,
    ],
    [
      new TypeError('undefined is not\na function'),
      /^A defect .*\(TypeError: undefined is not a function\): run it again with CLIPTALLY_STACK=1/,
    ],
    ['a string', /^A defect .*it threw a string/],
  ])('%s', (error, said) => {
    expect(explain(error, {})).toMatch(said);
    expect(explain(error, {})).not.toContain('\n');
  });
  it('is the place in the code as well if somebody asks for it', () => {
    expect(explain(new TypeError('undefined is not a function'), { CLIPTALLY_STACK: '1' })).toMatch(
      /\n\s+at /,
    );
  });
});
