import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { bestFirst, choose, costOf, Shortlist, type Candidate } from './select.js';
import { clip } from '../testing/clips.js';

const candidate = (
  id: string,
  score: number,
  microUsd = 1,
  platform: Platform = 'tiktok',
): Candidate => ({
  clip: clip(id, { platform }),
  score,
  microUsd,
});
const ids = (candidates: readonly Candidate[]) => candidates.map((one) => one.clip.clipId);

describe('a shortlist', () => {
  const listOf = (wanted: number, candidates: Candidate[]) => {
    const list = new Shortlist(wanted);
    for (const one of candidates) if (list.wants(one.score)) list.add(one);
    return list.list();
  };

  it('remembers exactly the best of a stream, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 3_000, maxLength: 9_000 }),
        fc.integer({ min: 1, max: 900 }),
        (scores, wanted) => {
          const candidates = scores.map((score, i) => candidate(`c${i}`, score));
          const kept = listOf(wanted, candidates);
          expect(ids(kept)).toEqual(ids([...candidates].sort(bestFirst).slice(0, kept.length)));
          expect(kept.length).toBe(Math.min(scores.length, Math.max(1_000, 2 * wanted)));
        },
      ),
      { numRuns: 20 },
    );
  });
  it('wants nothing that scores nothing, and nothing at all if nothing is wanted', () => {
    expect(listOf(1, [candidate('a', 0), candidate('b', -1)])).toEqual([]);
    expect(listOf(0, [candidate('a', 1)])).toEqual([]);
  });
});

describe('choosing within limits', () => {
  const room = { scrapes: 2, microUsd: 100, byPlatform: {} };
  it('takes the best scores if money is ample, and equal ones by clip id', () => {
    expect(ids(choose([candidate('c', 5), candidate('b', 5), candidate('a', 1)], room))).toEqual([
      'b',
      'c',
    ]);
  });
  it('takes nothing without money, whatever the rounding', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 10_000 }),
        (score, microUsd) => {
          expect(choose([candidate('a', score, microUsd)], { ...room, microUsd: 0 })).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
  it('takes two cheap scrapes rather than a dear one that scores less than both', () => {
    const candidates = [
      candidate('dear', 10, 100),
      candidate('b', 6, 10, 'x'),
      candidate('a', 6, 10, 'x'),
    ];
    expect(ids(choose(candidates, room))).toEqual(['a', 'b']);
  });
  it('takes what is free in any case, and never what scores nothing', () => {
    const candidates = [
      candidate('free', 0.1, 0, 'youtube'),
      candidate('dear', 10, 101),
      candidate('nothing', 0, 0, 'youtube'),
    ];
    expect(ids(choose(candidates, room))).toEqual(['free']);
  });
  it('keeps to a platform limit', () => {
    const candidates = [candidate('a', 9), candidate('b', 8), candidate('c', 1, 1, 'x')];
    expect(ids(choose(candidates, { ...room, byPlatform: { tiktok: 1 } }))).toEqual(['a', 'c']);
    expect(ids(choose(candidates, { ...room, byPlatform: { tiktok: 0 } }))).toEqual(['c']);
  });
  it('never passes a limit, and reaches at least what greed for the highest scores would', () => {
    const one = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 60 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 60 }),
        (all, scrapes, microUsd) => {
          const candidates = all.map(([score, cheap], i) =>
            candidate(`c${i}`, score, cheap ? 1 : 9, cheap ? 'x' : 'tiktok'),
          );
          const chosen = choose(candidates, { scrapes, microUsd, byPlatform: {} });
          expect(chosen.length).toBeLessThanOrEqual(scrapes);
          expect(costOf(chosen)).toBeLessThanOrEqual(microUsd);
          expect(new Set(ids(chosen)).size).toBe(chosen.length);
          const score = (some: Candidate[]) => some.reduce((sum, c) => sum + c.score, 0);
          // Whole scrapes cannot be split: a choice by price may fall short of the best by one
          // scrape, no more.
          expect(score(chosen)).toBeGreaterThanOrEqual(
            score(greedy(candidates, scrapes, microUsd)) - 100,
          );
        },
      ),
    );
  });
});

function greedy(candidates: Candidate[], scrapes: number, microUsd: number): Candidate[] {
  const chosen: Candidate[] = [];
  for (const one of [...candidates].sort(bestFirst)) {
    if (chosen.length < scrapes && costOf(chosen) + one.microUsd <= microUsd) chosen.push(one);
  }
  return chosen;
}
