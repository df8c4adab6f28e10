const HOUR_MS = 3_600_000;
/** A pace is measured over a week, three days and a day: if they differ, so may the future. */
const WINDOWS_HOURS = [168, 72, 24];
export const PACE_HISTORY_HOURS = 168;

/** What came at `at`, in epoch milliseconds, or in the hour that begins there. */
export interface PaceAmount {
  at: number;
  amount: number;
}

/** `likely` is that of the week, `low` and `high` the slowest and the fastest of all three. */
export interface Range {
  low: number;
  likely: number;
  high: number;
}

/** Amount an hour, up to `now`; `since` is when the first of it could come. */
export function hourlyPace(amounts: readonly PaceAmount[], since: number, now: number): Range {
  const paces = WINDOWS_HOURS.map((hours) => {
    // Whole hours, so that what is summed is exactly what came in the time it is divided by.
    const from = Math.max(since, wholeHour(now - hours * HOUR_MS));
    const sum = amounts
      .filter(({ at }) => at >= wholeHour(from) && at <= now)
      .reduce((total, { amount }) => total + amount, 0);
    return Math.max(0, (sum * HOUR_MS) / Math.max(now - from, HOUR_MS));
  });
  return { low: Math.min(...paces), likely: paces[0]!, high: Math.max(...paces) };
}

const wholeHour = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** Days until `remaining` is used up, the fewest as `low`; null: never at that pace. */
export function daysAtPace(remaining: number, pace: Range): { [K in keyof Range]: number | null } {
  const days = (perHour: number) => {
    if (remaining <= 0) return 0;
    return perHour > 0 ? remaining / perHour / 24 : null;
  };
  return { low: days(pace.high), likely: days(pace.likely), high: days(pace.low) };
}
