import { testDatabase } from '../servers/index.js';
import type { EventType } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { simulate } from './world.js';

/** SIMULATED_SEEDS asks for another number; `npm run simulate` says more. */
const SEEDS = Number(process.env['SIMULATED_SEEDS'] ?? 40);

/** Each must occur, or the seeds would say nothing of it. */
const MUST_OCCUR: readonly EventType[] = [
  'TrackingRunStarted',
  'ScrapeBatchCompleted',
  'ViewsRecorded',
  'ScrapeFailed',
  'EarningsAccrued',
  'EarningsReversed',
  'PayoutRequested',
  'PayoutApproved',
  'PayoutPaid',
  'PayoutFailed',
  'PayoutRejected',
  'ClipHeld',
  'ClipReleased',
];

describe('a simulated world', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let client: Client;
  beforeAll(async () => {
    database = await testDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('is the same for the same seed, call by call', async () => {
    const [first, again] = [await simulate(7, client), await simulate(7, client)];
    expect(again.trace).toEqual(first.trace);
    expect(again).toEqual(first);
  });

  it(`keeps every invariant through crashes, lost answers and races, on ${SEEDS} seeds`, async () => {
    const failed: string[] = [];
    let [faults, lines] = [0, 0];
    const events = new Map<EventType, number>(MUST_OCCUR.map((type) => [type, 0]));
    for (let seed = 1; seed <= SEEDS && failed.length === 0; seed++) {
      try {
        const outcome = await simulate(seed, client);
        faults += outcome.faults;
        lines += outcome.lines;
        for (const type of MUST_OCCUR)
          events.set(type, events.get(type)! + (outcome.events[type] ?? 0));
      } catch (error) {
        failed.push(`npm run simulate -- --seed ${seed}: ${(error as Error).message}`);
      }
    }
    expect(failed).toEqual([]);
    // Without faults and without money it would say nothing.
    expect(faults).toBeGreaterThan(SEEDS);
    expect(lines).toBeGreaterThan(SEEDS);
    expect([...events].filter(([, times]) => times === 0)).toEqual([]);
  }, 1_800_000);
});
