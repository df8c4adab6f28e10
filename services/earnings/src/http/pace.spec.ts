import { describe, expect, it } from '@jest/globals';
import { systemTimers } from '@cliptally/contracts';
import { Pace } from './pace.js';

describe('the pace of callers', () => {
  let now = 0;
  const timers = { ...systemTimers, now: () => now };

  it('is remembered though more than 10,000 others ask: nobody has a new allowance because there are many', () => {
    const pace = new Pace({ burst: 2, perSecond: 1 }, timers);
    pace.take('greedy');
    for (let i = 0; i < 11_000; i++) {
      if (i === 9_000) pace.take('greedy');
      pace.take(`other-${i}`);
    }
    expect(() => pace.take('greedy')).toThrow(expect.objectContaining({ status: 429 }));
    now += 2_000;
    pace.take('greedy');
  });
});
