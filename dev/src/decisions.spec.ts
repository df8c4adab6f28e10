import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('../../docs/decisions/', import.meta.url);
const WORDS = 600;
const PARTS = ['Status', 'Context', 'Decision', 'Consequences'];

const decisions = readdirSync(FOLDER).map((name) => ({
  name,
  text: readFileSync(new URL(name, FOLDER), 'utf8'),
}));

describe('docs/decisions', () => {
  it('have a number each, from 1 on', () => {
    const numbers = decisions
      .map(({ name }) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]))
      .toSorted((a, b) => a - b);
    // A gap is a decision that somebody is still working on.
    expect(numbers).toEqual([...new Set(numbers)].filter((number) => number >= 1));
  });

  describe.each(decisions)('$name', ({ name, text }) => {
    it('has its number in its title, and the four parts in order', () => {
      expect(/^# (\d+)\. \S/.exec(text)?.[1]).toBe(String(Number(name.slice(0, 4))));
      expect([...text.matchAll(/^## (.+)$/gm)].map(([, part]) => part)).toEqual(PARTS);
    });

    it(`has at most ${WORDS} words`, () => {
      expect(text.trim().split(/\s+/).length).toBeLessThanOrEqual(WORDS);
    });
  });
});
