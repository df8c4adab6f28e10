import { ManualClock } from '@cliptally/contracts';
import { silentLog } from '@cliptally/messaging';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Live } from './live.js';

class Page extends EventEmitter {
  text = '';
  writableNeedDrain = false;
  writeHead = () => this;
  ended = false;
  end = () => {
    this.ended = true;
    return this;
  };
  write(text: string) {
    this.text += text;
    return true;
  }
  /** Sections sent since the last time, without the clock that ticks each second. */
  sent(): string[] {
    const names = [...this.text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(
      ([, name, data]) => `${name} ${data}`,
    );
    this.text = '';
    return names.filter((line) => !line.startsWith('clock'));
  }
}

describe('telling open pages', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function start() {
    const world = { position: 1, head: 1, ready: true, sections: { a: 1, b: 1 }, reads: 0 };
    const live = new Live({
      clock: new ManualClock('2026-01-01T00:00:00Z'),
      log: silentLog,
      progress: async () => world,
      read: async () => {
        world.reads++;
        return world.sections;
      },
    });
    const open = (caller = 'ann') => {
      const page = new Page();
      live.attach(page as unknown as ServerResponse, caller);
      return { page };
    };
    return { world, live, open };
  }

  it('sends everything once, and then what has changed', async () => {
    const { world, open } = start();
    const { page } = open();
    await jest.advanceTimersByTimeAsync(10);
    expect(page.sent()).toEqual(['a 1', 'b 1']);
    Object.assign(world, { position: 2, head: 2, sections: { a: 1, b: 2 } });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(page.sent()).toEqual(['b 2']);
  });

  it('lets a slow page skip versions', async () => {
    const { world, open } = start();
    const { page } = open();
    await jest.advanceTimersByTimeAsync(10);
    page.sent();
    page.writableNeedDrain = true;
    for (let b = 2; b <= 5; b++) {
      Object.assign(world, { position: b, head: b, sections: { a: 1, b } });
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(page.sent()).toEqual([]);
    page.writableNeedDrain = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(page.sent()).toEqual(['b 5']);
  });

  it('gives no figures before it is ready, and reads nothing once nobody looks', async () => {
    const { world, open } = start();
    world.ready = false;
    const { page } = open();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(page.text).toContain('"ready":false');
    expect(page.sent()).toEqual([]);
    expect(world.reads).toBe(0);
    world.ready = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(page.sent()).toEqual(['a 1', 'b 1']);
    page.emit('close');
    world.position = 9;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(world.reads).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends the oldest page of a caller that has too many, or of who has most if all have', () => {
    const { open } = start();
    const own = Array.from({ length: 21 }, () => open('greedy').page);
    expect(own.map(({ ended }) => ended)).toEqual([true, ...Array(20).fill(false)]);
    // Callers with a few pages each fill the rest.
    const others = Array.from({ length: 180 }, (_, nth) => open(`caller-${nth % 60}`).page);
    expect(others.some(({ ended }) => ended)).toBe(false);
    const last = open('ann').page;
    expect([own[1]!.ended, own[2]!.ended, last.ended]).toEqual([true, false, false]);
    expect(others.some(({ ended }) => ended)).toBe(false);
  });
});
