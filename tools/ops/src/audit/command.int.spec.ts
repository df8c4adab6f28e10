import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import type { NewEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { linesOf, type RawEvent } from './events.js';
import { workedLog } from './testing/worked.js';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SOUND =
  'The log is sound: 204 events, 16 campaigns, 45 lines and 18 payout decisions recomputed; not recomputed: 0 lines.\n';

describe('npm run events -- audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-audit-'));
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) =>
    new Promise<{ status: number; output: string }>((resolve) => {
      execFile(
        process.execPath,
        [program, 'events', 'audit', ...args],
        { env: { ...process.env, DATABASE_URL: database.url } },
        (error, out, err) => resolve({ status: error ? Number(error.code) : 0, output: out + err }),
      );
    });
  function exported(name: string, events: readonly RawEvent[]): string {
    const file = join(folder, name);
    const lines = events.map((event) => `{"hash":"","event":${JSON.stringify(event)}}\n`).join('');
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(lines) : lines);
    return file;
  }

  it('says in one line that the log in PostgreSQL is sound', async () => {
    const store = new PostgresEventStore({ url: database.url });
    try {
      await PostgresEventStore.migrate(database.url);
      for (const { stream, revision, position, ...event } of workedLog().events)
        expect(await store.append(stream, [event as unknown as NewEvent], revision - 1 < 0 ? 'none' : revision - 1)).toMatchObject({ position }); // prettier-ignore
    } finally {
      await store.close();
    }
    expect(await run()).toEqual({ status: 0, output: SOUND });
  }, 60_000);

  it('reads an export, gzipped or not, and ends with status 1 at the first difference', async () => {
    const { events } = workedLog();
    expect(await run('--export', exported('sound.jsonl', events))).toEqual({
      status: 0,
      output: SOUND,
    });
    const [line] = linesOf(events.findLast(({ type }) => type === 'EarningsAccrued')!);
    line!['toViews'] = 20_001;
    const { status, output } = await run('--export', exported('changed.jsonl.gz', events));
    expect({ status, output }).toMatchObject({ status: 1, output: expect.stringMatching(/position 204: toViews of youtube-y is another\.\n +expected: 20000\n +found: +20001\n/) }); // prettier-ignore
  }, 60_000);

  it('says what is wrong with a file, and how it is used', async () => {
    expect((await run('--export', join(folder, 'none.jsonl'))).output).toContain(
      'There is no file',
    );
    writeFileSync(join(folder, 'other.jsonl'), '{"hash":1}\n');
    expect((await run('--export', join(folder, 'other.jsonl'))).output).toContain('Line 1 of');
    for (const wrong of [['--positions', 'bytes'], ['--export'], ['sound.jsonl']]) expect(await run(...wrong)).toMatchObject({ status: 1, output: expect.stringContaining('audit  ') }); // prettier-ignore
  }, 60_000);
});
