import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { Tree } from './tree.js';

const tree = new Tree(fileURLToPath(new URL('../../../', import.meta.url)));
const json = (file: string) => JSON.parse(tree.read(file)) as Record<string, unknown>;
const packages = [...tree.files].filter((file) => file.endsWith('package.json'));

interface Form {
  name: string;
  description: string;
  body: { type: string; id?: string; attributes: Record<string, unknown> }[];
}

describe('the front door of the repository', () => {
  it.each(packages)('%s has the licence of the file LICENSE', (file) => {
    expect(json(file)['license']).toBe('Apache-2.0');
    expect(tree.read('LICENSE')).toMatch(/Apache License\s+Version 2\.0, January 2004/);
  });

  it('names one version of Node.js', () => {
    const { node } = json('package.json')['dependencies'] as { node: string };
    expect(tree.read('.nvmrc').trim()).toBe(node);
    expect(tree.read('Dockerfile')).toContain(`ARG NODE=node:${node}-`);
  });

  it('has the version of package.json in the changelog, below what is not released yet', () => {
    const versions = [
      ...tree.read('CHANGELOG.md').matchAll(/^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?$/gm),
    ];
    expect(versions.map(([, version]) => version).slice(0, 2)).toEqual([
      'Unreleased',
      json('package.json')['version'],
    ]);
    expect(versions.slice(1).filter(([, , date]) => date === undefined)).toEqual([]);
  });

  it('runs in CI what .ci/run runs, on the oldest Node.js that package.json takes', () => {
    const { jobs } = parse(tree.read('.github/workflows/ci.yml')) as {
      jobs: { test: { container: string; steps: { run?: string }[] } };
    };
    expect(jobs.test.steps.map(({ run }) => run)).toContain('.ci/run');
    const [oldest] = /\d+/.exec((json('package.json')['engines'] as { node: string }).node)!;
    expect(jobs.test.container).toMatch(new RegExp(`^node:${oldest}-`));
  });

  it.each(['bug', 'feature'])(
    'has a form for a %s, whose fields have names of their own',
    (kind) => {
      const { name, description, body } = parse(
        tree.read(`.github/ISSUE_TEMPLATE/${kind}.yml`),
      ) as Form;
      expect([name, description].every(Boolean)).toBe(true);
      const fields = body.filter(({ type }) => type !== 'markdown');
      expect(fields.every(({ id, attributes }) => id && attributes['label'])).toBe(true);
      expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    },
  );

  const decisions = [...tree.files].filter((file) => /^docs\/decisions\/.*\.md$/.test(file));

  it('has decisions of their own numbers, in four parts', () => {
    const numbers = decisions.map((file) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
    expect(numbers.length).toBeGreaterThan(20);
    expect(new Set(numbers).size).toBe(decisions.length);
    for (const [i, file] of decisions.entries()) {
      const text = tree.read(file);
      expect(text).toMatch(new RegExp(`^# ${Number(numbers[i])}\\. \\S`));
      const parts = Array.from(text.matchAll(/^## (.+)$/gm), ([, part]) => part);
      expect([file, parts]).toEqual([file, ['Status', 'Context', 'Decision', 'Consequences']]);
    }
  });

  it('has decisions of at most 600 words; what was measured is in docs/research', () => {
    const long = decisions
      .map((file) => ({ file, words: tree.read(file).split(/\s+/).filter(Boolean).length }))
      .filter(({ words }) => words > 600);
    expect(long).toEqual([]);
  });

  it('has updates for every folder with a package-lock.json', () => {
    const { updates } = parse(tree.read('.github/dependabot.yml')) as {
      updates: { 'package-ecosystem': string; directories?: string[]; groups: object }[];
    };
    const npm = updates.find((update) => update['package-ecosystem'] === 'npm')!;
    const locks = [...tree.files].filter((file) => file.endsWith('package-lock.json'));
    expect(npm.directories!.toSorted()).toEqual(
      locks.map((file) => `/${file.replace(/\/?package-lock\.json$/, '')}`).toSorted(),
    );
    expect(updates.every(({ groups }) => Object.keys(groups).length > 0)).toBe(true);
  });
});
