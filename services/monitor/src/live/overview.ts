import { daysAtPace, formatMoney, type EventType, type Range } from '@cliptally/contracts';
import { SCRAPE_BUCKETS } from '@cliptally/telemetry';
import type { ClientBase } from 'pg';
import { quantile } from '../domain/histogram.js';
import { nextScrape } from '../domain/next-scrape.js';
import { HOUR_MS, knownPace } from '../domain/forecast.js';
import { reasonInWords, sentence } from '../domain/sentence.js';
import type { CampaignRow, ClipRow } from '../projection/rows.js';
import { hourly } from '../status/cost.js';
import type { Reading } from '../status/reading.js';
import { DAY_MS, runsAt, statusAt } from '../status/status.js';
import { attentionAt } from './attention.js';
import { firingAlerts } from './firing-alerts.js';
import type { CampaignLine, ClipLine, Sections } from './sections.js';

/** Lines of each list at most: the API lists everything. */
const RUNS = 12;
const CAMPAIGNS = 50;
const CLIPS = 50;
const FAILURES = 50;

/** Everything the page shows, of one moment; `runIntervalMs` lies between two tracking runs. */
export async function overview(
  reading: Reading,
  runIntervalMs: number,
  alertmanagerUrl?: string,
): Promise<Omit<Sections, 'clock'>> {
  const alerts = await firingAlerts(alertmanagerUrl);
  return reading.at(async (db, now) => {
    const campaigns = await rowsOf<CampaignRow>(
      db,
      'select to_jsonb(c) as row from campaigns c order by launched_at desc, campaign_id',
    );
    const byId = new Map(campaigns.map((campaign) => [campaign.campaign_id, campaign]));
    return {
      attention: { alerts, ...(await attentionAt(db)) },
      state: await stateAt(db, now),
      cost: await costAt(reading, db, now),
      campaigns: await campaignsAt(campaigns, db, now),
      clips: await clipsAt(byId, { db, now, runIntervalMs }),
      failures: await failuresAt(db),
      newest: await newestAt(byId, db),
    };
  });
}

async function rowsOf<R>(db: ClientBase, sql: string, values: unknown[] = []): Promise<R[]> {
  return (await db.query<{ row: R }>(sql, values)).rows.map(({ row }) => row);
}

const instant = (time: string | Date | null) => (time === null ? null : new Date(time).getTime());

async function stateAt(db: ClientBase, now: Date): Promise<Sections['state']> {
  const { status, successRate, reasons, last24h, outstanding } = await statusAt(db, now);
  const runs = await runsAt(db, RUNS);
  const oldest = outstanding.looks > 0 ? now.getTime() - outstanding.oldestSeconds * 1000 : null;
  return {
    status,
    successRate,
    reasons,
    recorded: last24h.recorded,
    cached: last24h.cached,
    failed: last24h.failed,
    outstanding: outstanding.looks,
    oldest,
    runsOfDay: last24h.runs,
    runs: runs.map(({ runId, policy, candidates, requested, recorded, failed, ...run }) => ({
      runId,
      policy,
      candidates,
      requested,
      recorded,
      failed,
      startedAt: run.startedAt.getTime(),
      costUsd: run.costMicroUsd / 1e6,
      seconds:
        run.lastOutcomeAt &&
        Math.max(0, (run.lastOutcomeAt.getTime() - run.startedAt.getTime()) / 1000),
      earned: Object.entries(run.earned).map(([currency, amount]) => formatMoney(amount, currency)),
    })),
    hours: await hoursAt(db, now),
    scrapes: await scrapesAt(db, now),
  };
}

async function hoursAt(db: ClientBase, now: Date): Promise<Sections['state']['hours']> {
  const last = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const { rows } = await db.query<{ hour: Date; recorded: number; failed: number }>(
    `select hour, coalesce(sum(scrapes) filter (where result in ('recorded', 'cached')), 0)::float8 as recorded,
            coalesce(sum(scrapes) filter (where result not in ('recorded', 'cached')), 0)::float8 as failed
     from outcome_hours where hour > $1 group by hour`,
    [new Date(last - DAY_MS)],
  );
  const seen = new Map(rows.map((row) => [row.hour.getTime(), row]));
  return Array.from({ length: 24 }, (_, i) => {
    const hour = last - (23 - i) * HOUR_MS;
    const { recorded = 0, failed = 0 } = seen.get(hour) ?? {};
    return { hour, recorded, failed };
  });
}

