import type { ClientBase } from 'pg';
import { judge, type RunFacts, type Verdict } from '../domain/health.js';

export const DAY_MS = 86_400_000;

export interface RunReport extends RunFacts {
  runId: string;
  slot: Date;
  policy: string;
  candidates: number;
  /** Candidates that nothing but a limit kept from being chosen; null if the run did not say. */
  due: number | null;
  costMicroUsd: number;
  lastOutcomeAt: Date | null;
  /** Share of its scrapes that were recorded so far, 0 to 1; null without outcomes. */
  successRate: number | null;
  /** From the run's start to an outcome, on average; null without outcomes. */
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

export interface OpenRequests {
  platform: string;
  requests: number;
  oldest: Date;
}

export async function statusAt(db: ClientBase, now: Date): Promise<StatusReport> {
  const since = new Date(now.getTime() - DAY_MS);
  const outcomes = await db.query<{ recorded: number; cached: number; failed: number }>(
    `select coalesce(sum(scrapes) filter (where result in ('recorded', 'cached')), 0)::float8 as recorded,
            coalesce(sum(scrapes) filter (where result = 'cached'), 0)::float8 as cached,
            coalesce(sum(scrapes) filter (where result not in ('recorded', 'cached')), 0)::float8 as failed
     from outcome_hours where hour > $1`,
    [since],
  );
  const day = await db.query<{ runs: number; costMicroUsd: number }>(
    `select (select count(*)::int from runs where started_at > $1) as runs,
            (select coalesce(sum(cost_micro_usd), 0)::float8 from cost_hours where hour > $1) as "costMicroUsd"`,
    [since],
  );
  const [lastRun = null] = await runsAt(db, 1);
  const open = await openRequestsAt(db);
  const oldest = Math.min(now.getTime(), ...open.map((row) => row.oldest.getTime()));
  const settlementFailures = await settlementFailuresAt(db);
  const verdict = judge(outcomes.rows[0]!, lastRun, now);
  return {
    ...verdict,
    reasons: [...verdict.reasons, ...unsettledInWords(settlementFailures)],
    checkedAt: now.toISOString(),
    last24h: { ...outcomes.rows[0]!, ...day.rows[0]! },
    lastRun,
    outstanding: {
      looks: open.reduce((sum, row) => sum + row.requests, 0),
      oldestSeconds: (now.getTime() - oldest) / 1000,
    },
    settlementFailures,
  };
}

export async function settlementFailuresAt(db: ClientBase): Promise<OpenFailures> {
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
    `select run_id as "runId", slot, policy, started_at as "startedAt", candidates, requested, due, recorded, failed,
            cost_micro_usd::float8 as "costMicroUsd", last_outcome_at as "lastOutcomeAt", earned,
            recorded::float8 / nullif(recorded + failed, 0) as "successRate",
            waited_ms / 1000.0::float8 / nullif(recorded + failed, 0) as "meanDurationSeconds"
     from runs order by position desc limit $1`,
    [count],
  );
  return rows;
}

export async function openRequestsAt(db: ClientBase): Promise<OpenRequests[]> {
  const { rows } = await db.query<OpenRequests>(
    'select platform, count(*)::int as requests, min(requested_at) as oldest from open_requests group by platform',
  );
  return rows;
}
