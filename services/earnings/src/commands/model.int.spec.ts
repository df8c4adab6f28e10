import { ManualClock } from '@cliptally/contracts';
import { openPool } from '@cliptally/event-store';
import { rebuildProjection } from '@cliptally/messaging';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { earningsProjection } from '../projection/earnings-projection.js';
import { startApiWorld } from '../testing/api-world.js';
import { history, terms } from '../testing/money-run/generate.js';
import { History, LogReader } from '../testing/money-run/histories.js';
import { Prefixes } from '../testing/prefixes.js';

/** About how many commands are run in all; without it, as many as there is time for. */
const COMMANDS = process.env['MODEL_COMMANDS'];
/** Repeats a run. */
const SEED = process.env['MODEL_SEED'];
const RUNS = Math.ceil(Number(COMMANDS ?? 160) / 20);
const LIMIT_MS = COMMANDS === undefined ? 35_000 : 120_000 + Number(COMMANDS) * 3_000;
const AUDITOR = fileURLToPath(new URL('../../../../tools/ops/dist/main.js', import.meta.url));

let world: Awaited<ReturnType<typeof startApiWorld>>;
/** How often each command was carried out, and how often refused. */
const tried = new Map<string, { done: number; refused: number }>();
const tries = () => [...tried.values()].reduce((sum, { done, refused }) => sum + done + refused, 0);
beforeAll(async () => {
  const clock = new ManualClock('2026-02-01T00:00:00Z');
  world = await startApiWorld({ clock, limits: { prefunding: true } });
});
afterAll(() => world.close());

it('whatever is commanded, the answers, the log and a plain model say the same, and every invariant holds', async () => {
  const log = new LogReader(world, new Prefixes());
  await fc.assert(
    fc.asyncProperty(fc.tuple(terms, terms), history, async (both, steps) => {
      const run = new History(world, log, tried);
      await run.begin(both);
      for (const step of steps) await run.take(step);
      await run.end();
    }),
    {
      numRuns: RUNS,
      interruptAfterTimeLimit: LIMIT_MS,
      markInterruptAsFailure: COMMANDS !== undefined,
      ...(SEED !== undefined && { seed: Number(SEED) }),
    },
  );
  if (COMMANDS !== undefined) process.stderr.write(`${JSON.stringify(Object.fromEntries(tried))}\n`);
  expect(tries()).toBeGreaterThan(Number(COMMANDS ?? 0) / 8);
}, LIMIT_MS + 180_000); // prettier-ignore

it(
  'and a rebuild from that log, and an auditor of it, find no difference',
  async () => {
    const pool = openPool(world.database.url, 'test', 2);
    const { differences } = await rebuildProjection(earningsProjection, pool, world.store);
    await pool.end();
    expect(differences).toEqual({});
    const env = { ...process.env, DATABASE_URL: world.database.url };
    const audit = promisify(execFile)(process.execPath, [AUDITOR, 'events', 'audit'], { env });
    expect((await audit).stdout).toMatch(/^The log is sound: .+ not recomputed: 0 lines\.\n$/);
  },
  LIMIT_MS + 180_000,
);
