import { ManualClock, type AnyEvent } from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { openPool } from '@cliptally/event-store';
import {
  NO_SKIPS,
  advance,
  prepareProjection,
  type Projection,
  type Projector,
} from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import type { Pool } from 'pg';
import { ledgerMetrics } from '../../../services/earnings/src/projection/ledger-metrics.js';
import { on } from '../../../services/earnings/src/domain/testing/facts.js';
import { MONEY_METRICS } from '../../../services/monitor/src/metrics/money-metrics.js';
import { Reading } from '../../../services/monitor/src/status/reading.js';
import { acts, type Act } from './testing/money-acts.js';
import { MoneyHistory } from './testing/money-history.js';

/** How many histories are tried; FAST_CHECK_RUNS asks for another number. */
const RUNS = Number(process.env['FAST_CHECK_RUNS'] ?? 100);
const PROJECTIONS = [earningsProjection, monitorProjection, schedulerProjection];
/** Metrics of the monitor that are 0 whatever the rules allow. */
const INVARIANTS = [
  'overspend_minor_units',
  'payouts_paid_twice',
  'payouts_beyond_earnings_minor_units',
  'ledger_difference_minor_units',
];

const CAMPAIGNS = `
  select campaign_id, status, remaining::float8, (state->>'accrued')::float8 as accrued, (state->>'reversed')::float8 as reversed,
         (state->>'feesOnTop')::float8 as fees_on_top, (state->>'feesWithheld')::float8 as fees_withheld,
         remaining = 0 as exhausted, least((state->'terms'->>'endsAt')::timestamptz, (state->>'endedAt')::timestamptz) as ends_at
  from earnings.campaigns order by 1`;
const CAMPAIGNS_OF_MONITOR = `
  select campaign_id, status, (budget - (accrued - reversed + fees_on_top))::float8 as remaining, accrued::float8, reversed::float8,
         fees_on_top::float8, fees_withheld::float8, exhausted, ends_at
  from monitor.campaigns order by 1`;
/** The scheduler keeps less. */
const CAMPAIGNS_OF_SCHEDULER = `
  select campaign_id, status, (budget - spent)::float8 as remaining, ends_at from scheduler.campaigns order by 1`;
const ENTRIES_OF_SCHEDULER =
  'select clip_id, campaign_id, creator_id, status from scheduler.entries order by 1, 2';
const ENTRIES = `
  select clip_id, campaign_id, creator_id, status, state->'hold' <> 'null' as held,
         ((state->'tally'->>'accrued')::bigint - (state->'tally'->>'reversed')::bigint)::float8 as earned
  from earnings.entries order by 1, 2`;
const ENTRIES_OF_MONITOR = `
  select clip_id, campaign_id, e->>'creatorId' as creator_id, e->>'status' as status, (e->>'held')::boolean as held, (e->>'earned')::float8 as earned
  from monitor.clips, jsonb_each(entries) as of_campaign (campaign_id, e) order by 1, 2`;
/** Settlements pass over who is not payable: a failure of it would stay open for ever. */
const FAILURES_FOR_NOTHING = `
  select clip_id from monitor.campaigns c, jsonb_object_keys(failures) as of_clip (clip_id) join monitor.clips using (clip_id)
  where (entries->c.campaign_id->>'held')::boolean or entries->c.campaign_id->>'status' <> 'APPROVED'`;
const PAYOUTS = (service: string) =>
  `select payout_id, currency, status from ${service}.payouts order by 1`;
const PAID = `
  select creator_id, currency, sum((state->>'amount')::bigint)::float8 as paid from earnings.payouts where status = 'PAID' group by 1, 2 order by 1, 2`;
const PAID_OF_MONITOR = `
  select creator_id, currency, (m->>'paid')::float8 as paid from monitor.creators, jsonb_each(money) as by_currency (currency, m)
  where (m->>'paid')::bigint > 0 order by 1, 2`;

const pick = (row: object, names: string[]) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));

