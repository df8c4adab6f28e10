import { describe, expect, it } from '@jest/globals';
import { expectedFirstLook, withFirstLook, type FirstLooks } from './first-looks.js';

const seen = (...velocities: number[]) => velocities.reduce<FirstLooks | undefined>(withFirstLook, undefined)!;

describe('what first looks see', () => {
  it('is a mean, which forgets after five hundred', () => {
    expect(seen(10, 20, 60)).toEqual({ looks: 3, velocity: 30 });
    const many = seen(...Array<number>(2_000).fill(100), ...Array<number>(2_000).fill(500));
    expect(many.velocity).toBeGreaterThan(490);
  });
});

describe('what to expect of a first look', () => {
  it('is something before anything was seen', () => {
    expect(expectedFirstLook(new Map())('tiktok')).toBeGreaterThan(0);
  });
  it('is what was seen, once much was', () => {
    const expected = expectedFirstLook(new Map([['tiktok', { looks: 500, velocity: 900 }]]));
    expect(expected('tiktok') / 900).toBeCloseTo(1, 1);
  });
  it('is never nothing after a few clips that stood still: a platform would not be looked at again', () => {
    const expected = expectedFirstLook(
      new Map([
        ['tiktok', seen(0, 0, 0)],
        ['instagram', { looks: 500, velocity: 2_000 }],
      ]),
    );
    expect(expected('tiktok')).toBeGreaterThan(1_500);
    expect(expectedFirstLook(new Map([['tiktok', seen(0, 0, 0)]]))('tiktok')).toBeGreaterThan(100);
  });
});
