import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

describe('a command of operators that fails says one sentence, ends with status 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-ops-'));
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'other.jsonl'), '{"hash":1}\n');
    writeFileSync(join(folder, 'half.jsonl.gz'), Buffer.from('1f8b08000000000000ff', 'hex'));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const run = (args: string[], env: Record<string, string> = {}) =>
    new Promise<{ status: number; said: string }>((resolve) => {
      const path = fileURLToPath(new URL('../dist/main.js', import.meta.url));
      const given = { PATH: process.env['PATH'], DATABASE_URL: database.url, ...env };
      execFile(process.execPath, [path, ...args], { env: given, cwd: folder }, (error, _, err) =>
        resolve({ status: error ? Number(error.code) : 0, said: err.trim() }),
      );
    });

  it.each([
    [['events', 'verify', 'folder'], {}, /^A file cannot be used \(EISDIR/],
    [['events', 'audit', '--export', 'folder'], {}, /^A file cannot be used \(EISDIR/],
    [['events', 'audit', '--export', 'half.jsonl.gz'], {}, /^The file is not a whole gzip file/],
    [
      ['events', 'audit', '--export', 'other.jsonl'],
      {},
      /^Line 1 of other.jsonl is not a line of an export: make it with/,
    ],
    [
      ['events', 'audit'],
      { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' },
      /^A server does not answer/,
    ],
    [
      ['rebuild', 'earnings'],
      { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' },
      /^A server does not answer/,
    ],
    [['rebuild', 'earnings'], { DATABASE_URL: 'nonsense' }, /DATABASE_URL/],
    [['rebuild', 'earnings'], { EVENT_STORE: 'nothing' }, /EVENT_STORE/],
    [['migrate', 'now'], {}, /^migrate takes no arguments/],
    [['nonsense'], {}, /^Name a command first: one of events, migrate, rebuild/],
  ])('%j %j', async (args, env, sentence) => {
    const { status, said } = await run(args, env);
    expect({ status, said }).toEqual({ status: 1, said: expect.stringMatching(sentence) });
    expect(said).not.toMatch(/^\s+at |hidden/m);
  });

  it('ends with the status of a configuration that no second try mends, if that is why', async () => {
    const { status, said } = await run(['migrate'], { DATABASE_URL: 'nonsense' });
    expect({ status, said }).toEqual({ status: 78, said: expect.stringContaining('DATABASE_URL') });
  });
});
