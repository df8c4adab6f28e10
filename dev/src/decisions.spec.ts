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
  it('are numbered from 1 without a gap', () => {
    const numbers = decisions
      .map(({ name }) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]))
      .toSorted((a, b) => a - b);
    expect(numbers).toEqual(decisions.map((_, nth) => nth + 1));
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
