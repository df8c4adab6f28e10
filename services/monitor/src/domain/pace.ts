export const HOUR_MS = 3_600_000;
/** A pace is measured over a day, three days and a week: if they differ, so may the future. */
const WINDOWS_HOURS = [24, 72, 168];
export const PACE_HISTORY_HOURS = 168;
/** Scrapes come in bursts; less history than this says nothing yet. */
const LEAST_HISTORY_HOURS = 6;

/** What happened from `hour` (ms, the beginning of an hour) on, until the next one. */
export interface HourlyAmount {
  hour: number;
  amount: number;
}

/** Lowest, middle and highest; of what, says the name it has. */
export interface Range {
  low: number;
  likely: number;
  high: number;
}

/** Amount an hour; null while there are less than six hours of history since `since` (ms). */
export function paceOf(amounts: readonly HourlyAmount[], since: number, now: number): Range | null {
  if (now - since < LEAST_HISTORY_HOURS * HOUR_MS) return null;
  const paces = WINDOWS_HOURS.map((hours) => {
    // Whole hours, so that what is summed is exactly what happened in the time it is divided by.
    const from = Math.max(since, Math.floor((now - hours * HOUR_MS) / HOUR_MS) * HOUR_MS);
    const sum = amounts.reduce(
      (total, { hour, amount }) => (hour + HOUR_MS > from ? total + amount : total),
      0,
    );
    return (sum * HOUR_MS) / (now - from);
  }).sort((a, b) => a - b);
  return { low: paces[0]!, likely: paces[1]!, high: paces[2]! };
}

/** What an amount will be at `end`, if the pace stays what it was. */
export function forecast(soFar: number, pace: Range, now: number, end: number): Range {
  const hours = Math.max(0, end - now) / HOUR_MS;
  return {
    low: soFar + pace.low * hours,
    likely: soFar + pace.likely * hours,
    high: soFar + pace.high * hours,
  };
}

/** Days until `remaining` is used up; `likely` and `high` are null if the pace is zero. */
export interface Runway {
  low: number;
  likely: number | null;
  high: number | null;
}

/** null where nothing is being used up. */
export function runwayOf(remaining: number, pace: Range): Runway | null {
  if (pace.high <= 0) return null;
  const days = (perHour: number) => (perHour > 0 ? remaining / perHour / 24 : null);
  return { low: days(pace.high)!, likely: days(pace.likely), high: days(pace.low) };
}
