import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { acquireSlot, type Slots } from './rate-limits.js';

const LIMIT = 10;
class Account {
  slots: Slots = {};
  #batches = 0;
  /** Whether a new batch of the platform gets a slot. */
  acquire(platform: Platform, now = 0, batchId = `${platform}-${this.#batches++}`): boolean {
    const wanted = { batchId, platform, until: now + 60_000 };
    const { slots, acquired } = acquireSlot(this.slots, wanted, now, LIMIT);
    this.slots = slots;
    return acquired;
  }
  release(platform: Platform): void {
    const id = Object.keys(this.slots).find((key) => key.startsWith(`${platform}-`))!;
    const { [id]: _, ...others } = this.slots;
    this.slots = others;
  }
  held = (platform: Platform) =>
    Object.values(this.slots).filter((slot) => slot.platform === platform && !slot.waits).length;
}

describe('concurrency slots of an account', () => {
  it('are all for one platform, if no other waits', () => {
    const account = new Account();
    const got = Array.from({ length: 12 }, () => account.acquire('tiktok'));
    expect(got).toEqual([...Array<boolean>(10).fill(true), false, false]);
  });
  it('go to a platform that waits as they are released, until both have the same', () => {
    const account = new Account();
    for (let i = 0; i < 10; i++) account.acquire('tiktok');
    expect(account.acquire('youtube')).toBe(false);
    for (let i = 0; i < 8; i++) {
      account.release('tiktok');
      // Whichever asks first: the platform that has more does not get it.
      if (account.held('tiktok') >= 5) expect(account.acquire('tiktok')).toBe(false);
      account.acquire('youtube');
      if (account.held('youtube') < 5) expect(account.acquire('youtube')).toBe(false);
      else break;
    }
    expect([account.held('tiktok'), account.held('youtube')]).toEqual([5, 5]);
  });
  it('are free for a platform beyond its share as soon as the other waits no longer', () => {
    const account = new Account();
    for (let i = 0; i < 9; i++) account.acquire('tiktok');
    expect(account.acquire('youtube')).toBe(true);
    expect(account.acquire('x')).toBe(false);
    account.release('tiktok');
    expect(account.acquire('tiktok')).toBe(false);
    expect(account.acquire('tiktok', 10_001)).toBe(true);
  });
  it('are renewed for a batch that has one, also if others wait', () => {
    const account = new Account();
    for (let i = 0; i < 10; i++) account.acquire('tiktok', 0, `batch-${i}`);
    account.acquire('youtube');
    expect(account.acquire('tiktok', 30_000, 'batch-3')).toBe(true);
    expect(account.slots['batch-3']!.until).toBe(90_000);
  });
  it('come back by themselves when their time is over', () => {
    const account = new Account();
    for (let i = 0; i < 10; i++) account.acquire('tiktok');
    expect(account.acquire('tiktok', 60_000)).toBe(true);
  });
});
