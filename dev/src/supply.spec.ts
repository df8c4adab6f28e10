import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ALLOWED, allows, foreignIn, supplyFaults, type Lockfile } from './supply.js';

const lockfile = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
) as Lockfile;

describe('what is taken from others, by package-lock.json', () => {
  it('is known to the byte, comes from the registry that npm is set to, and has a licence that is allowed', () => {
    expect(foreignIn(lockfile).length).toBeGreaterThan(500);
    expect(supplyFaults(lockfile)).toEqual([]);
  });

  it('would be noticed with another licence', () => {
    for (const expression of ['GPL-3.0', 'MIT AND GPL-3.0', 'none'])
      expect(allows(ALLOWED, expression)).toBe(false);
    expect(allows(ALLOWED, '(MIT OR GPL-3.0)')).toBe(true);
  });
});
