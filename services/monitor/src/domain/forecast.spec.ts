import { describe, expect, it } from '@jest/globals';
import { HOUR_MS, forecast, knownPace } from './forecast.js';

const now = Date.parse('2026-03-15T12:00:00Z');

describe('a pace', () => {
  it('is unknown before six hours of history', () => {
    const amounts = [{ at: now - HOUR_MS, amount: 12 }];
    expect(knownPace(amounts, now - 6 * HOUR_MS + 1, now)).toBeNull();
    expect(knownPace(amounts, now - 6 * HOUR_MS, now)).toEqual({ low: 2, likely: 2, high: 2 });
  });
});

describe('a forecast', () => {
  it('is the amount at the end of a cycle, and never less than what there is', () => {
    const pace = { low: 1, likely: 2, high: 3 };
    expect(forecast(100, pace, now, now + 10 * HOUR_MS)).toEqual({
      low: 110,
      likely: 120,
      high: 130,
    });
    expect(forecast(100, pace, now, now - HOUR_MS)).toEqual({ low: 100, likely: 100, high: 100 });
  });
});
