import type { Clock } from '@cliptally/contracts';
import { inTransaction } from '@cliptally/messaging';
import type { ClientBase, Pool } from 'pg';
import { costAt, type CycleCost, type UsageTerms } from './cost.js';
import {
  DAY_MS,
  openRequestsAt,
  statusAt,
  type OpenRequests,
  type StatusReport,
} from './status.js';

/** Older attempts say nothing of today. */
const ATTEMPTS_BACK_MS = 7 * DAY_MS;

/** Everything that /metrics exports, read at one moment. */
export interface Figures {
  now: Date;
  status: StatusReport;
  cost: CycleCost;
  outcomes: { platform: string; result: string; scrapes: number }[];
  /** Of each platform, the newest attempts of the last week. */
  attempts: { platform: string; result: string; scrapes: number }[];
  viewFields: { platform: string; field: string; observations: number }[];
  retiredClips: { platform: string; clips: number }[];
  usage: {
    platform: string;
    status: string;
    batches: number;
    costMicroUsd: number;
  }[];
  durations: { platform: string; bucket: number; batches: number; durationMs: number }[];
  openRequests: OpenRequests[];
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
    feesWithheld: number;
    feesOnTop: number;
  }[];
  payouts: { status: string; payouts: number; paidTwice: number; overpaid: number }[];
  /** Since when the oldest approved payout waits, and how many have failed since one was paid. */
  payoutTrouble: { oldestApproved: Date | null; failedInARow: number };
  /** What the creators' lines give, by currency, at this position of the log. */
  book: { currency: string; accrued: number; reversed: number; withheld: number; paid: number }[];
  /** Skips that nobody has reviewed, by projection. */
  skips: { projection: string; events: number }[];
  position: number;
  totals: { runs: number; requested: number; lastBatchAt: Date | null };
}

/** Reads the monitor's tables. */
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
      const all = async <T extends object>(sql: string, values: unknown[] = []) =>
        (await db.query<T>(sql, values)).rows;
      const [totals] = await all<Figures['totals']>(
        `select (select count(*)::int from runs) as runs, (select coalesce(sum(requested), 0)::float8 from runs) as requested,
                (select max(hour) from cost_hours) as "lastBatchAt"`,
      );
      return {
        now,
        status: await statusAt(db, now),
        cost: await this.costAt(db, now),
        outcomes: await all('select platform, result, scrapes::float8 from outcome_totals'),
        attempts: await all(
          `select platform, result, count(*)::int as scrapes from attempts where at > $1 group by 1, 2`,
          [new Date(now.getTime() - ATTEMPTS_BACK_MS)],
        ),
        viewFields: await all('select platform, field, observations::float8 from view_fields'),
        retiredClips: await all(
          'select platform, count(*)::int as clips from clips where retired is not null group by 1',
        ),
        usage: await all(
          `select platform, status, sum(batches)::float8 as batches, sum(cost_micro_usd)::float8 as "costMicroUsd"
           from usage_days group by platform, status`,
        ),
        durations: await all(
          'select platform, bucket, batches::float8, duration_ms::float8 as "durationMs" from duration_totals',
        ),
        openRequests: await openRequestsAt(db),
        failingClips: await all(
          `select failure->>'reason' as reason, count(*)::int as clips from clips where failure is not null group by 1`,
        ),
        money: await all(
          `select currency, status, count(*)::int as campaigns, sum(budget)::float8 as budget, sum(accrued - reversed + fees_on_top)::float8 as spent,
                  sum(greatest(accrued - reversed + fees_on_top - budget, 0))::float8 as overspend, (count(*) filter (where exhausted))::int as exhausted,
                  (count(*) filter (where accrued - reversed + fees_on_top >= 0.9 * budget and not exhausted))::int as "nearlyUsed",
                  sum(accrued)::float8 as accrued, sum(reversed)::float8 as reversed,
                  sum(fees_withheld)::float8 as "feesWithheld", sum(fees_on_top)::float8 as "feesOnTop"
           from campaigns group by currency, status`,
        ),
        payouts: await all(
          `select status, count(*)::int as payouts, (count(*) filter (where times_paid > 1))::int as "paidTwice",
                  sum(overpaid)::float8 as overpaid from payouts group by status`,
        ),
        payoutTrouble: (
          await all<Figures['payoutTrouble']>(
            `select min(changed_at) filter (where status = 'APPROVED') as "oldestApproved",
                    (count(*) filter (where status = 'FAILED' and changed_at > coalesce(
                      (select max(changed_at) from payouts where status = 'PAID'), '-infinity')))::int as "failedInARow"
             from payouts`,
          )
        )[0]!,
        book: await all(
          `select currency, sum((m->>'accrued')::bigint)::float8 as accrued, sum((m->>'reversed')::bigint)::float8 as reversed,
                  sum((m->>'withheld')::bigint)::float8 as withheld, sum((m->>'paid')::bigint)::float8 as paid
           from creators, jsonb_each(money) as by_currency (currency, m) group by currency`,
        ),
        skips: await all(
          'select projection, count(*)::int as events from skips where reviewed is null group by 1',
        ),
        position: (await all<{ position: number }>('select position::float8 from checkpoint'))[0]!
          .position,
        totals: totals!,
      };
    });
  }

  costAt(db: ClientBase, now: Date): Promise<CycleCost> {
    return costAt(db, now, this.#usage);
  }
}
