import { DAY_MS } from './due-clip.js';

/** Days from the retirement to its first checks; afterwards there is one each 30 days. */
const CHECKS_AFTER_DAYS = [1, 3, 7];
const THEN_EVERY_DAYS = 30;

/**
 * When a clip is scraped next that was gone at `goneAt`; instants in ms. Before its retirement a
 * day later, which decides on it; then as rarely as keeps the way back open.
 */
export function nextCheckAt(goneAt: number, retiredAt: number | null): number {
  if (retiredAt === null) return goneAt + DAY_MS;
  const at = (days: number) => retiredAt + days * DAY_MS;
  const early = CHECKS_AFTER_DAYS.map(at).find((check) => check > goneAt);
  if (early !== undefined) return early;
  const last = at(CHECKS_AFTER_DAYS.at(-1)!);
  const month = THEN_EVERY_DAYS * DAY_MS;
  return last + (Math.floor((goneAt - last) / month) + 1) * month;
}
