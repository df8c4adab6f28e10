import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Each `file.spec.ts` that docs/money.md names, with all titles that follow its name. */
const text = read('../../../../docs/money.md').replace(/\s+/g, ' ');
const named = Map.groupBy(
  [...text.matchAll(/`([a-z0-9.-]+\.spec\.ts)` ("[^"]+"(?:, "[^"]+")*)/g)].flatMap(
    ([, file, titles]) =>
      [...titles!.matchAll(/"([^"]+)"/g)].map(([, title]) => ({ file: file!, title: title! })),
  ),
  ({ file }) => file,
);

describe('docs/money.md', () => {
  it('has an example for each rule', () => {
    expect([...named.values()].flat().length).toBeGreaterThan(60);
  });

  it.each([...named])('names tests that exist in %s', (file, examples) => {
    const folder = [
      '.',
      '../http',
      '../commands',
      '../settlement',
      '../payouts',
      '../review',
      '../short-links',
      '../eligibility',
      '../projection',
      '../years',
      '../../../../dev/src/e2e',
    ].find((one) => existsSync(new URL(`${one}/${file}`, import.meta.url)));
    const spec = read(`${folder}/${file}`);
    expect(
      examples.map(({ title }) => title).filter((title) => !spec.includes(`'${title}'`)),
    ).toEqual([]);
  });
});