async function scrapesAt(db: ClientBase, now: Date): Promise<Sections['state']['scrapes']> {
  const { rows } = await db.query<{
    platform: string;
    bucket: number;
    batches: number;
    ms: number;
  }>(
    `select platform, bucket, sum(batches)::float8 as batches, sum(duration_ms)::float8 as ms
     from duration_hours where hour > $1 group by platform, bucket order by platform, bucket`,
    [new Date(now.getTime() - DAY_MS)],
  );
  return [...Map.groupBy(rows, (row) => row.platform)].map(([platform, buckets]) => {
    const batches = buckets.reduce((sum, row) => sum + row.batches, 0);
    const counts = Array.from(
      { length: SCRAPE_BUCKETS.length + 1 },
      (_, i) => buckets.find((row) => row.bucket === i)?.batches ?? 0,
    );
    const mean = buckets.reduce((sum, row) => sum + row.ms, 0) / batches / 1000;
    const p95 = quantile(0.95, SCRAPE_BUCKETS, counts);
    return { platform, batches, mean, p95: p95?.seconds ?? 0, p95Above: p95?.above ?? false };
  });
}

async function costAt(reading: Reading, db: ClientBase, now: Date): Promise<Sections['cost']> {
  const { start, end, budgetMicroUsd, soFarMicroUsd, forecast } = await reading.costAt(db, now);
  const { rows } = await db.query<{ day: string; micro: number }>(
    'select day::text, sum(cost_micro_usd)::float8 as micro from usage_days where day >= $1 group by day order by day',
    [start.toISOString().slice(0, 10)],
  );
  return {
    start: start.getTime(),
    end: end.getTime(),
    budgetUsd: budgetMicroUsd / 1e6,
    soFarUsd: soFarMicroUsd / 1e6,
    forecastUsd: forecast && {
      low: forecast.low / 1e6,
      likely: forecast.likely / 1e6,
      high: forecast.high / 1e6,
    },
    days: rows.map(({ day, micro }) => ({ day: Date.parse(`${day}T00:00:00Z`), usd: micro / 1e6 })),
  };
}

/** Active campaigns come first. */
async function campaignsAt(
  campaigns: readonly CampaignRow[],
  db: ClientBase,
  now: Date,
): Promise<Sections['campaigns']> {
  const accruals = await hourly<{ campaign: string }>(
    db,
    'select hour, campaign_id as campaign, amount::float8 from accrual_hours where hour > $1',
    now,
  );
  const hours = Map.groupBy(accruals, (row) => row.campaign);
  const lines = campaigns.map((row): CampaignLine => {
    const { campaign_id: campaignId, name, currency, budget } = row;
    const spent = row.accrued - row.reversed + row.fees_on_top;
    const left = Math.max(0, budget - spent);
    const pace = knownPace(hours.get(campaignId) ?? [], Date.parse(row.launched_at), now.getTime());
    return {
      campaignId,
      name,
      clips: row.clips,
      endsAt: instant(row.ends_at),
      exhausted: row.exhausted,
      status: row.status,
      budget: formatMoney(budget, currency),
      spent: formatMoney(spent, currency),
      left: formatMoney(left, currency),
      share: budget > 0 ? spent / budget : 1,
      daysLeft: pace && row.status === 'ACTIVE' && left > 0 ? runwayOf(left, pace) : null,
    };
  });
  const rank = { ACTIVE: 0, PAUSED: 1, ENDED: 2 };
  return {
    total: lines.length,
    lines: lines
      .sort((a, b) => rank[a.status] - rank[b.status] || b.share - a.share)
      .slice(0, CAMPAIGNS),
  };
}

