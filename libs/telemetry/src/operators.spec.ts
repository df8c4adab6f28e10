import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { ConfigurationError, fields, readConfiguration } from './configuration.js';
import { isLoopback } from './loopback.js';
import { CLOSED, OPEN, OperatorsGate, operatorsOf, operatorsVariables } from './operators.js';

const TOKEN = 'the token of Prometheus';

describe('the gate of operators', () => {
  const request = (authorization?: string, host = '10.0.0.7:8080') =>
    ({ headers: { host, authorization }, socket: { remoteAddress: '127.0.0.1' } }) as unknown as IncomingMessage; // prettier-ignore
  const coded = (code: string) => Object.assign(new Error(`It is ${code}.`), { code });
  const adminOf = async (authorization: string | undefined) => {
    if (authorization === 'Bearer root') return 'root';
    throw coded(authorization === 'Bearer brand' ? 'forbidden' : 'unauthorized');
  };
  const statusOf = async (asked: Promise<object | null>) =>
    ((await asked) as { status?: number } | null)?.status ?? 200;

  it('lets in to metrics who has the token of metrics or of an admin, and to figures an admin alone', async () => {
    const gate = new OperatorsGate({ ...CLOSED, metricsToken: TOKEN }, '0.0.0.0', adminOf);
    const asked = [undefined, `Bearer ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN, 'Bearer root', 'Bearer brand']; // prettier-ignore
    const to = (what: 'toMetrics' | 'toFigures') =>
      Promise.all(asked.map((given) => statusOf(gate[what](request(given)))));
    expect(await to('toMetrics')).toEqual([401, 200, 401, 401, 200, 403]);
    expect(await to('toFigures')).toEqual([401, 401, 401, 401, 200, 403]);
  });

  it('is closed to all if nobody was named, and says what to send', async () => {
    const refused = await new OperatorsGate(CLOSED, '0.0.0.0').toMetrics(request());
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(refused!.detail).toContain('METRICS_TOKEN');
  });

  it('passes on that keys cannot be had, and a defect as one', async () => {
    const broken = (error: Error) =>
      new OperatorsGate(CLOSED, '0.0.0.0', async () => {
        throw error;
      }).toFigures(request());
    expect(await broken(coded('keys_unavailable'))).toMatchObject({ status: 503 });
    await expect(broken(new TypeError('a defect'))).rejects.toThrow('a defect');
  });

  it.each(['0.0.0.0', '::', '10.1.2.3', 'monitor', '128.0.0.1'])(
    'is not opened on %s, which others reach',
    (host) => {
      expect(() => new OperatorsGate(OPEN, host)).toThrow(ConfigurationError);
    },
  );

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('may be open on %s', async (host) => {
    const gate = new OperatorsGate(OPEN, host);
    expect(isLoopback(host)).toBe(true);
    expect(await gate.toFigures(request(undefined, 'localhost:8080'))).toEqual({ caller: '127.0.0.1' }); // prettier-ignore
  });

  // As the dev servers of webpack and Vite were read by pages of other hosts (CVE-2025-24010).
  it('answers no foreign host: an address cannot be pointed at us, a name can', async () => {
    const gates = {
      open: new OperatorsGate({ ...OPEN, hosts: ['ops.example'] }, '127.0.0.1'),
      closed: new OperatorsGate({ ...CLOSED, hosts: ['ops.example'] }, '0.0.0.0', adminOf),
    };
    const hosts = {
      'localhost:8080': [true, true],
      LOCALHOST: [true, true],
      '127.0.0.1:8080': [true, true],
      '[::1]:8080': [true, true],
      'OPS.example:443': [true, true],
      '10.0.0.7:8080': [false, true],
      'evil.example': [false, false],
      'localhost.evil.example': [false, false],
      'ops.example.evil.example': [false, false],
      '127.0.0.1.evil.example': [false, false],
      'localhost@evil.example': [false, false],
      '': [false, false],
    };
    const answered = (gate: OperatorsGate, host: string) =>
      gate.foreignHost(request('Bearer root', host)) === null;
    for (const [host, [open, closed]] of Object.entries(hosts))
      expect([host, answered(gates.open, host), answered(gates.closed, host)]).toEqual([host, open, closed]); // prettier-ignore
    expect(await gates.closed.toMetrics(request('Bearer root', 'evil.example'))).toMatchObject({
      status: 403,
      detail: expect.stringContaining('ALLOWED_HOSTS'),
    });
  });

  it('is set by the environment', () => {
    const schema = z.object({ ...fields.listening(8080), ...operatorsVariables() });
    const read = (env: Record<string, string>) => operatorsOf(readConfiguration(schema, env));
    expect(read({})).toEqual({ open: false, metricsToken: undefined, hosts: [] });
    expect(
      read({ OPERATORS_ACCESS: 'open', METRICS_TOKEN: TOKEN, ALLOWED_HOSTS: 'a.example, monitor' }),
    ).toEqual({ open: true, metricsToken: TOKEN, hosts: ['a.example', 'monitor'] });
    const example = { ...readConfiguration(schema, { METRICS_TOKEN: 'for-a-try-metrics-token' }) };
    expect(() => operatorsOf(example, { NODE_ENV: 'production' })).toThrow('openssl rand -hex 32');
    expect(operatorsOf(example, {})).toMatchObject({ open: false });
    expect(() => read({ ALLOWED_HOSTS: 'https://a.example', METRICS_TOKEN: 'short' })).toThrow(
      /METRICS_TOKEN[^]*ALLOWED_HOSTS/,
    );
  });
});
