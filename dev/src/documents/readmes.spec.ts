import { describe, expect, it } from '@jest/globals';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tree } from './tree.js';

const tree = new Tree(fileURLToPath(new URL('../../../', import.meta.url)));
const packages = [...tree.files]
  .filter((file) => /^(?:(?:libs|services|tools)\/[^/]+|dev)\/package\.json$/.test(file))
  .map((file) => posix.dirname(file));
const MOST_LINES = 60;

/** Spaces, line ends and trailing commas are prettier's. */
const flat = (text: string) => text.replace(/\s+/g, '').replace(/,(?=[)\]}])/g, '');

/** Names that a module exports, also those that it passes on. */
function exportsOf(file: string): Set<string> {
  const text = tree.read(file);
  const names = new Set(
    Array.from(
      text.matchAll(
        /^export (?:declare |abstract |async )*(?:class|function\*?|const|interface|type|enum) (\w+)/gm,
      ),
      ([, name]) => name!,
    ),
  );
  for (const [, list] of text.matchAll(/^export (?:type )?\{([^}]*)\}/gm))
    for (const item of list!.split(','))
      if (item.trim()) names.add(item.trim().split(/\s+/).at(-1)!);
  for (const [, from] of text.matchAll(/^export \* from '(\.[^']+)\.js'/gm))
    for (const name of exportsOf(posix.join(posix.dirname(file), `${from}.ts`))) names.add(name);
  return names;
}

/** Every entry of a package, as its package.json lists them. */
function publicNames(folder: string): Set<string> {
  const { exports } = JSON.parse(tree.read(`${folder}/package.json`)) as {
    exports: Record<string, { source: string }>;
  };
  return new Set(
    Object.values(exports).flatMap(({ source }) => [...exportsOf(posix.join(folder, source))]),
  );
}

describe.each(packages)('the README of %s', (folder) => {
  const text = tree.has(`${folder}/README.md`) ? tree.read(`${folder}/README.md`) : '';

  it('is there, is one screen, and begins with the name of the package', () => {
    const { name } = JSON.parse(tree.read(`${folder}/package.json`)) as { name: string };
    expect(text.split('\n')[0]).toBe(`# ${name}`);
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
  });

  it('names what the package exports', () => {
    const rows = text.split('\n## Public names\n')[1]!.split('\n## ')[0]!;
    const named = [...rows.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) =>
      Array.from(cell!.matchAll(/`(\w+)`/g), ([, name]) => name!),
    );
    expect(named.length).toBeGreaterThan(1);
    const there = publicNames(folder);
    expect(named.filter((name) => !there.has(name))).toEqual([]);
  });

  it('has examples that a test runs', () => {
    const examples = [...text.matchAll(/<!-- example: (\S+) -->\n```ts\n([^]*?)```\n/g)];
    expect(examples.length).toBeGreaterThan(0);
    expect(text.match(/^```ts$/gm)).toHaveLength(examples.length);
    for (const [, file, code] of examples) {
      expect(file).toMatch(/\.spec\.ts$/);
      expect(flat(tree.read(posix.join(folder, file!)))).toContain(flat(code!));
    }
  });
});

it('there are packages to check', () => {
  expect(packages).toEqual(expect.arrayContaining(['dev', 'libs/contracts', 'tools/cli']));
});
