import { describe, expect, it } from '@jest/globals';
import { GIVE_UP_MS, HEALTHY, afterFailure, type Fault, type Health } from './webhook-retries.js';

const HOUR = 3_600_000;
const T0 = new Date('2026-02-01T00:00:00Z');
const after = (ms: number) => new Date(T0.getTime() + ms);
const SILENT: Fault = { gone: false, retryAfterMs: 0 };

describe('after a failed try of a webhook', () => {
  it('the webhook is tried again ten times at most, later each time, and not after three days any more', () => {
    const tries: number[] = [];
    let at: Date | null = T0;
    for (let attempts = 1; at; attempts++) {
      tries.push(at.getTime() - T0.getTime());
      const health: Health = { ...HEALTHY, failingSince: at };
      at = afterFailure({ attempts, firstTriedAt: T0 }, health, SILENT, at, 0).nextTryAt;
    }
    expect(tries.map((ms) => ms / 1000)).toEqual([
      0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 259_200,
    ]);
  });

  it('the endpoint rests from the fifth failure in a row on, never longer than an hour and a tenth', () => {
    let health = HEALTHY;
    const rests = Array.from({ length: 14 }, (_, nth) => {
      const tried = { attempts: nth + 1, firstTriedAt: T0 };
      ({ health } = afterFailure(tried, health, SILENT, T0, 1));
      return health.restsUntil && (health.restsUntil.getTime() - T0.getTime()) / 1000;
    });
    expect(rests).toEqual([
      null, null, null, null, 33, 66, 132, 264, 528, 1_056, 2_112, 3_960, 3_960, 3_960,
    ]); // prettier-ignore
    expect(health).toMatchObject({ failures: 14, failingSince: T0 });
  });

  it('the endpoint rests as long as it asks for, an hour at most', () => {
    const restOf = (retryAfterMs: number) =>
      afterFailure({ attempts: 1, firstTriedAt: T0 }, HEALTHY, { ...SILENT, retryAfterMs }, T0, 0)
        .health.restsUntil;
    expect(restOf(90_000)).toEqual(after(90_000));
    expect(restOf(1e12)).toEqual(after(HOUR));
  });

  it('the endpoint is dead after three days without a success, or at once if it is gone', () => {
    const health = { ...HEALTHY, failures: 9, failingSince: T0 };
    const tried = { attempts: 1, firstTriedAt: T0 };
    const deadAt = (ms: number, fault = SILENT) =>
      afterFailure(tried, health, fault, after(ms), 0).dead;
    expect(deadAt(GIVE_UP_MS - 1)).toBeNull();
    expect(deadAt(GIVE_UP_MS)).toBe('Every webhook has failed for three days.');
    expect(deadAt(0, { ...SILENT, gone: true })).toContain('410');
  });
});
