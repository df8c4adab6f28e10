import { describe, expect, it } from '@jest/globals';
import { classic } from './yardsticks.js';
import { ago, around, clip } from '../../testing/clips.js';

describe('classic', () => {
  it.each([
    ['never tracked', { lastObservedAt: null }, 999],
    ['8 hours', { lastObservedAt: ago(8) }, 16],
    ['just under 8 hours', { lastObservedAt: ago(7.5) }, 7.5],
    ['4 hours', { lastObservedAt: ago(4) }, 4],
    ['under 4 hours', { lastObservedAt: ago(3) }, 1.5],
    [
      '8 hours, campaign under 7 days',
      { lastObservedAt: ago(8), campaignLaunchedAt: ago(24 * 6) },
      24,
    ],
    ['campaign of exactly 7 days', { lastObservedAt: ago(8), campaignLaunchedAt: ago(24 * 7) }, 16],
  ])('%s', (_, more, score) => {
    expect(classic(clip('a', more), around()).score).toBe(score);
  });
});
