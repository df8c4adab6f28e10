import { describe, expect, it } from '@jest/globals';
import { HOUR_MS, forecast, paceOf, runwayOf } from './pace.js';

const now = Date.parse('2026-03-15T12:00:00Z');
/** `amount` in each of the last `hours` hours. */
const steady = (hours: number, amount: number) =>
  Array.from({ length: hours }, (_, i) => ({ hour: now - (i + 1) * HOUR_MS, amount }));

describe('a pace', () => {
  it('is what a steady amount is an hour', () => {
    expect(paceOf(steady(200, 7), 0, now)).toEqual({ low: 7, likely: 7, high: 7 });
  });

  it('has a range if the last day differs from the week', () => {
    const busier = [...steady(24, 14), ...steady(168, 7).slice(24)];
    expect(paceOf(busier, 0, now)).toEqual({ low: 8, likely: (24 * 14 + 48 * 7) / 72, high: 14 });
  });

  it('is measured over the history there is, and is unknown before six hours of it', () => {
    expect(paceOf(steady(12, 6), now - 12 * HOUR_MS, now)).toEqual({ low: 6, likely: 6, high: 6 });
    expect(paceOf(steady(5, 6), now - 6 * HOUR_MS + 1, now)).toBeNull();
    expect(paceOf([], now - 6 * HOUR_MS, now)).toEqual({ low: 0, likely: 0, high: 0 });
  });

  it('divides by exactly the time that it sums over, in the middle of an hour, too', () => {
    const half = now + HOUR_MS / 2;
    expect(paceOf([...steady(200, 8), { hour: now, amount: 4 }], 0, half)).toEqual({
      low: 8,
      likely: 8,
      high: 8,
    });
  });
});

describe('what follows from a pace', () => {
  it('is the amount at the end of a cycle, and never less than what there is', () => {
    expect(forecast(100, { low: 1, likely: 2, high: 3 }, now, now + 10 * HOUR_MS)).toEqual({
      low: 110,
      likely: 120,
      high: 130,
    });
    expect(forecast(100, { low: 1, likely: 2, high: 3 }, now, now - HOUR_MS)).toEqual({
      low: 100,
      likely: 100,
      high: 100,
    });
  });

  it('is the days that a budget lasts, open if the pace may be zero', () => {
    expect(runwayOf(480, { low: 1, likely: 2, high: 4 })).toEqual({ low: 5, likely: 10, high: 20 });
    expect(runwayOf(480, { low: 0, likely: 2, high: 4 })).toEqual({
      low: 5,
      likely: 10,
      high: null,
    });
    expect(runwayOf(480, { low: 0, likely: 0, high: 0 })).toBeNull();
  });
});
