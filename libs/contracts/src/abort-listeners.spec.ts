import { describe, expect, it } from '@jest/globals';
import { abortListeners, countListeners, longLived } from './abort-listeners.js';
import { pendingTimers, systemTimers } from './timers.js';

describe('what a leak would be seen by', () => {
  it('counts listeners of long-lived signals, until they abort', async () => {
    const before = abortListeners();
    const stop = longLived();
    const either = countListeners(AbortSignal.any([stop.signal, new AbortController().signal]));
    const sleeping = [
      systemTimers.sleep(3_600_000, stop.signal),
      systemTimers.sleep(3_600_000, either),
    ];
    const other = new AbortController();
    const uncounted = systemTimers.sleep(3_600_000, other.signal);
    expect(abortListeners() - before).toBe(2);
    stop.abort();
    other.abort();
    await Promise.all([...sleeping, uncounted]);
    expect(abortListeners()).toBe(before);
  });

  it('counts timers until they fire or are cancelled, each once', async () => {
    const before = pendingTimers();
    const cancelled = systemTimers.after(3_600_000, () => {});
    const repeated = systemTimers.every(3_600_000, () => {});
    const stop = new AbortController();
    const asleep = systemTimers.sleep(3_600_000, stop.signal);
    const fired = new Promise<() => void>((resolve) => {
      const cancel = systemTimers.after(1, () => resolve(cancel));
    });
    const short = systemTimers.sleep(1);
    expect(pendingTimers() - before).toBe(5);
    await short;
    (await fired)();
    expect(pendingTimers() - before).toBe(3);
    for (const cancel of [cancelled, cancelled, repeated, repeated]) cancel();
    stop.abort();
    await asleep;
    expect(pendingTimers()).toBe(before);
  });
});
