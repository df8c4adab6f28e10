import { scrapeIntervalMs } from '@cliptally/contracts';
import { DAY_MS, HOUR_MS, type DueClip } from './due-clip.js';

/** A scrape takes up to this long from its request to its observation. */
export const SCRAPE_TAKES_MS = HOUR_MS / 2;

const AGE_CAP = { ample: 2 * DAY_MS, scarce: 7 * DAY_MS };
export const LEAST_AGE_CAP_MS = AGE_CAP.ample;
/** Scrapes a clip and day from which they are ample, and up to which they are scarce. */
const AMPLE_FROM = 1.5;
const SCARCE_UP_TO = 1;

/** How scarce scrapes are: 1 at one a clip and day or less, 0 at one and a half or more. */
export function scarcityOf(clips: number, scrapesPerDay: number): number {
  if (scrapesPerDay >= AMPLE_FROM * clips) return 0;
  return Math.min(1, (AMPLE_FROM - scrapesPerDay / clips) / (AMPLE_FROM - SCARCE_UP_TO));
}

/**
 * The age cap: 48 h if scrapes are ample, a week if they are scarce, linear between. It counts from
 * the last observation, or from submission without one.
 */
export function ageCapMs(clips: number, scrapesPerDay: number): number {
  return AGE_CAP.ample + scarcityOf(clips, scrapesPerDay) * (AGE_CAP.scarce - AGE_CAP.ample);
}

/** The age cap of a tracking run, at its instant (epoch milliseconds). */
export interface AgeCap {
  ms: number;
  at: number;
}

/**
 * The least age cap after an earlier tracking run: it falls a third as fast as time passes. When a
 * large campaign is exhausted scrapes are suddenly ample, and the other clips must not all be late
 * at once.
 */
export const loweredAgeCapMs = ({ ms, at }: AgeCap, now: number): number => ms - (now - at) / 3;

/** Why the next tracking run would be too late for the clip; null if it would not. */
export function lastChance(
  clip: DueClip,
  now: number,
  nextRunAt: number,
): 'window ends' | 'payout' | null {
  const isNow = (end: number) => end > now && end <= nextRunAt + SCRAPE_TAKES_MS;
  if (isNow(clip.windowEndsAt)) return 'window ends';
  return clip.payoutAt != null && isNow(clip.payoutAt) ? 'payout' : null;
}

/** Whether the cache would still answer, or a failure still backs off. */
export const isTooSoon = (
  { lastOutcomeAt, failures }: DueClip,
  now: number,
  cacheTtlMs?: number,
): boolean =>
  lastOutcomeAt !== null && now - lastOutcomeAt < scrapeIntervalMs(failures, cacheTtlMs);
