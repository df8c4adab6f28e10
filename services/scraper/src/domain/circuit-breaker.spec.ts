import { describe, expect, it } from '@jest/globals';
import { CLOSED, admit, after, unjudged, type CircuitBreaker } from './circuit-breaker.js';

const opened = (now: number): CircuitBreaker =>
  Array.from({ length: 5 }).reduce<CircuitBreaker>((breaker) => after(breaker, false, now), CLOSED);

describe('a breaker', () => {
  it('opens after five failures in a row, and lets one call through after a minute', () => {
    const open = opened(0);
    expect(admit(open, 59_999).admitted).toBe(false);
    const probe = admit(open, 60_000);
    expect(probe.admitted).toBe(true);
    expect(admit(probe.breaker, 60_001).admitted).toBe(false);
    expect(after(probe.breaker, true, 60_002)).toEqual(CLOSED);
    expect(admit(after(probe.breaker, false, 60_002), 60_003).admitted).toBe(false);
  });

  it('counts no call that ended for another reason than the source, and lets the next one find out', () => {
    const almost = after(CLOSED, false, 0);
    expect(
      Array.from({ length: 10 }).reduce<CircuitBreaker>((breaker) => unjudged(breaker), almost),
    ).toEqual(almost);
    const probe = unjudged(admit(opened(0), 60_000).breaker);
    expect(admit(probe, 60_001).admitted).toBe(true);
  });
});
