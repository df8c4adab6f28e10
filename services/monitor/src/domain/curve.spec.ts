import { describe, expect, it } from '@jest/globals';
import { CURVE_POINTS, growthOf, withPoint, type Point } from './curve.js';

describe('the curve of a clip', () => {
  it('keeps the newest points, in the order of observation, whatever order they come in', () => {
    const times = Array.from({ length: CURVE_POINTS + 5 }, (_, i) => i);
    const forwards = times.reduce<Point[]>((curve, time) => withPoint(curve, time, time * 10), []);
    expect(forwards).toHaveLength(CURVE_POINTS);
    expect(forwards[0]).toEqual([5, 50]);
    expect(
      times.toReversed().reduce<Point[]>((curve, time) => withPoint(curve, time, time * 10), []),
    ).toEqual(forwards);
  });

  it('takes the later of two observations at the same second', () => {
    expect(withPoint([[1, 10], [2, 20]], 1, 11)).toEqual([[1, 11], [2, 20]]); // prettier-ignore
  });

  it('grows by views an hour between the last two observations; views that fall do not grow', () => {
    expect(growthOf([[0, 5], [3600, 100], [5400, 150]])).toBe(100); // prettier-ignore
    expect(growthOf([[0, 100], [3600, 90]])).toBe(0); // prettier-ignore
    expect(growthOf([[0, 100]])).toBe(0);
    expect(growthOf([])).toBe(0);
  });
});
