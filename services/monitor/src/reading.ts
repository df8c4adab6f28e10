import { PLATFORMS, SCRAPE_FAILURES, type Clock } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import type { Pool } from 'pg';
import { judge, type RunFacts, type Verdict } from './domain/health.js';

const DAY_MS = 86_400_000;

export interface RunRow extends RunFacts {
  runId: string;
  slot: Date;
  policy: string;
  candidates: number;
  costMicroUsd: number;
  lastOutcomeAt: Date | null;
}

export interface StatusReport extends Verdict {
  checkedAt: string;
  last24h: { recorded: number; failed: number; cached: number; runs: number; costMicroUsd: number };
  lastRun: RunRow | null;
  outstanding: { looks: number; oldestSeconds: number };
}

/** Questions that the monitor's tables answer. */
export class Reading {
  readonly #pool: Pool;
  readonly #clock: Clock;

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  #all<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
    return inTransaction(this.#pool, 'monitor', async (db) => (await db.query<T>(sql, values)).rows);
  }

  async status(): Promise<StatusReport> {
    const now = this.#clock.now();
    const since = new Date(now.getTime() - DAY_MS);
    const [looks] = await this.#all<{ recorded: number; cached: number; failed: number }>(
      `select coalesce(sum(count) filter (where result in ('recorded', 'cached')), 0)::float8 as recorded,
              coalesce(sum(count) filter (where result = 'cached'), 0)::float8 as cached,
              coalesce(sum(count) filter (where result not in ('recorded', 'cached')), 0)::float8 as failed
       from outcomes where hour > $1`,
      [since],
    );
    const [day] = await this.#all<{ runs: number; cost: number }>(
      `select (select count(*)::int from runs where started_at > $1) as runs,
              (select coalesce(sum(cost_micro_usd), 0)::float8 from batches where hour > $1) as cost`,
      [since],
    );
    const lastRun = await this.lastRun();
    const verdict = judge(looks!, lastRun, now);
    return {
      ...verdict,
      checkedAt: now.toISOString(),
      last24h: { ...looks!, runs: day!.runs, costMicroUsd: day!.cost },
      lastRun,
      outstanding: await this.outstanding(),
    };
  }

  async lastRun(): Promise<RunRow | null> {
    const [row] = await this.#all<RunRow>(
      `select run_id as "runId", slot, policy, started_at as "startedAt", candidates, requested, recorded, failed,
              cost_micro_usd::float8 as "costMicroUsd", last_outcome_at as "lastOutcomeAt"
       from runs order by started_at desc limit 1`,
    );
    return row ?? null;
  }

  async outstanding(): Promise<{ looks: number; oldestSeconds: number }> {
    const [row] = await this.#all<{ looks: number; oldest: Date | null }>(
      'select count(*)::int as looks, min(requested_at) as oldest from open_looks',
    );
    const oldestSeconds = row!.oldest ? Math.max(0, (this.#clock.now().getTime() - row!.oldest.getTime()) / 1000) : 0;
    return { looks: row!.looks, oldestSeconds };
  }

  /** Totals since the beginning, with a zero for every combination that has not happened yet. */
  async outcomes(): Promise<{ platform: string; result: string; count: number }[]> {
    const seen = await this.#all<{ platform: string; result: string; count: number }>(
      'select platform, result, sum(count)::float8 as count from outcomes group by platform, result',
    );
    const counts = new Map(seen.map((row) => [`${row.platform} ${row.result}`, row.count]));
    return PLATFORMS.flatMap((platform) =>
      ['recorded', 'cached', ...SCRAPE_FAILURES].map((result) => ({ platform, result, count: counts.get(`${platform} ${result}`) ?? 0 })),
    );
  }

  async totals(): Promise<{
    runs: number;
    requested: number;
    batches: number;
    costMicroUsd: number;
    exhausted: number;
    overspend: number;
    paidTwice: number;
  }> {
    const [row] = await this.#all<{
      runs: number;
      requested: number;
      batches: number;
      costMicroUsd: number;
      exhausted: number;
      overspend: number;
      paidTwice: number;
    }>(
      `select (select count(*)::int from runs) as runs, (select coalesce(sum(requested), 0)::float8 from runs) as requested,
              (select coalesce(sum(count), 0)::float8 from batches) as batches,
              (select coalesce(sum(cost_micro_usd), 0)::float8 from batches) as "costMicroUsd",
              (select count(*)::int from campaigns where exhausted_at is not null) as exhausted,
              (select coalesce(sum(greatest(accrued - reversed - budget, 0)), 0)::float8 from campaigns) as overspend,
              (select count(*)::int from payouts where times_paid > 1) as "paidTwice"`,
    );
    return row!;
  }

  money(): Promise<{ currency: string; status: string; campaigns: number; budget: number; spent: number }[]> {
    return this.#all(
      `select currency, status, count(*)::int as campaigns, sum(budget)::float8 as budget, sum(accrued - reversed)::float8 as spent
       from campaigns group by currency, status`,
    );
  }
}
