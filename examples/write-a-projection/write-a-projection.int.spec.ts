import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runProgram } from '../testing/run-program.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

it('catches up, goes on from its checkpoint, and is built anew from position 0', async () => {
  const environment = { DATABASE_URL: database.url };
  expect(await runProgram(['write-a-projection/write-a-projection.ts'], environment)).toEqual([
    'caught up: at position 3',
    '  tiktok 1 500',
    '  youtube 2 1250',
    'went on: at position 5',
    '  tiktok 2 1200',
    '  x 1 40',
    '  youtube 2 1250',
    'version 2: at position 0',
    'built anew: at position 5',
    '  tiktok 2 1200',
    '  x 1 40',
    '  youtube 1 1000',
  ]);
});
