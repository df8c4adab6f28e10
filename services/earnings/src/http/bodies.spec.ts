import { systemTimers } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Bodies } from './bodies.js';

describe('bodies that are being read', () => {
  const response = {} as Response;
  let late = () => {};
  const timers = { ...systemTimers, after: (_: number, work: () => void) => ((late = work), () => {}) }; // prettier-ignore
  /** A request whose body comes as the test writes it. */
  function request(length: number, headers: Record<string, string> = {}) {
    const stream = new PassThrough();
    const given = { 'content-type': 'application/json', 'content-length': String(length) };
    const asked = Object.assign(stream, { headers: { ...given, ...headers } });
    return asked as unknown as Request & PassThrough;
  }

  it('have a share of memory, of which one sender has a part', async () => {
    const bodies = new Bodies({ all: 30_000, sender: 20_000 }, timers);
    const first = request(15_000);
    const reading = bodies.read('json', 'ann', first, response);
    await expect(bodies.read('json', 'ann', request(10_000), response)).rejects.toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
    });
    void bodies.read('json', 'bob', request(14_000), response);
    expect(bodies.reading).toBe(29_000);
    await expect(bodies.read('json', 'eve', request(2), response)).rejects.toMatchObject({
      status: 429,
    });
    first.end(`{"a":"${'x'.repeat(14_992)}"}`);
    await reading;
    expect(bodies.reading).toBe(14_000);
    expect((first.body as { a: string }).a).toHaveLength(14_992);
  });

  it('without a length, or packed, count as large as they may be', async () => {
    const bodies = new Bodies(undefined, timers);
    void bodies.read('json', 'ann', request(40, { 'content-encoding': 'gzip' }), response);
    expect(bodies.reading).toBe(100 * 1024);
    const chunked = request(0, { 'transfer-encoding': 'chunked' });
    delete chunked.headers['content-length'];
    void bodies.read('csv', 'bob', chunked, response);
    expect(bodies.reading).toBe((2 * 1024 + 100) * 1024);
  });

  it('that do not come in time are dropped, with what was set aside for them', async () => {
    const bodies = new Bodies(undefined, timers);
    const slow = request(20);
    const reading = bodies.read('json', 'ann', slow, response);
    slow.write('{');
    await turn();
    late();
    await expect(reading).rejects.toMatchObject({ status: 408, code: 'too_slow' });
    expect(bodies.reading).toBe(0);
  });
});
