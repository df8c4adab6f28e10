import { CURRENCIES } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS, inDollars, withoutWeight } from './settings.js';

describe('weights of currencies (case D12)', () => {
  const { weights } = DEFAULT_SETTINGS;
  it('are there for every currency that a campaign may be in', () => {
    expect(withoutWeight(weights)).toEqual([]);
    expect(Object.keys(weights).sort()).toEqual([...CURRENCIES].sort());
  });
  it('are missing if they are absent, 0 or no number', () => {
    const { KRW: _, ...others } = weights;
    expect(withoutWeight({ ...others, IDR: 0, JPY: NaN })).toEqual(['IDR', 'JPY', 'KRW']);
  });
  it('make a campaign in KRW or IDR count what it is worth', () => {
    // 1,000 won are 71 cents, 1,000.00 rupiah are 6: neither is a thousand dollars.
    expect(inDollars(1_000, 'KRW', weights)).toBeCloseTo(0.71, 10);
    expect(inDollars(100_000, 'IDR', weights)).toBeCloseTo(0.06, 10);
    expect(inDollars(1_000, 'KWD', weights)).toBeCloseTo(3.25, 10);
  });
});
