import { billingCycleAt, type Clock } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';
import { judge, type RunFacts, type Verdict } from './domain/health.js';
import {
  HOUR_MS,
  PACE_HISTORY_HOURS,
  forecast,
  paceOf,
  type HourlyAmount,
  type Range,
} from './domain/pace.js';

export const DAY_MS = 86_400_000;

export interface UsageTerms {
  /** Day of the month (1 to 28, UTC) on which a billing cycle begins. */
  cycleDay: number;
  /** US dollars that a billing cycle may cost. */
  budgetUsd: number;
}

export interface RunReport extends RunFacts {
  runId: string;
  slot: Date;
  policy: string;
  candidates: number;
  costMicroUsd: number;
  lastOutcomeAt: Date | null;
  /**
   * Share of its looks that brought a count so far, 0 to 1, and how long a look took on average,
   * from the run's start; null without outcomes.
   */
  successRate: number | null;
  meanDurationSeconds: number | null;
  /** Minor units by currency, accrued while this was the newest run. */
  earned: Record<string, number>;
}

export interface StatusReport extends Verdict {
  checkedAt: string;
  last24h: { recorded: number; failed: number; cached: number; runs: number; costMicroUsd: number };
  lastRun: RunReport | null;
  outstanding: { looks: number; oldestSeconds: number };
  settlementFailures: OpenFailures;
}

/**
 * Clips about which no settlement can make a decision, until they are paid or held; `oldest` lists
 * at most 20 of them.
 */
export interface OpenFailures {
  open: number;
  /** Since the beginning. */
  total: number;
  oldest: { campaignId: string; clipId: string; reason: string; since: string }[];
}

export interface CycleCost {
  start: Date;
  end: Date;
  budgetMicroUsd: number;
  soFarMicroUsd: number;
  /** Micro US dollars at the end of the cycle; null without enough history. */
  forecast: Range | null;
}

export interface OpenLooks {
  platform: string;
  looks: number;
  oldest: Date;
}

/** Everything that /metrics exports, read at one moment. */
export interface Figures {
  now: Date;
  status: StatusReport;
  cost: CycleCost;
  outcomes: { platform: string; result: string; looks: number }[];
  usage: {
    platform: string;
    status: string;
    batches: number;
    looks: number;
    costMicroUsd: number;
  }[];
  durations: { platform: string; bucket: number; batches: number; durationMs: number }[];
  openLooks: OpenLooks[];
  failingClips: { reason: string; clips: number }[];
  money: {
    currency: string;
    status: string;
    campaigns: number;
    budget: number;
    spent: number;
    overspend: number;
    exhausted: number;
    nearlyUsed: number;
    accrued: number;
    reversed: number;
  }[];
  payouts: { status: string; payouts: number; paidTwice: number; overpaid: number }[];
  /**
   * Sums of what the creators' lines give, by currency, and the position in the log at which they
   * are so.
   */
  book: { currency: string; accrued: number; reversed: number; paid: number }[];
  position: number;
  totals: { runs: number; requested: number; lastBatchAt: Date | null };
}

/** Questions that the monitor's tables answer. */
export class Reading {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #usage: UsageTerms;

  constructor(pool: Pool, clock: Clock, usage: UsageTerms) {
    this.#pool = pool;
    this.#clock = clock;
    this.#usage = usage;
  }

  /** Runs `work` on the monitor's tables as they are at one moment. */
  at<T>(work: (db: ClientBase, now: Date) => Promise<T>): Promise<T> {
    return inTransaction(this.#pool, 'monitor', async (db) => {
      await db.query('set transaction isolation level repeatable read, read only');
      return work(db, this.#clock.now());
    });
  }

  status(): Promise<StatusReport> {
    return this.at((db, now) => statusAt(db, now));
  }

  figures(): Promise<Figures> {
    return this.at(async (db, now) => {
      const all = async <T extends object>(sql: string) => (await db.query<T>(sql)).rows;
      const [totals] = await all<Figures['totals']>(
        `select (select count(*)::int from runs) as runs, (select coalesce(sum(requested), 0)::float8 from runs) as requested,
                (select max(hour) from cost_hours) as "lastBatchAt"`,
      );
      return {
        now,
        status: await statusAt(db, now),
        cost: await this.costAt(db, now),
        outcomes: await all('select platform, result, looks::float8 from outcome_totals'),
        usage: await all(
          `select platform, status, sum(batches)::float8 as batches, sum(looks)::float8 as looks, sum(cost_micro_usd)::float8 as "costMicroUsd"
           from usage_days group by platform, status`,
        ),
        durations: await all(
          'select platform, bucket, batches::float8, duration_ms::float8 as "durationMs" from duration_totals',
        ),
        openLooks: await openLooksAt(db),
        failingClips: await all(
          `select failure->>'reason' as reason, count(*)::int as clips from clips where failure is not null group by 1`,
        ),
        money: await all(
          `select currency, status, count(*)::int as campaigns, sum(budget)::float8 as budget, sum(accrued - reversed)::float8 as spent,
                  sum(greatest(accrued - reversed - budget, 0))::float8 as overspend, (count(*) filter (where exhausted))::int as exhausted,
                  (count(*) filter (where accrued - reversed >= 0.9 * budget and not exhausted))::int as "nearlyUsed",
                  sum(accrued)::float8 as accrued, sum(reversed)::float8 as reversed
           from campaigns group by currency, status`,
        ),
        payouts: await all(
          `select status, count(*)::int as payouts, (count(*) filter (where times_paid > 1))::int as "paidTwice",
                  sum(overpaid)::float8 as overpaid from payouts group by status`,
        ),
        book: await all(
          `select currency, sum((m->>'accrued')::bigint)::float8 as accrued, sum((m->>'reversed')::bigint)::float8 as reversed,
                  sum((m->>'paid')::bigint)::float8 as paid
           from creators, jsonb_each(money) as by_currency (currency, m) group by currency`,
        ),
        position: (await all<{ position: number }>('select position::float8 from checkpoint'))[0]!
          .position,
        totals: totals!,
      };
    });
  }