describe('the ledgers of earnings and the monitor, and what the scheduler knows', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    pool = openPool(database.url, 'test', 4);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  /** Both projections as if nothing had ever happened. */
  async function begin(): Promise<void> {
    for (const projection of PROJECTIONS) {
      await prepareProjection(projection, pool, { kind: 'postgres' });
      const { rows } = await pool.query<{ names: string }>(
        `select string_agg(format('%I.%I', schemaname, tablename), ', ') as names from pg_tables where schemaname = $1 and tablename <> 'checkpoint'`,
        [projection.name],
      );
      await pool.query(
        `truncate ${rows[0]!.names}; update ${projection.name}.checkpoint set position = 0`,
      );
    }
  }

  const apply = ({ types }: Projection, events: AnyEvent[]) =>
    events.filter(({ type }) => types.includes(type));

  async function follow(events: AnyEvent[], from: number, to: number): Promise<void> {
    for (const projection of PROJECTIONS)
      await advance(
        projection,
        pool,
        apply(projection, events.slice(from, to)),
        from,
        to,
        NO_SKIPS,
      );
  }

  async function sumsOfEarnings(): Promise<Record<string, number>> {
    const registry = new Registry();
    ledgerMetrics(registry, pool, { position: 0, halted: null } as Projector);
    const metrics = await registry.getMetricsAsJSON();
    const { values } = metrics.find(({ name }) => name === 'cliptally_book_minor_units')!;
    return keyed(values.map(({ value, labels }) => [value, labels as Record<string, string>]));
  }

  async function monitored(): Promise<{ sums: Record<string, number>; invariants: number[] }> {
    const figures = await new Reading(pool, new ManualClock(on(35)), {
      cycleDay: 1,
      budgetUsd: 1,
    }).figures();
    const read = (name: string) =>
      MONEY_METRICS.find((metric) => metric.name === `cliptally_${name}`)!.read(
        figures,
        undefined as never,
      );
    return {
      sums: keyed(read('book_minor_units') as [number, Record<string, string>][]),
      invariants: INVARIANTS.map((name) => read(name)[0]![0]),
    };
  }

  /** Sums of 0 and none are the same, as they are for the alert. */
  const keyed = (samples: [number, Record<string, string>][]) =>
    Object.fromEntries(
      samples
        .filter(([value]) => value !== 0)
        .map(([value, { currency, kind }]) => [`${currency} ${kind}`, value]),
    );

  async function agree(): Promise<void> {
    const rows = async (sql: string) => (await pool.query<object>(sql)).rows;
    const { sums, invariants } = await monitored();
    expect(sums).toEqual(await sumsOfEarnings());
    expect(invariants).toEqual(INVARIANTS.map(() => 0));
    for (const [ours, theirs] of [[ENTRIES, ENTRIES_OF_MONITOR], [CAMPAIGNS, CAMPAIGNS_OF_MONITOR], [PAYOUTS('earnings'), PAYOUTS('monitor')], [PAID, PAID_OF_MONITOR]] as const)
      expect(await rows(theirs)).toEqual(await rows(ours));
    const parts = (own: object[], of: object[]) => expect(of).toEqual(own.map((row, i) => pick(row, Object.keys(of[i] ?? row))));
    parts(await rows(CAMPAIGNS), await rows(CAMPAIGNS_OF_SCHEDULER));
    parts(await rows(ENTRIES), await rows(ENTRIES_OF_SCHEDULER));
  } // prettier-ignore

  /**
   * The whole history, with both ledgers compared at the positions `cuts` (shares of it) and at its
   * end.
   */
  async function compare({ events }: MoneyHistory, cuts: readonly number[] = []): Promise<void> {
    await begin();
    let from = 0;
    for (const to of [
      ...cuts.map((cut) => Math.floor(cut * events.length)),
      events.length,
    ].toSorted((a, b) => a - b)) {
      if (to === from && to > 0) continue;
      await follow(events, from, to);
      from = to;
      await agree();
    }
    // Not between the two events of a hold, which a cut may part.
    expect((await pool.query(FAILURES_FOR_NOTHING)).rows).toEqual([]);
  }

  const earning: Act[] = [
    { act: 'submit', video: '1', campaignId: 'autumn', creatorId: 'ann' },
    { act: 'approve', video: '1', campaignId: 'autumn' },
    { act: 'observe', video: '1', views: 20_000 },
    { act: 'settle', campaignId: 'autumn' },
  ];
  const paid: Act[] = [
    { act: 'request', creatorId: 'ann', currency: 'USD', percent: 50 },
    { act: 'approve payout', payout: 0 },
    { act: 'pay', payout: 0 },
  ];
  const play = (...steps: Act[]) =>
    steps.reduce((history, act) => history.do(act), new MoneyHistory());
  const types = ({ events }: MoneyHistory) => events.slice(3).map(({ type }) => type);

  it('D10: are equal when a payout was paid and its transfer comes back', async () => {
    const history = play(...earning, ...paid, { act: 'come back', payout: 0 });
    expect(types(history).slice(-2)).toEqual(['PayoutPaid', 'PayoutFailed']);
    await compare(history);
    expect(await sumsOfEarnings()).toEqual({ 'USD accrued': 4_000, 'USD fee_withheld': 100 });
    const again = play(...earning, ...paid, { act: 'come back', payout: 0 }, ...paid.slice(0, 2), {
      act: 'pay',
      payout: 0,
    });
    await compare(again);
    expect(await sumsOfEarnings()).toEqual({
      'USD accrued': 4_000,
      'USD fee_withheld': 100,
      'USD paid': 1_950,
    });
  });

  it('D11: a clip that is held while it is pending, and released, is pending for both', async () => {
    const [submit, approve] = earning as [Act, Act];
    const hold: Act = { act: 'hold', video: '1', campaignId: 'autumn' };
    const release: Act = { act: 'release', video: '1', campaignId: 'autumn' };
    const history = play(submit, hold, release);
    await compare(history, [0.9]);
    expect((await pool.query(ENTRIES_OF_MONITOR)).rows).toMatchObject([
      { status: 'PENDING', held: false },
    ]);
    await compare(play(submit, approve, hold, release));
    expect((await pool.query(ENTRIES_OF_MONITOR)).rows).toMatchObject([
      { status: 'APPROVED', held: false },
    ]);
  });

  it('a clip that was rejected and is submitted again by another creator is hers for both', async () => {
    const [submit] = earning as [Act];
    const reject: Act = { act: 'reject', video: '1', campaignId: 'autumn' };
    await compare(
      play(submit, { ...reject, act: 'hold' }, reject, { ...submit, creatorId: 'bea' } as Act),
    );
    expect((await pool.query(ENTRIES_OF_MONITOR)).rows).toMatchObject([
      { creator_id: 'bea', status: 'PENDING', held: false },
    ]);
  });

  it('a campaign that is ended after its planned end has the planned one for all', async () => {
    const pauses = Array.from({ length: 40 }, (): Act => ({ act: 'resume', campaignId: 'autumn' }));
    const history = play(...pauses, { act: 'end', campaignId: 'autumn' });
    expect(types(history)).toEqual(['CampaignEnded']);
    await compare(history, [0.8]);
    expect(
      (await pool.query(`select ends_at from monitor.campaigns where campaign_id = 'autumn'`)).rows,
    ).toEqual([{ ends_at: new Date(on(5)) }]);
  });

  it('are equal at any position of any history', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        acts,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
        async (steps, cuts) => {
          const history = play(...steps);
          for (const type of new Set(types(history))) seen.set(type, (seen.get(type) ?? 0) + 1);
          const { events } = history;
          const cameBack = events.some(({ type, data }, i) => type === 'PayoutFailed' && events.slice(0, i).some((e) => e.type === 'PayoutPaid' && e.data.payoutId === data.payoutId)); // prettier-ignore
          if (cameBack) seen.set('came back', (seen.get('came back') ?? 0) + 1);
          await compare(history, cuts);
        },
      ),
      // A slow machine tries fewer; a counterexample is made smaller for as long at most.
      { numRuns: RUNS, interruptAfterTimeLimit: 120_000 },
    );
    // A property over histories without these would say little.
    const needed = [
      'ClipRejected',
      'ClipReleased',
      'EarningsReversed',
      'CampaignBudgetExhausted',
      'CampaignToppedUp',
      'ClipSettlementFailed',
      'came back',
    ];
    expect(needed.filter((type) => !seen.has(type))).toEqual([]);
  }, 300_000);
});
