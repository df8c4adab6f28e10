import { expect, it } from '@jest/globals';
import { quantile } from './histogram.js';

const BOUNDS = [60, 300];

it.each([
  ['nothing', [0, 0, 0], null],
  ['all in one bucket', [0, 20, 0], { seconds: 60 + 240 * 0.95, above: false }],
  ['exactly at a bound', [95, 0, 5], { seconds: 60, above: false }],
  // The mean may be below the last bound all the same.
  ['more than one of twenty above all bounds', [94, 0, 6], { seconds: 300, above: true }],
  ['all above all bounds', [0, 0, 3], { seconds: 300, above: true }],
])('the duration that 95 %% do not exceed, of %s', (_, counts, expected) => {
  expect(quantile(0.95, BOUNDS, counts)).toEqual(expected);
});