  async costAt(db: ClientBase, now: Date): Promise<CycleCost> {
    const { from, to } = billingCycleAt(now, this.#usage.cycleDay);
    const [start, end] = [new Date(from), new Date(to)];
    const { rows } = await db.query<{ soFar: number; first: Date | null }>(
      `select coalesce(sum(cost_micro_usd), 0)::float8 as "soFar", (select min(hour) from cost_hours) as first from usage_days where day >= $1`,
      [start.toISOString().slice(0, 10)],
    );
    const { soFar, first } = rows[0]!;
    const hours = await hourly(
      db,
      'select hour, cost_micro_usd::float8 as amount from cost_hours where hour > $1',
      now,
    );
    const pace = first && paceOf(hours, first.getTime(), now.getTime());
    return {
      start,
      end,
      budgetMicroUsd: this.#usage.budgetUsd * 1e6,
      soFarMicroUsd: soFar,
      forecast: pace ? forecast(soFar, pace, now.getTime(), end.getTime()) : null,
    };
  }
}

/** Rows of `hour, amount` as far back as any pace looks. */
export async function hourly<K extends object = object>(
  db: ClientBase,
  sql: string,
  now: Date,
): Promise<(HourlyAmount & K)[]> {
  const since = new Date(now.getTime() - (PACE_HISTORY_HOURS + 1) * HOUR_MS);
  const { rows } = await db.query<{ hour: Date; amount: number } & K>(sql, [since]);
  return rows.map((row) => ({ ...row, hour: row.hour.getTime() }));
}

export async function statusAt(db: ClientBase, now: Date): Promise<StatusReport> {
  const since = new Date(now.getTime() - DAY_MS);
  const looks = await db.query<{ recorded: number; cached: number; failed: number }>(
    `select coalesce(sum(looks) filter (where result in ('recorded', 'cached')), 0)::float8 as recorded,
            coalesce(sum(looks) filter (where result = 'cached'), 0)::float8 as cached,
            coalesce(sum(looks) filter (where result not in ('recorded', 'cached')), 0)::float8 as failed
     from outcome_hours where hour > $1`,
    [since],
  );
  const day = await db.query<{ runs: number; costMicroUsd: number }>(
    `select (select count(*)::int from runs where started_at > $1) as runs,
            (select coalesce(sum(cost_micro_usd), 0)::float8 from cost_hours where hour > $1) as "costMicroUsd"`,
    [since],
  );
  const [lastRun = null] = await runsAt(db, 1);
  const open = await openLooksAt(db);
  const oldest = Math.min(now.getTime(), ...open.map((row) => row.oldest.getTime()));
  const settlementFailures = await settlementFailuresAt(db);
  const verdict = judge(looks.rows[0]!, lastRun, now);
  return {
    ...verdict,
    reasons: [...verdict.reasons, ...unsettledInWords(settlementFailures)],
    checkedAt: now.toISOString(),
    last24h: { ...looks.rows[0]!, ...day.rows[0]! },
    lastRun,
    outstanding: {
      looks: open.reduce((sum, row) => sum + row.looks, 0),
      oldestSeconds: (now.getTime() - oldest) / 1000,
    },
    settlementFailures,
  };
}

async function settlementFailuresAt(db: ClientBase): Promise<OpenFailures> {
  const sums = await db.query<{ open: number; total: number }>(
    `select coalesce(sum((select count(*) from jsonb_object_keys(failures))), 0)::int as open, coalesce(sum(settlement_failures), 0)::float8 as total
     from campaigns`,
  );
  const oldest = await db.query<OpenFailures['oldest'][number]>(
    `select campaign_id as "campaignId", clip_id as "clipId", f->>'reason' as reason, f->>'since' as since
     from campaigns, jsonb_each(failures) as of_clip (clip_id, f) order by (f->>'since')::timestamptz, clip_id limit 20`,
  );
  return { ...sums.rows[0]!, oldest: oldest.rows };
}

function unsettledInWords({ open, oldest: [first] }: OpenFailures): string[] {
  if (!first) return [];
  const others = open === 1 ? '' : ` Nor can ${open - 1} more.`;
  return [
    `The clip "${first.clipId}" cannot be settled in the campaign "${first.campaignId}": ${first.reason.replace(/\.$/, '')}.${others}`,
  ];
}

/** The newest runs first. */
export async function runsAt(db: ClientBase, count: number): Promise<RunReport[]> {
  const { rows } = await db.query<RunReport>(
    `select run_id as "runId", slot, policy, started_at as "startedAt", candidates, requested, recorded, failed,
            cost_micro_usd::float8 as "costMicroUsd", last_outcome_at as "lastOutcomeAt", earned,
            recorded::float8 / nullif(recorded + failed, 0) as "successRate",
            waited_ms / 1000.0::float8 / nullif(recorded + failed, 0) as "meanDurationSeconds"
     from runs order by position desc limit $1`,
    [count],
  );
  return rows;
}

async function openLooksAt(db: ClientBase): Promise<OpenLooks[]> {
  const { rows } = await db.query<OpenLooks>(
    'select platform, count(*)::int as looks, min(requested_at) as oldest from open_looks group by platform',
  );
  return rows;
}
