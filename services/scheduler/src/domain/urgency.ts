import { scrapeIntervalMs } from '@cliptally/contracts';
import { DAY_MS, HOUR_MS, type DueClip } from './due-clip.js';

/** A scrape takes up to this long from its request to its observation. */
export const SCRAPE_TAKES_MS = HOUR_MS / 2;
export const LEAST_AGE_CAP_MS = 2 * DAY_MS;
const LARGEST_AGE_CAP_MS = 7 * DAY_MS;
/** Scrapes a clip and day from which they are ample, and up to which they are scarce. */
const AMPLE_FROM = 1.5;
const SCARCE_UP_TO = 1;

/**
 * The age cap: 48 h if scrapes are ample, a week if they are scarce, linear between. It counts from
 * the last observation, or from submission without one.
 */
export function ageCapMs(clips: number, scrapesPerDay: number): number {
  const each = clips === 0 ? Infinity : scrapesPerDay / clips;
  const scarcity = Math.max(0, Math.min(1, (AMPLE_FROM - each) / (AMPLE_FROM - SCARCE_UP_TO)));
  return LEAST_AGE_CAP_MS + scarcity * (LARGEST_AGE_CAP_MS - LEAST_AGE_CAP_MS);
}

/** The age cap of a tracking run, at its instant (epoch milliseconds). */
export interface AgeCap {
  ms: number;
  at: number;
}

/**
 * The least age cap after an earlier run: it falls a third as fast as time passes. When a large
 * campaign is exhausted scrapes are suddenly ample, and the others must not all be late at once.
 */
export const loweredAgeCapMs = ({ ms, at }: AgeCap, now: number): number => ms - (now - at) / 3;

/** Why the next tracking run would be too late for the clip; null if it would not. */
export function lastChance(
  { windowEndsAt, payoutAt }: DueClip,
  now: number,
  nextRunAt: number,
): 'window ends' | 'payout' | null {
  const isNow = (end: number) => end > now && end <= nextRunAt + SCRAPE_TAKES_MS;
  return isNow(windowEndsAt)
    ? 'window ends'
    : payoutAt != null && isNow(payoutAt)
      ? 'payout'
      : null;
}

/** Whether the cache would still answer, or a failure still backs off. */
export const isTooSoon = (
  { lastOutcomeAt, failures }: DueClip,
  now: number,
  cacheTtlMs?: number,
): boolean =>
  lastOutcomeAt !== null && now - lastOutcomeAt < scrapeIntervalMs(failures, cacheTtlMs);
