import { testDatabase, testNats, type TestDatabase, type TestNats } from '@cliptally/dev/servers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runProgram } from '../testing/run-program.js';

let [database, nats]: [TestDatabase?, TestNats?] = [];
beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase(), testNats()]);
});
afterAll(async () => {
  await nats?.stop();
  await database?.drop();
});

it('shows the row that did not follow from the log, and goes on with the right one', async () => {
  const environment = { DATABASE_URL: database!.url, NATS_URL: nats!.url };
  const printed = await runProgram(['rebuild/rebuild.ts'], environment);
  expect(printed).toEqual([
    'live: 2000 observations',
    'rebuilt from 2000 events, and swapped in',
    'rows that differed: {"platform":2}',
    'live: 2500 observations',
    'rebuilt again: {}',
  ]);
});
