import { afterAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

describe('a command that fails says one sentence, ends with status 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-command-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (program: string, args: string[], env: Record<string, string> = {}) =>
    new Promise<{ status: number; said: string }>((resolve) => {
      const path = fileURLToPath(new URL(`../dist/${program}.js`, import.meta.url));
      const given = { PATH: process.env['PATH'], ...env };
      execFile(process.execPath, [path, ...args], { env: given, cwd: folder }, (error, _, err) =>
        resolve({ status: error ? Number(error.code) : 0, said: err.trim() }),
      );
    });

  it.each([
    [
      'ops',
      ['events', 'tail'],
      {},
      /^There is no log here yet: set DATABASE_URL, or run npm start/,
    ],
    ['ops', ['rebuild', 'earnings'], { DATABASE_URL: 'nonsense' }, /DATABASE_URL/],
    [
      'ops',
      ['events', 'stream', 'nothing'],
      { EVENT_STORE: 'nothing', DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' },
      /EVENT_STORE/,
    ],
    ['main', ['--nonsense'], {}, /^Unknown option '--nonsense'/],
    ['main', ['--replay', 'nowhere'], {}, /nowhere/],
    ['apify-stand-in/main', ['--port', 'x'], {}, /^--port must be a number/],
    ['apify-stand-in/main', ['--nonsense'], {}, /^Unknown option '--nonsense': leave that out/],
    ['apify-stand-in/main', ['--replay', 'nowhere'], {}, /nowhere/],
    ['simulation/main', ['--nonsense'], {}, /^Unknown option '--nonsense'/],
  ])('%s %j %j', async (program, args, env, sentence) => {
    const { status, said } = await run(program, args, env);
    expect({ status, said }).toEqual({ status: 1, said: expect.stringMatching(sentence) });
    expect(said).not.toMatch(/^\s+at |hidden/m);
  });

  it('and ends without a word if its reader has seen enough', async () => {
    const path = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const child = spawn(process.execPath, [path, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect({ status, said }).toEqual({ status: 0, said: '' });
  });
});
