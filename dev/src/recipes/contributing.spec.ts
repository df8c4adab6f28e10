import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { blocks, fences } from './testing/blocks.js';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const specs = readdirSync(new URL('.', import.meta.url)).filter((file) =>
  file.endsWith('.spec.ts'),
);

describe('the recipes of CONTRIBUTING.md', () => {
  it('say of every block which test runs it', () => {
    expect(blocks).toHaveLength(fences);
    const own = specs.filter((file) => file !== 'contributing.spec.ts');
    expect([...new Set(blocks.map(({ file }) => file))].toSorted()).toEqual(own.toSorted());
  });

  it.each(blocks.filter(({ language }) => language === 'ts'))(
    'show the code that $file runs: $text',
    ({ file, text }) => {
      expect(read(file)).toContain(`\n${text}`);
    },
  );

  it.each(blocks.filter(({ language }) => language !== 'ts'))(
    'show the text that $file reads: $language',
    ({ file }) => {
      expect(read(file)).toContain("from './testing/blocks.js'");
    },
  );
});
