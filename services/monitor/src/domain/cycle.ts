/** The billing cycle that `now` lies in; it begins at midnight UTC on `day` (1 to 28) of a month. */
export function cycleOf(now: Date, day: number): { start: Date; end: Date } {
  const month = now.getUTCDate() >= day ? now.getUTCMonth() : now.getUTCMonth() - 1;
  const year = now.getUTCFullYear();
  return { start: new Date(Date.UTC(year, month, day)), end: new Date(Date.UTC(year, month + 1, day)) };
}
