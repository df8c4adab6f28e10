import { scrapeIntervalMs } from '@cliptally/contracts';
import { DAY_MS, HOUR_MS, type DueClip } from './due-clip.js';

/** A scrape takes up to this long from its request to its observation. */
export const SCRAPE_TAKES_MS = HOUR_MS / 2;
export const LEAST_AGE_CAP_MS = 2 * DAY_MS;
const LARGEST_AGE_CAP_MS = 7 * DAY_MS;

/** The age cap of a tracking run, at its instant (epoch milliseconds). */
export interface AgeCap {
  ms: number;
  at: number;
}

/**
 * 48 h if there are 1.5 scrapes a clip and day, a week if there is one, linear between. It
 * counts from the last observation, or from submission without one. It falls a third as fast as
 * time passes: scrapes are suddenly ample if a large campaign is exhausted, and the others must not
 * all be late at once.
 */
export function ageCapMs(clips: number, scrapesPerDay: number, now = 0, earlier?: AgeCap): number {
  const each = clips === 0 ? Infinity : scrapesPerDay / clips;
  const scarcity = Math.max(0, Math.min(1, (1.5 - each) / (1.5 - 1)));
  const cap = LEAST_AGE_CAP_MS + scarcity * (LARGEST_AGE_CAP_MS - LEAST_AGE_CAP_MS);
  return earlier ? Math.max(cap, earlier.ms - (now - earlier.at) / 3) : cap;
}

/** Why the next tracking run would be too late for the clip; null if it would not. */
export function lastChance(
  { windowEndsAt, payoutAt }: DueClip,
  now: number,
  nextRunAt: number,
): 'window ends' | 'payout' | null {
  const isNow = (end: number) => end > now && end <= nextRunAt + SCRAPE_TAKES_MS;
  if (isNow(windowEndsAt)) return 'window ends';
  return payoutAt != null && isNow(payoutAt) ? 'payout' : null;
}

/** Whether the cache would still answer, or a failure still backs off. */
export const isTooSoon = ({ lastOutcomeAt, failures }: DueClip, now: number): boolean =>
  lastOutcomeAt !== null && now - lastOutcomeAt < scrapeIntervalMs(failures);

/** Days from the retirement to its first checks; after the last there is one each 30 days. */
const CHECKS_AFTER_DAYS = [1, 3, 7];

/**
 * When a clip is scraped next that was gone at `goneAt`; instants in ms. Before its retirement a
 * day later, which decides on it; then as rarely as keeps the way back open.
 */
export function nextCheckAt(goneAt: number, retiredAt: number | null): number {
  if (retiredAt === null) return goneAt + DAY_MS;
  const gone = (goneAt - retiredAt) / DAY_MS;
  const early = CHECKS_AFTER_DAYS.find((days) => days > gone);
  return retiredAt + (early ?? 7 + 30 * Math.floor((gone - 7) / 30 + 1)) * DAY_MS;
}
