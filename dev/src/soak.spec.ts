import { longLived, systemTimers } from '@cliptally/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, soak, type Sample } from './soak.js';

const samples = (change: (nth: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 40 }, (_, nth) => ({
    seconds: nth * 10,
    rss: 200_000_000,
    heapUsed: 60_000_000,
    abortListeners: 12,
    pendingTimers: 9,
    resources: { TCPSocketWrap: 20, Timeout: 11 },
    ...change(nth),
  }));

describe('a soak', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-soak-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes noise, and a single peak, for flat', () => {
    const { flat, lines } = judge(
      samples((nth) => ({
        heapUsed: 60_000_000 + (nth % 5) * 4_000_000,
        rss: nth === 39 ? 900_000_000 : 200_000_000,
      })),
    );
    expect(flat).toBe(true);
    expect(lines).toContain('abort listeners             12 -> 12');
  });

  it.each([
    ['resident memory', (nth: number) => ({ rss: 200_000_000 + nth * 2_000_000 })],
    ['heap used', (nth: number) => ({ heapUsed: 60_000_000 + nth * 1_000_000 })],
    ['abort listeners', (nth: number) => ({ abortListeners: 12 + nth })],
    ['pending timers', (nth: number) => ({ pendingTimers: 9 + nth })],
    ['PipeWrap', (nth: number) => ({ resources: { PipeWrap: nth } })],
  ])('names %s that grows, and nothing else', (name, change) => {
    const { flat, lines } = judge(samples(change));
    expect(flat).toBe(false);
    expect(
      lines.filter((line) => line.endsWith('grows')).map((line) => line.slice(0, 28).trim()),
    ).toEqual([name]);
  });

  it('writes a line of CSV every ten seconds, and says at its end whether they are flat', async () => {
    const stop = new AbortController();
    const leaky = longLived();
    const cancel: (() => void)[] = [];
    let now = 0;
    const timers = {
      ...systemTimers,
      now: () => now,
      async sleep(ms: number) {
        now += ms;
        leaky.signal.addEventListener('abort', () => {});
        cancel.push(systemTimers.after(3_600_000, () => {}));
        if (now === 400_000) stop.abort();
      },
    };
    const said: string[] = [];
    await soak(join(folder, 'soak.csv'), (line) => void said.push(line), stop.signal, timers);
    for (const end of cancel) end();
    leaky.abort();
    const [header, ...rows] = readFileSync(join(folder, 'soak.csv'), 'utf8').trim().split('\n');
    expect(header).toBe('seconds,rss,heap_used,abort_listeners,pending_timers,active_resources');
    expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(
      Array.from({ length: 40 }, (_, nth) => nth * 10),
    );
    const of = (column: number) => rows.map((row) => Number(row.split(',')[column]));
    for (const column of [3, 4]) expect(of(column)[39]! - of(column)[0]!).toBe(39);
    expect(said[0]).toMatch(/^abort listeners .*grows$/m);
    expect(said[0]).toMatch(/^pending timers .*grows$/m);
    expect(said[1]).toBe('Not all of them are flat.');
  });
});