/** Null if nothing is being spent. */
function runwayOf(left: number, pace: Range): CampaignLine['daysLeft'] {
  const { low, ...rest } = daysAtPace(left, pace);
  return low === null ? null : { low, ...rest };
}

interface Moment {
  db: ClientBase;
  now: Date;
  runIntervalMs: number;
}

async function clipsAt(
  campaigns: ReadonlyMap<string, CampaignRow>,
  { db, now, runIntervalMs }: Moment,
): Promise<Sections['clips']> {
  const [lastRun] = await runsAt(db, 1);
  const counts = await db.query<{ total: number; never: number }>(
    'select count(*)::int as total, (count(*) filter (where last_outcome_at is null))::int as never from clips where retired is null',
  );
  const rows = await rowsOf<ClipRow & { requested: boolean }>(
    db,
    `select to_jsonb(c) || jsonb_build_object('requested', exists (select from open_requests o where o.clip_id = c.clip_id)) as row
     from clips c where retired is null order by growth desc, clip_id limit $1`,
    [CLIPS],
  );
  const isActive = (id: string) => campaigns.get(id)?.status === 'ACTIVE';
  const nextOf = (clip: ClipRow & { requested: boolean }): ClipLine['next'] => {
    const tracked = Object.entries(clip.entries).some(
      ([id, { status }]) => status !== 'REJECTED' && isActive(id),
    );
    const { requested, curve, failure } = clip;
    const known = {
      requested,
      tracked,
      curve,
      failures: failure?.times ?? 0,
      lastOutcomeAt: instant(clip.last_outcome_at),
    };
    return nextScrape(known, now.getTime(), lastRun ? lastRun.slot.getTime() : null, runIntervalMs);
  };
  const entriesOf = (clip: ClipRow): ClipLine['entries'] =>
    Object.entries(clip.entries).flatMap(([id, { status, held, earned }]) => {
      const campaign = campaigns.get(id);
      return campaign
        ? [
            {
              campaign: campaign.name,
              status,
              held,
              earned: formatMoney(earned, campaign.currency),
            },
          ]
        : [];
    });
  return {
    total: counts.rows[0]!.total,
    neverScraped: counts.rows[0]!.never,
    lines: rows.map((clip) => {
      const { clip_id: clipId, platform, url, views, growth, curve } = clip;
      return {
        clipId,
        creators: [...new Set(Object.values(clip.entries).map(({ creatorId }) => creatorId))],
        platform,
        url,
        views,
        growth,
        curve,
        lastOutcomeAt: instant(clip.last_outcome_at),
        next: nextOf(clip),
        entries: entriesOf(clip),
      };
    }),
  };
}

async function failuresAt(db: ClientBase): Promise<Sections['failures']> {
  const { rows: reasons } = await db.query<{ reason: string; clips: number }>(
    `select failure->>'reason' as reason, count(*)::int as clips from clips where failure is not null group by 1 order by 2 desc, 1`,
  );
  const rows = await rowsOf<ClipRow>(
    db,
    'select to_jsonb(c) as row from clips c where failure is not null order by failed_at desc, clip_id limit $1',
    [FAILURES],
  );
  return {
    total: reasons.reduce((sum, { clips }) => sum + clips, 0),
    reasons: reasons.map(({ reason, clips }) => ({ reason, clips, words: reasonInWords(reason) })),
    lines: rows.map(({ clip_id: clipId, platform, url, failed_at, failure }) => {
      const words = reasonInWords(failure!.reason);
      return { clipId, platform, url, failedAt: instant(failed_at)!, words, ...failure! };
    }),
  };
}

async function newestAt(
  campaigns: ReadonlyMap<string, CampaignRow>,
  db: ClientBase,
): Promise<Sections['newest']> {
  const { rows } = await db.query<{
    position: number;
    time: Date;
    kind: string;
    type: EventType;
    data: object;
  }>('select position::float8, time, kind, type, data from newest order by position desc');
  const nameOf = (id: string) => campaigns.get(id)?.name ?? id;
  return {
    lines: rows.map(({ position, time, kind, type, data }) => {
      return { position, kind, time: time.getTime(), words: sentence(type, data, nameOf) };
    }),
  };
}
