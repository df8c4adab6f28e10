import type { Platform } from '@cliptally/contracts';

/**
 * Concurrency slots of the account over all replicas, by batch, each until an instant in epoch
 * milliseconds. A batch whose scraper died keeps its slot until then: the actor run still goes on.
 */
export type Slots = Record<string, { platform: Platform; until: number }>;

/**
 * Acquires a slot for the batch until `until`, or renews the one it has. Null if all `limit` slots
 * are in use, or this platform has its share: a platform with slow runs leaves the other four
 * theirs.
 */
export function acquireSlot(
  slots: Slots,
  { batchId, platform, until }: { batchId: string; platform: Platform; until: number },
  now: number,
  limit: number,
): Slots | null {
  const others = Object.entries(slots).filter(([id, slot]) => slot.until > now && id !== batchId);
  const share = Math.max(1, Math.floor(limit / 5));
  const ofPlatform = others.filter(([, slot]) => slot.platform === platform).length;
  const renewed = (slots[batchId]?.until ?? 0) > now;
  const free = others.length < limit && ofPlatform < share;
  return free || renewed ? { ...Object.fromEntries(others), [batchId]: { platform, until } } : null;
}

/** A token bucket: so many calls at once, and then one each time a token has dripped in. */
export interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Takes a token, or says in how many milliseconds there will be one. The bucket holds what drips in
 * within ten seconds, and at least one token.
 */
export function takeToken(
  bucket: Bucket | null,
  perMinute: number,
  now: number,
): { bucket: Bucket; waitMs: number } {
  const size = Math.max(1, perMinute / 6);
  const each = 60_000 / perMinute;
  const tokens = bucket
    ? Math.min(size, bucket.tokens + Math.max(0, now - bucket.at) / each)
    : size;
  const at = Math.max(now, bucket?.at ?? now);
  return tokens >= 1
    ? { bucket: { tokens: tokens - 1, at }, waitMs: 0 }
    : { bucket: { tokens, at }, waitMs: Math.ceil((1 - tokens) * each) };
}
