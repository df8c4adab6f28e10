import { newEvent, type AnyEvent } from '@cliptally/contracts';
import { testDatabase } from '@cliptally/dev/servers';
import { openPool } from '@cliptally/event-store';
import { NO_SKIPS, advance, prepareProjection } from '@cliptally/messaging';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Pool } from 'pg';
import { statementPage } from '../http/statement.js';
import { lineView } from '../http/views.js';
import { outstandingOf } from '../domain/balance.js';
import type { Decided } from '../domain/fact.js';
import { record, type LedgerFact } from '../domain/ledger.js';
import { withSums } from '../domain/statement.js';
import { budgets, histories, world } from '../domain/testing/arbitraries.js';
import { accepted, CAMPAIGN, launched, on, recorded } from '../domain/testing/facts.js';
import { play, type World } from '../domain/testing/histories.js';
import { MemoryLedger } from '../domain/memory-ledger.js';
import { Tables } from '../queries/tables.js';
import type { LedgerScope } from '../queries/found-rows.js';
import { earningsProjection } from './earnings-projection.js';

/** Histories are slow here: each is written to PostgreSQL and read again. */
const RUNS = Number(process.env['FAST_CHECK_RUNS'] ?? 1500) / 50;

let database: Awaited<ReturnType<typeof testDatabase>>;
let pool: Pool;
let tables: Tables;
beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.url, 'test', 4, earningsProjection.name);
  tables = new Tables(pool, earningsProjection.name);
  await prepareProjection(earningsProjection, pool, { kind: 'postgres' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** All facts of a history, with payouts in all their ends. */
function factsOf(of: World, budget: number, steps: Parameters<typeof play>[2]): LedgerFact[] {
  const facts: LedgerFact[] = [
    launched({ ...of.terms, budget }),
    ...of.clips.flatMap(({ clipId, approvedAt }) => accepted(clipId, { time: approvedAt })),
  ];
  play(of, budget, steps, (_, event) => facts.push(event as LedgerFact));
  const payout = (payoutId: string, ...ends: Decided[]): LedgerFact[] => {
    const asked: Decided = {
      type: 'PayoutRequested',
      data: { payoutId, creatorId: 'ann', currency: of.terms.currency, amount: 7 },
    };
    return recorded([asked, ...ends], on(40)) as LedgerFact[];
  };
  const step = (
    type: 'PayoutApproved' | 'PayoutPaid' | 'PayoutFailed' | 'PayoutRejected',
    payoutId: string,
  ): Decided =>
    ({
      type,
      data: {
        payoutId,
        creatorId: 'ann',
        by: 'root',
        reason: 'came back',
        externalReference: 'tr',
      },
    }) as Decided;
  const paid = (id: string) => [step('PayoutApproved', id), step('PayoutPaid', id)];
  return [
    ...facts,
    ...payout('p1', ...paid('p1')),
    ...payout('p2', ...paid('p2'), step('PayoutFailed', 'p2')),
    ...payout('p3', step('PayoutRejected', 'p3')),
    ...payout('p4'),
  ];
}

const streamOf = ({ type, data }: LedgerFact): string =>
  'payoutId' in data
    ? 'payout-ann'
    : 'clipId' in data && !type.startsWith('Campaign')
      ? `clip-${data.clipId}`
      : `campaign-${CAMPAIGN}`;

function logged(facts: readonly LedgerFact[]): AnyEvent[] {
  const revisions = new Map<string, number>();
  return facts.map((fact, i) => {
    const stream = streamOf(fact);
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const made = newEvent(fact.type, fact.id, fact.data as never, {
      time: fact.time,
      correlationId: 'c',
      causationId: 'c',
    });
    return { ...made, stream, revision, position: i + 1 } as AnyEvent;
  });
}

it('one history through the fold alone, through the tables and through the answers of the API gives the same lines and sums', async () => {
  const property = fc.asyncProperty(
    histories(world, { voids: true }), budgets, fc.integer({ min: 1, max: 40 }),
    async ({ world: of, steps }, budget, size) => {
      const facts = factsOf(of, budget, steps);
      const pure = new MemoryLedger();
      for (const fact of facts) record(pure, fact);

      await pool.query('truncate campaigns, clips, observations, entries, ledger, balances, payouts, payout_streams; update checkpoint set position = 0');
      const events = logged(facts);
      for (let at = 0; at < events.length; at += size)
        await advance(earningsProjection, pool, events.slice(at, at + size), at, Math.min(at + size, events.length), NO_SKIPS);

      const terms = new Map([[CAMPAIGN, pure.campaign(CAMPAIGN)!.terms]]);
      const scopes: [LedgerScope, (line: (typeof pure.lines)[number]) => boolean][] = [
        [{ creator_id: 'ann' }, ({ creatorId }) => creatorId === 'ann'],
        [{ campaign_id: CAMPAIGN }, (line) => 'campaignId' in line],
        ...of.clips.map(({ clipId }): (typeof scopes)[number] => [{ clip_id: clipId }, (line) => 'clipId' in line && line.clipId === clipId]),
      ];
      for (const [scope, inScope] of scopes) {
        const read = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = (await statementPage(tables, scope, { limit: 3, ...(cursor && { cursor }) })) as { lines: object[]; next: string | null };
          read.push(...page.lines.map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => name !== 'lineId'))));
          cursor = page.next;
        }
        expect(read).toEqual(withSums(pure.lines.filter(inScope)).map((line) => lineView(line, terms)));
      }
      expect((await tables.campaignRow(CAMPAIGN))!.state).toEqual(pure.campaign(CAMPAIGN));
      for (const { clipId } of of.clips) expect((await tables.clipState(clipId)).state).toEqual([pure.entry(clipId, CAMPAIGN)]);
      const balance = await tables.balance('ann', of.terms.currency, new Date(on(41)));
      expect(outstandingOf(balance)).toBe(pure.lines.reduce((sum, { amount }) => sum + amount, 0));
    },
  ); // prettier-ignore
  await fc.assert(property, { numRuns: RUNS });
});
