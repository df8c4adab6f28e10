import {
  PACE_HISTORY_HOURS,
  billingCycleAt,
  type PaceAmount,
  type Range,
} from '@cliptally/contracts';
import type { ClientBase } from 'pg';
import { HOUR_MS, forecast, knownPace } from '../domain/forecast.js';

export interface UsageTerms {
  /** Day of the month (1 to 28, UTC) on which a billing cycle begins. */
  cycleDay: number;
  /** US dollars that a billing cycle may cost. */
  budgetUsd: number;
}

export interface CycleCost {
  start: Date;
  end: Date;
  budgetMicroUsd: number;
  soFarMicroUsd: number;
  /** Micro US dollars at the end of the cycle; null without enough history. */
  forecast: Range | null;
}

export async function costAt(db: ClientBase, now: Date, usage: UsageTerms): Promise<CycleCost> {
  const { from, to } = billingCycleAt(now, usage.cycleDay);
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
  const pace = first && knownPace(hours, first.getTime(), now.getTime());
  return {
    start,
    end,
    budgetMicroUsd: usage.budgetUsd * 1e6,
    soFarMicroUsd: soFar,
    forecast: pace ? forecast(soFar, pace, now.getTime(), end.getTime()) : null,
  };
}

/** Rows of `hour, amount` as far back as any pace reaches. */
export async function hourly<K extends object = object>(
  db: ClientBase,
  sql: string,
  now: Date,
): Promise<(PaceAmount & K)[]> {
  const since = new Date(now.getTime() - (PACE_HISTORY_HOURS + 1) * HOUR_MS);
  const { rows } = await db.query<{ hour: Date; amount: number } & K>(sql, [since]);
  return rows.map((row) => ({ ...row, at: row.hour.getTime() }));
}
