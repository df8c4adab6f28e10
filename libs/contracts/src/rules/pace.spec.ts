import { describe, expect, it } from '@jest/globals';
import { daysAtPace, hourlyPace } from './pace.js';

const HOUR_MS = 3_600_000;
const now = Date.parse('2026-03-15T12:00:00Z');
/** `amount` in each of the last `hours` hours. */
const steady = (hours: number, amount: number) =>
  Array.from({ length: hours }, (_, i) => ({ at: now - (i + 1) * HOUR_MS, amount }));
const all = (pace: number) => ({ low: pace, likely: pace, high: pace });

describe('a pace', () => {
  it('is what a steady amount is an hour', () => {
    expect(hourlyPace(steady(200, 7), 0, now)).toEqual(all(7));
  });

  it('has a range if the last day differs from the week, whose pace is the likely one', () => {
    const busier = [...steady(24, 14), ...steady(168, 7).slice(24)];
    expect(hourlyPace(busier, 0, now)).toEqual({ low: 8, likely: 8, high: 14 });
    const calmer = [...steady(24, 7), ...steady(168, 14).slice(24)];
    expect(hourlyPace(calmer, 0, now)).toEqual({ low: 7, likely: 13, high: 13 });
  });

  it('is measured over the history there is, an hour of it at least', () => {
    expect(hourlyPace(steady(12, 6), now - 12 * HOUR_MS, now)).toEqual(all(6));
    expect(hourlyPace([{ at: now, amount: 6 }], now - 60_000, now)).toEqual(all(6));
    expect(hourlyPace([], now - 6 * HOUR_MS, now)).toEqual(all(0));
  });

  it('divides by exactly the time that it sums over, in the middle of an hour, too', () => {
    const half = now + HOUR_MS / 2;
    expect(hourlyPace([...steady(200, 8), { at: now, amount: 4 }], 0, half)).toEqual(all(8));
  });

  it('leaves out what comes later, and is never below 0', () => {
    expect(hourlyPace([{ at: now + 1, amount: 5 }], 0, now)).toEqual(all(0));
    expect(hourlyPace([{ at: now, amount: -5 }], 0, now)).toEqual(all(0));
  });
});

describe('the days that something lasts', () => {
  it('are fewest at the fastest pace, and without an end if the pace may be zero', () => {
    const days = daysAtPace(480, { low: 1, likely: 2, high: 4 });
    expect(days).toEqual({ low: 5, likely: 10, high: 20 });
    expect(daysAtPace(480, { low: 0, likely: 0, high: 4 })).toEqual({
      low: 5,
      likely: null,
      high: null,
    });
  });

  it('are none if nothing remains', () => {
    expect(daysAtPace(0, { low: 0, likely: 1, high: 1 })).toEqual(all(0));
  });
});
