import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LINT = fileURLToPath(new URL('../../lint/', import.meta.url));
const WIDE = `// ${'w'.repeat(98)}`;
const LONG = '// one\n// two\n// three\n// four';

let folder: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
const run = (script: string, ...args: string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [LINT + script, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n') };
};
const write = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
};
const commit = (message: string, files: Record<string, string> = {}) => {
  write(files);
  git('add', '-A');
  git('commit', '--quiet', '--allow-empty', '--message', message);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliptally-lint-'));
  git('init', '--quiet', '--initial-branch', 'main');
  commit('chore: begin\n\nThere is nothing yet.', { 'old.ts': `${WIDE}\nconst a = 1;\n` });
  git('tag', 'base');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run lint:comments', () => {
  it.each([
    ['a wide line', 'a.ts', `const a = 1;\n  ${WIDE}\n`, ['2: width: 103 characters, 100 at most']],
    [
      'a wide line of a block',
      'a.mjs',
      `/**\n * ${'w'.repeat(98)}\n */\n`,
      ['2: width: 101 characters, 100 at most'],
    ],
    [
      'a wide line of SQL',
      'a.sql',
      `-- ${'w'.repeat(98)}\n`,
      ['1: width: 101 characters, 100 at most'],
    ],
    ['a long comment', 'a.ts', `f();\n\n${LONG}\n`, ['3: length: 4 lines, 3 at most']],
    [
      'a long comment of YAML',
      'a.yml',
      LONG.replaceAll('//', '#'),
      ['1: length: 4 lines, 3 at most'],
    ],
    [
      'a long docstring of what is not exported',
      'a.ts',
      '/**\n * a\n * b\n * c\n * d\n */\nconst a = 1;\n',
      ['1: length: 4 lines, 3 at most'],
    ],
    [
      'a docstring of what is exported',
      'a.ts',
      '/**\n * a\n * b\n * c\n * d\n */\nexport const a = 1;\n',
      [],
    ],
    [
      'a docstring of a part of it',
      'a.ts',
      'export interface A {\n  /**\n   * a\n   * b\n   * c\n   * d\n   */\n  b: 1;\n}\n',
      [],
    ],
    ['a licence', 'a.ts', '// SPDX-License-Identifier: Apache-2.0\n// b\n// c\n// d\n', []],
    ['two comments, one after another', 'a.ts', '// a\n// b\n  // c\n  // d\n', []],
    ['an address that cannot be broken', 'a.ts', `// https://example.com/${'w'.repeat(90)}\n`, []],
    ['code, and text that is none of it', 'a.ts', `const a = '${WIDE}';\n`, []],
    ['another kind of file', 'a.txt', `${WIDE}\n`, []],
  ])('judges %s', (_, name, text, faults) => {
    write({ [name]: text });
    const { lines } = run('comments.mjs');
    rmSync(join(folder, name));
    expect(lines.filter((line) => line.startsWith(`${name}:`))).toEqual(
      faults.map((fault) => `${name}:${fault}`),
    );
  });

  it('passes over what stood there before the range, and finds what a commit writes', () => {
    commit('fix: one\n\nBecause.', { 'old.ts': `${WIDE}\nconst a = 2;\n` });
    expect(run('comments.mjs', 'base..HEAD')).toMatchObject({ status: 0 });
    commit('fix: two\n\nBecause.', {
      'old.ts': `${WIDE}\nconst a = 2;\n${LONG}\n`,
      'new.ts': `${WIDE}\n`,
    });
    const { status, lines } = run('comments.mjs', 'base..HEAD');
    expect([status, ...lines.slice(0, 2)]).toEqual([
      1,
      'new.ts:1: width: 101 characters, 100 at most',
      'old.ts:3: length: 4 lines, 3 at most',
    ]);
  });
});

describe('npm run lint:commits', () => {
  it.each([
    ['fix(scraper): release a slot\n\nIt was kept.', []],
    ['feat!: drop a field\n\nNobody reads it.', []],
    [`fix: ${'x'.repeat(67)}\n\nWhy.`, []],
    [`fix: ${'x'.repeat(68)}\n\nWhy.`, ['the subject has 73 characters, 72 at most']],
    ['Release a slot\n\nWhy.', [expect.stringContaining('the subject must begin as')]],
    ['fix:release a slot\n\nWhy.', [expect.stringContaining('the subject must begin as')]],
    ['fix: release a slot.\n\nWhy.', ['the subject is no sentence: leave out its full stop']],
    ['fix: release a slot', ['there is no body that says why']],
  ])('judges %j', (message, faults) => {
    commit(message);
    const { status, lines } = run('commits.mjs', 'HEAD~1..HEAD');
    const subject = JSON.stringify(message.split('\n')[0]);
    expect(
      lines.slice(0, -1).map((line) => line.slice(line.indexOf(subject) + subject.length + 2)),
    ).toEqual(faults);
    expect([status, lines.at(-1)]).toEqual(
      faults.length === 0 ? [0, '1 commits, 0 with faults.'] : [1, '1 commits, 1 with faults.'],
    );
  });

  it('refuses a range that git does not know, and asks for one', () => {
    expect(run('commits.mjs', 'nowhere..HEAD').status).toBe(128);
    expect(run('commits.mjs').status).toBe(64);
  });
});
