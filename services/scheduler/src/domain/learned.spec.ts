import type { Platform } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectedFirstScrape, withFirstScrape, type FirstScrapes } from './learned.js';

const meanOf = (...velocities: number[]) =>
  velocities.reduce<FirstScrapes | undefined>(withFirstScrape, undefined)!;

describe('the mean of first scrapes', () => {
  it('remembers five hundred', () => {
    expect(meanOf(10, 20, 60)).toEqual({ scrapes: 3, velocity: 30 });
    const many = meanOf(...Array<number>(2_000).fill(100), ...Array<number>(2_000).fill(500));
    expect(many.velocity).toBeGreaterThan(490);
  });
});

describe('what to expect of a first scrape', () => {
  it('is more than 0 without data', () => {
    expect(expectedFirstScrape(new Map(), 'tiktok')).toBeGreaterThan(0);
  });
  it('is the mean of many', () => {
    const known = new Map([['tiktok', { scrapes: 500, velocity: 900 }]] as const);
    expect(expectedFirstScrape(known, 'tiktok') / 900).toBeCloseTo(1, 1);
  });
  it('is never near 0 after a few clips that stood still: nobody would scrape the platform again', () => {
    const still = meanOf(0, 0, 0);
    const beside = { scrapes: 500, velocity: 2_000 };
    const known = new Map([
      ['tiktok', still],
      ['instagram', beside],
    ] as const);
    expect(expectedFirstScrape(known, 'tiktok')).toBeGreaterThan(1_500);
    const alone = new Map([['tiktok', still]] as const);
    expect(expectedFirstScrape(alone, 'tiktok')).toBeGreaterThan(100);
  });
  it('is the same to the last digit in whatever order the platforms are known', () => {
    const seen: [Platform, FirstScrapes][] = [
      ['tiktok', { scrapes: 3, velocity: 1 / 7 }],
      ['youtube', { scrapes: 5, velocity: 1_234.5 }],
      ['instagram', { scrapes: 7, velocity: 0.1 }],
      ['x', { scrapes: 9, velocity: 250 }],
    ];
    const expected = seen.map((_, from) => {
      const known = new Map([...seen.slice(from), ...seen.slice(0, from)]);
      return expectedFirstScrape(known, 'facebook');
    });
    expect(new Set(expected).size).toBe(1);
  });
});
