import { SCRAPE_BUCKETS } from '@cliptally/telemetry';
import type {
  AnyEvent,
  CampaignStatus,
  EntryState,
  PayoutStatus,
  SettlementFailures,
} from '@cliptally/contracts';
import type { ClientBase } from 'pg';
import { Counts, Rows, upsert } from '@cliptally/messaging';
import type { Point } from '../domain/curve.js';
import { PACE_HISTORY_HOURS } from '../domain/pace.js';
import { kindOf, withoutLists, type NewestKind } from '../domain/sentence.js';

export interface RunRow {
  run_id: string;
  position: number;
  slot: string;
  policy: string;
  started_at: string;
  candidates: number;
  requested: number;
  recorded: number;
  failed: number;
  cost_micro_usd: number;
  last_outcome_at: string | null;
  waited_ms: number;
  earned: Record<string, number>;
}

export interface CampaignRow {
  campaign_id: string;
  brand_id: string;
  name: string;
  currency: string;
  status: CampaignStatus;
  clips: number;
  budget: number;
  accrued: number;
  reversed: number;
  launched_at: string;
  /** The planned end, or an earlier actual one. */
  ends_at: string | null;
  exhausted: boolean;
  failures: SettlementFailures;
  /** Since the beginning, mended ones included. */
  settlement_failures: number;
}

export interface Failure {
  requestId: string;
  reason: string;
  detail: string | null;
  retryable: boolean;
  attempts: number;
  source: string;
  /** Failures since the last look that brought a count. */
  times: number;
}

export interface ClipRow {
  clip_id: string;
  platform: string;
  url: string | null;
  retired: string | null;
  entries: Record<string, EntryState & { creatorId: string; earned: number }>;
  views: number | null;
  growth: number;
  observed_at: string | null;
  looked_at: string | null;
  curve: Point[];
  failed_at: string | null;
  failure: Failure | null;
}

export interface OpenLookRow {
  request_id: string;
  clip_id: string;
  platform: string;
  requested_at: string;
}

export interface PayoutRow {
  payout_id: string;
  currency: string;
  amount: number;
  status: PayoutStatus;
  times_paid: number;
  /**
   * How far it went beyond accrued minus reversed of its creator when it was paid; 0 again if it
   * comes back.
   */
  overpaid: number;
}

export interface CreatorMoney {
  accrued: number;
  reversed: number;
  paid: number;
}

export interface CreatorRow {
  creator_id: string;
  money: Record<string, CreatorMoney>;
}

/** Of each kind, what the page lists. */
const NEWEST = 40;
/** A day more than any rate looks back. */
const KEEP_HOURS = PACE_HISTORY_HOURS + 24;

/**
 * What events touch and add, so that a thousand of them cost a few statements and not some
 * thousands.
 */
export class WorkingSet {
  readonly runs = new Rows<RunRow>('runs', 'run_id');
  readonly campaigns = new Rows<CampaignRow>('campaigns', 'campaign_id');
  readonly clips = new Rows<ClipRow>('clips', 'clip_id');
  readonly payouts = new Rows<PayoutRow>('payouts', 'payout_id');
  readonly creators = new Rows<CreatorRow>('creators', 'creator_id');

  readonly outcomeHours = new Counts<
    { hour: string; platform: string; result: string },
    { looks: number }
  >('outcome_hours', KEEP_HOURS);
  readonly outcomeTotals = new Counts<{ platform: string; result: string }, { looks: number }>(
    'outcome_totals',
  );
  readonly accrualHours = new Counts<{ hour: string; campaign_id: string }, { amount: number }>(
    'accrual_hours',
    KEEP_HOURS,
  );
  readonly usageDays = new Counts<
    { day: string; platform: string; source: string; status: string },
    { batches: number; looks: number; cost_micro_usd: number }
  >('usage_days');
  readonly costHours = new Counts<{ hour: string }, { cost_micro_usd: number }>(
    'cost_hours',
    KEEP_HOURS,
  );
  readonly #durationHours = new Counts<
    { hour: string; platform: string; bucket: number },
    { batches: number; duration_ms: number }
  >('duration_hours', KEEP_HOURS);
  readonly #durationTotals = new Counts<
    { platform: string; bucket: number },
    { batches: number; duration_ms: number }
  >('duration_totals');

