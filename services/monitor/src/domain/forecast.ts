import { hourlyPace, type PaceAmount, type Range } from '@cliptally/contracts';

export const HOUR_MS = 3_600_000;
/** Scrapes come in bursts; less history than this says nothing yet. */
const LEAST_HISTORY_HOURS = 6;

/** Amount an hour; null while there are less than six hours of history since `since` (ms). */
export const knownPace = (
  amounts: readonly PaceAmount[],
  since: number,
  now: number,
): Range | null =>
  now - since < LEAST_HISTORY_HOURS * HOUR_MS ? null : hourlyPace(amounts, since, now);

/** What an amount will be at `end`, if the pace stays what it was. */
export function forecast(soFar: number, pace: Range, now: number, end: number): Range {
  const hours = Math.max(0, end - now) / HOUR_MS;
  return {
    low: soFar + pace.low * hours,
    likely: soFar + pace.likely * hours,
    high: soFar + pace.high * hours,
  };
}
