import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runProgram } from '../testing/run-program.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const run = () =>
  runProgram(['append-and-read/append-and-read.ts'], { DATABASE_URL: database.url });

it('refuses a decision that missed an event, and takes the one made after reading again', async () => {
  expect(await run()).toEqual([
    'begun: revision 0',
    'ann: 30000 after revision 0',
    'bob: refused, expected 0, found 1',
    'bob: 20000 after revision 1',
    'ann again: 0 events added',
    '0 CampaignToppedUp 50000 by ann',
    '1 CampaignToppedUp 30000 by ann',
    '2 CampaignToppedUp 20000 by bob',
  ]);
});

it('fails if the stream exists, as it says that it must not', async () => {
  await expect(run()).rejects.toThrow('was expected to be at "none", but it is at revision 2');
});
