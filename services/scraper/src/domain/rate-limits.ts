import type { Platform } from '@cliptally/contracts';

/**
 * Concurrency slots of the account over all replicas, by batch, each until an instant in epoch
 * milliseconds. A batch whose scraper died keeps its slot until then: the actor run still goes on.
 * A batch that found none leaves a mark that its platform waits, by the platform's name.
 */
export type Slots = Record<string, { platform: Platform; until: number; waits?: true }>;

/** A batch asks again before its mark ends. */
const MARK_MS = 10_000;

/**
 * Acquires a slot for the batch until `until`, or renews the one it has; else marks that its
 * platform waits. A platform may use the whole account as long as no other one waits; then all that
 * have slots or wait get the same.
 */
export function acquireSlot(
  slots: Slots,
  { batchId, platform, until }: { batchId: string; platform: Platform; until: number },
  now: number,
  limit: number,
): { slots: Slots; acquired: boolean } {
  const alive = Object.entries(slots).filter(
    ([id, one]) => one.until > now && id !== batchId && id !== platform,
  );
  const others = alive.filter(([, { waits }]) => !waits);
  const share = Math.floor(
    limit / new Set([platform, ...alive.map(([, one]) => one.platform)]).size,
  );
  const ofPlatform = others.filter(([, one]) => one.platform === platform).length;
  const mayTake = ofPlatform < Math.max(1, share) || others.length === alive.length;
  const renewed = (slots[batchId]?.until ?? 0) > now;
  const acquired = renewed || (others.length < limit && mayTake);
  const own: Slots = acquired
    ? { [batchId]: { platform, until } }
    : { [platform]: { platform, until: now + MARK_MS, waits: true } };
  return { slots: { ...Object.fromEntries(alive), ...own }, acquired };
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
