import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BUILT, buildPages } from './testing/console-world.js';

const MOST_KB = 150;

describe('what a browser loads', () => {
  const files = new Map<string, string>();
  let html = '';
  beforeAll(() => {
    buildPages();
    html = readFileSync(join(BUILT, 'index.html'), 'utf8');
    for (const name of readdirSync(join(BUILT, 'assets')))
      files.set(name, readFileSync(join(BUILT, 'assets', name), 'utf8'));
  });

  const named = (name: string, among: Iterable<string> = files.keys()) =>
    [...among].find((file) => file.startsWith(`${name}-`) && file.endsWith('.js'))!;
  const matches = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, name]) => name!);

  /** The file and all that it imports before it runs. */
  function withImports(name: string, found = new Set<string>()): Set<string> {
    if (found.has(name)) return found;
    found.add(name);
    for (const next of matches(files.get(name)!, /(?:from|import)"\.\/([^"]+)"/g))
      withImports(next, found);
    return found;
  }

  it.each(['creator', 'brand', 'admin'])(
    `is under ${MOST_KB} KB, compressed, until a %s sees the first screen`,
    (role) => {
      const later = (name: string) => matches(files.get(name)!, /import\("\.\/([^"]+)"\)/g);
      const main = named('main');
      const own = named(role, later(main));
      const scripts = [main, own, later(own)[0]!].flatMap((name) => [...withImports(name)]);
      const styles = matches(html, /href="\/console\/assets\/([^"]+\.css)"/g);
      expect(scripts.length).toBeGreaterThan(3);
      expect(styles).toHaveLength(1);
      const sizes = [...new Set([...scripts, ...styles])].map(
        (name) => gzipSync(files.get(name)!).length,
      );
      const kilobytes = sizes.reduce((sum, size) => sum + size, gzipSync(html).length) / 1024;
      console.info(`First load of a ${role}: ${kilobytes.toFixed(1)} KB.`);
      expect(kilobytes).toBeLessThan(MOST_KB);
    },
  );

  it('has nothing inline, and names files that are there', () => {
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
    for (const name of matches(html, /"\/console\/assets\/([^"]+)"/g))
      expect(files.has(name)).toBe(true);
    expect(html).not.toContain('main.js"');
  });
});
