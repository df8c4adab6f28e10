/** Seconds since 1970 and the views then. */
export type Point = [at: number, views: number];

/** Enough for a line of a few centimetres, and little to rewrite with every observation. */
export const CURVE_POINTS = 40;

/** The newest points, in order of observation; of two at the same second the later stays. */
export function withPoint(curve: readonly Point[], at: number, views: number): Point[] {
  const others = curve.filter(([time]) => time !== at);
  const after = others.findIndex(([time]) => time > at);
  others.splice(after < 0 ? others.length : after, 0, [at, views]);
  return others.slice(-CURVE_POINTS);
}

/** Views an hour between the last two observations; 0 with fewer, or if views fell. */
export function growthOf(curve: readonly Point[]): number {
  const [before, last] = curve.slice(-2);
  if (!before || !last) return 0;
  return Math.max(0, Math.round(((last[1] - before[1]) * 3600) / (last[0] - before[0])));
}
