import { systemTimers } from '@cliptally/contracts';
import type { FaultKind } from '@cliptally/contracts/api';
import { until } from '@cliptally/dev/servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Faults, Refused } from './faults.js';

/** A second of a fault takes a hundredth here. */
const timers = {
  ...systemTimers,
  sleep: (ms: number, signal?: AbortSignal) => systemTimers.sleep(ms / 100, signal),
};

describe('faults of a sample world', () => {
  let did: string[];
  /** How often a victim still refuses to start. */
  let refusals: number;
  let killFails: string | null;
  let faults: Faults;
  const target = (name: string) => ({
    victim: {
      name,
      async kill() {
        if (killFails) throw new Error(killFails);
        did.push(`kill ${name}`);
      },
      async start() {
        if (refusals-- > 0) throw new Error('its port is taken.');
        did.push(`start ${name}`);
      },
    },
    struck: () => `${name} was struck`,
  });
  beforeEach(() => {
    [did, refusals, killFails] = [[], 0, null];
    const targets = { scraper: target('scraper'), nats: target('nats'), source: target('source') };
    faults = new Faults(targets, timers, Date.now);
  });
  afterEach(() => faults.close());

  const begin = (kind: FaultKind, seconds: number, id: string = randomUUID()) =>
    faults.begin({ id, kind, seconds });
  const over = () => until('the end of all faults', () => !faults.isRunning());

  it('end by themselves, also if nobody looks any more', async () => {
    await begin('nats', 2);
    expect(did).toEqual(['kill nats']);
    await over();
    expect(did).toEqual(['kill nats', 'start nats']);
    const [fault] = faults.all;
    expect(fault).toMatchObject({ struck: 'nats was struck', problem: null, recoveredAt: null });
    expect(fault!.overAt).toBeGreaterThanOrEqual(fault!.beganAt);
  });

  it('a button that is pressed twice is one fault, and another one meanwhile is refused in words', async () => {
    const id = randomUUID();
    const [first, again] = [await begin('scraper', 60, id), await begin('scraper', 60, id)];
    expect(again).toBe(first);
    await expect(begin('scraper', 5)).rejects.toThrow(/under way already, for \d+ s more/);
    expect(did).toEqual(['kill scraper']);
    expect(faults.all).toHaveLength(1);
  });

  it('two that are asked for at once are one, too', async () => {
    const both = await Promise.allSettled([begin('nats', 60), begin('nats', 60)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(did).toEqual(['kill nats']);
  });

  it('those of different kinds overlap, and each ends what it began', async () => {
    await Promise.all([begin('nats', 3), begin('scraper', 1), begin('source', 2)]);
    await over();
    expect(did.slice(3)).toEqual(['start scraper', 'start source', 'start nats']);
  });

  it('a victim that does not start at first is started again and again', async () => {
    refusals = 3;
    await begin('nats', 1);
    await over();
    expect(did).toEqual(['kill nats', 'start nats']);
    expect(faults.all[0]!.problem).toBeNull();
  });

  it('one that never starts is said, with the way out', async () => {
    refusals = Infinity;
    await begin('nats', 1);
    await over();
    expect(faults.all[0]!.problem).toBe(
      'nats does not start again: its port is taken. Stop npm start, and start it again.',
    );
  });

  it('one that cannot be begun is over at once, and its victim is started', async () => {
    killFails = 'no such process';
    await begin('scraper', 60);
    await over();
    expect(did).toEqual(['start scraper']);
    expect(faults.all[0]).toMatchObject({ problem: 'It could not be begun: no such process' });
  });

  it('all end if the sample world is stopped, and none begins any more', async () => {
    await begin('nats', 60);
    await begin('source', 60);
    await faults.close();
    expect(did.slice(2).toSorted()).toEqual(['start nats', 'start source']);
    await expect(begin('nats', 1)).rejects.toThrow(Refused);
  });
});