  readonly #requested = new Map<string, OpenLookRow>();
  readonly #answered: string[] = [];
  readonly #newest = new Map<NewestKind, AnyEvent[]>();
  /** Id of the newest run in the log so far. */
  newestRun: string | null = null;

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const ids = {
      runs: new Set<string>(),
      campaigns: new Set<string>(),
      clips: new Set<string>(),
      payouts: new Set<string>(),
      creators: new Set<string>(),
    };
    if (!this.newestRun) {
      const newest = await db.query<{ run_id: string }>(
        'select run_id from runs order by position desc limit 1',
      );
      this.newestRun = newest.rows[0]?.run_id ?? null;
      if (this.newestRun) ids.runs.add(this.newestRun);
    }
    for (const { data } of events) {
      if ('runId' in data) ids.runs.add(data.runId);
      if ('campaignId' in data) ids.campaigns.add(data.campaignId);
      if ('clipId' in data) ids.clips.add(data.clipId);
      if ('payoutId' in data) {
        ids.payouts.add(data.payoutId);
        ids.creators.add(data.creatorId);
      }
      if (!('lines' in data)) continue;
      for (const { clipId, creatorId } of data.lines) {
        ids.clips.add(clipId);
        ids.creators.add(creatorId);
      }
    }
    await this.runs.load(ids.runs, db);
    await this.campaigns.load(ids.campaigns, db);
    await this.clips.load(ids.clips, db);
    await this.payouts.load(ids.payouts, db);
    await this.creators.load(ids.creators, db);
  }

  /** Changes what a creator has in a currency. */
  money(creator_id: string, currency: string, change: (money: CreatorMoney) => void): void {
    const of = (row: CreatorRow) =>
      change((row.money[currency] ??= { accrued: 0, reversed: 0, paid: 0 }));
    if (this.creators.change(creator_id, of)) return;
    const row = { creator_id, money: {} };
    of(row);
    this.creators.put(row);
  }

  requested(look: OpenLookRow): void {
    this.#requested.set(look.request_id, look);
  }

  answered(requestId: string): void {
    if (!this.#requested.delete(requestId)) this.#answered.push(requestId);
  }

  duration(hour: string, platform: string, duration_ms: number): void {
    const above = SCRAPE_BUCKETS.findIndex((bound) => duration_ms <= bound * 1000);
    const bucket = above < 0 ? SCRAPE_BUCKETS.length : above;
    this.#durationHours.add({ hour, platform, bucket }, { batches: 1, duration_ms });
    this.#durationTotals.add({ platform, bucket }, { batches: 1, duration_ms });
  }

  tell(event: AnyEvent): void {
    const kind = kindOf(event.type);
    if (!kind) return;
    const list = this.#newest.get(kind) ?? [];
    if (list.length === 0) this.#newest.set(kind, list);
    list.push(event);
    if (list.length > NEWEST) list.shift();
  }

  get #tables() {
    const rows = [this.runs, this.campaigns, this.clips, this.payouts, this.creators];
    const counts = [
      this.outcomeHours,
      this.outcomeTotals,
      this.accrualHours,
      this.usageDays,
      this.costHours,
    ];
    return [...rows, ...counts, this.#durationHours, this.#durationTotals];
  }

  get size(): number {
    return this.#tables.reduce(
      (sum, { size }) => sum + size,
      this.#requested.size + this.#answered.length,
    );
  }

  async save(db: ClientBase): Promise<void> {
    for (const table of this.#tables) await table.save(db);
    await upsert(db, 'open_looks', ['request_id'], [...this.#requested.values()]);
    if (this.#answered.length > 0)
      await db.query('delete from open_looks where request_id = any($1)', [this.#answered]);
    for (const [kind, events] of this.#newest) await this.#saveNewest(kind, events, db);
  }

  async #saveNewest(kind: NewestKind, events: AnyEvent[], db: ClientBase): Promise<void> {
    const rows = events.map(({ position, time, type, data }) => ({
      kind,
      position,
      time,
      type,
      data: withoutLists(data),
    }));
    await upsert(db, 'newest', ['kind', 'position'], rows);
    await db.query(
      'delete from newest where kind = $1 and position <= (select position from newest where kind = $1 order by position desc offset $2 limit 1)',
      [kind, NEWEST],
    );
  }
}
