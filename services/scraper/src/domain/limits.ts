import type { Platform } from '@cliptally/contracts';

/** Runs under way over all replicas, by batch. A run whose scraper died keeps its place until its time is over: Apify still works on it. */
export type Places = Record<string, { platform: Platform; until: number }>;

/**
 * Gives the batch a place until `until` (epoch ms). Null where all places are taken, or this platform has its share of them: a platform whose runs are slow
 * leaves the other four their places. A batch that has a place keeps it.
 */
export function takePlace(places: Places, batchId: string, platform: Platform, until: number, now: number, limit: number): Places | null {
  const live = Object.fromEntries(Object.entries(places).filter(([id, place]) => place.until > now && id !== batchId));
  const taken = Object.values(live);
  const share = Math.max(1, Math.floor(limit / 5));
  const free = taken.length < limit && taken.filter((place) => place.platform === platform).length < share;
  return free || batchId in places ? { ...live, [batchId]: { platform, until } } : null;
}

/** A token bucket: so many calls at once, and then one each time a token has dripped in. */
export interface Bucket {
  tokens: number;
  at: number;
}

/** Takes a token, or says in how many milliseconds there will be one. It holds what drips in within ten seconds, one at least. */
export function takeToken(bucket: Bucket | null, perMinute: number, now: number): { bucket: Bucket; waitMs: number } {
  const size = Math.max(1, perMinute / 6);
  const each = 60_000 / perMinute;
  const tokens = bucket ? Math.min(size, bucket.tokens + Math.max(0, now - bucket.at) / each) : size;
  const at = Math.max(now, bucket?.at ?? now);
  return tokens >= 1
    ? { bucket: { tokens: tokens - 1, at }, waitMs: 0 }
    : { bucket: { tokens, at }, waitMs: Math.ceil((1 - tokens) * each) };
}
