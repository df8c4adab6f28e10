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

it('gives each scrape request its outcome, from the new source', async () => {
  const environment = { DATABASE_URL: database!.url, NATS_URL: nats!.url };
  const by = 'by partner-api for 200';
  expect(await runProgram(['a-new-source/a-new-source.ts'], environment)).toEqual([
    `tiktok-7500000000000000001 ${by}: 1234 views`,
    `tiktok-7500000000000000002 ${by}: not_found: the partner does not know it`,
    `tiktok-7500000000000000003 ${by}: no_view_field: plays is no whole number`,
  ]);
});
