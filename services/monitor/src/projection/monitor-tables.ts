import { PACE_HISTORY_HOURS, type AnyEvent, type EventType } from '@cliptally/contracts';
import { Counts, Rows, upsert } from '@cliptally/messaging';
import { SCRAPE_BUCKETS } from '@cliptally/telemetry';
import type { ClientBase } from 'pg';
import { kindOf, withoutLists, withoutSealed, type NewestKind } from '../domain/sentence.js';
import type {
  AttemptRow,
  CampaignRow,
  ClipRow,
  CreatorMoney,
  CreatorRow,
  NewestRow,
  OpenRequestRow,
  PayoutRow,
  RunRow,
  SkipRow,
  WaitingKind,
  WaitingRow,
} from './rows.js';

/** Of each platform, what alerts weigh. */
export const ATTEMPTS = 50;
/** Of each kind, what the page lists. */
const NEWEST = 40;
/** A day more than any rate reaches back. */
const KEEP_HOURS = PACE_HISTORY_HOURS + 24;

/** What a batch of events touches and adds: a thousand of them cost a few statements. */
export class MonitorTables {
  readonly runs = new Rows<RunRow>('runs', 'run_id');
  readonly campaigns = new Rows<CampaignRow>('campaigns', 'campaign_id');
  readonly clips = new Rows<ClipRow>('clips', 'clip_id');
  readonly payouts = new Rows<PayoutRow>('payouts', 'payout_id');
  readonly creators = new Rows<CreatorRow>('creators', 'creator_id');
  readonly #waiting = new Rows<WaitingRow>('waiting', 'id');
  readonly skips = new Rows<SkipRow>('skips', 'event_id', 'projection');
  readonly openRequests = new Rows<OpenRequestRow>('open_requests', 'request_id');

  readonly outcomeHours = new Counts<
    { hour: string; platform: string; result: string },
    { scrapes: number }
  >('outcome_hours', KEEP_HOURS);
  readonly viewFields = new Counts<{ platform: string; field: string }, { observations: number }>(
    'view_fields',
  );
  readonly outcomeTotals = new Counts<{ platform: string; result: string }, { scrapes: number }>(
    'outcome_totals',
  );
  readonly accrualHours = new Counts<{ hour: string; campaign_id: string }, { amount: number }>(
    'accrual_hours',
    KEEP_HOURS,
  );
  readonly usageDays = new Counts<
    { day: string; platform: string; source: string; status: string },
    { batches: number; cost_micro_usd: number }
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
  readonly #tables = [
    this.runs,
    this.campaigns,
    this.clips,
    this.payouts,
    this.creators,
    this.skips,
    this.#waiting,
    this.openRequests,
    this.outcomeHours,
    this.outcomeTotals,
    this.viewFields,
    this.accrualHours,
    this.usageDays,
    this.costHours,
    this.#durationHours,
    this.#durationTotals,
  ];

  readonly #newest = new Map<NewestKind, NewestRow[]>();
  readonly #attempts = new Map<string, AttemptRow[]>();
  /** Id of the newest run in the log so far. */
  newestRun: string | null = null;

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const ids = {
      runs: new Set<string>(),
      campaigns: new Set<string>(),
      clips: new Set<string>(),
      payouts: new Set<string>(),
      creators: new Set<string>(),
      skips: new Set<string>(),
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
      if ('eventId' in data) ids.skips.add(data.eventId);
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
    await this.skips.load(ids.skips, db);
    await this.runs.load(ids.runs, db);
    await this.campaigns.load(ids.campaigns, db);
    await this.clips.load(ids.clips, db);
    await this.payouts.load(ids.payouts, db);
    await this.creators.load(ids.creators, db);
  }

  /** Changes what a creator has in a currency. */
  money(creator_id: string, currency: string, change: (money: CreatorMoney) => void): void {
    const of = (row: CreatorRow) =>
      change((row.money[currency] ??= { accrued: 0, reversed: 0, withheld: 0, paid: 0 }));
    if (this.creators.change(creator_id, of)) return;
    const row = { creator_id, money: {} };
    of(row);
    this.creators.put(row);
  }

  duration(hour: string, platform: string, duration_ms: number): void {
    const above = SCRAPE_BUCKETS.findIndex((bound) => duration_ms <= bound * 1000);
    const bucket = above < 0 ? SCRAPE_BUCKETS.length : above;
    this.#durationHours.add({ hour, platform, bucket }, { batches: 1, duration_ms });
    this.#durationTotals.add({ platform, bucket }, { batches: 1, duration_ms });
  }

  /** Something waits for a person since then, or, for null, no more. */
  waits(
    kind: WaitingKind,
    { clipId, campaignId }: { clipId: string; campaignId: string },
    since: string | null,
  ): void {
    // prettier-ignore
    const id = `${kind} ${clipId} ${campaignId}`;
    if (since === null) this.#waiting.remove(id);
    else this.#waiting.put({ id, kind, since });
  }

  /** A review ends some waits; a hold begins one, which an approval does not end. */
  reviewed(type: EventType, time: string, of: { clipId: string; campaignId: string }): void {
    if (type === 'ClipApproved' || type === 'ClipRejected') this.waits('submission', of, null);
    if (type === 'ClipHeld') this.waits('hold', of, time);
    if (type === 'ClipReleased' || type === 'ClipRejected') this.waits('hold', of, null);
  }

  attempt(row: AttemptRow): void {
    keepNewest(this.#attempts, row.platform, row, ATTEMPTS);
  }

  /** Keeps the event for the list of the newest, if it is worth a sentence. */
  list({ position, time, type, data }: AnyEvent): void {
    const kind = kindOf(type);
    if (!kind) return;
    keepNewest(
      this.#newest,
      kind,
      { kind, position, time, type, data: withoutLists(withoutSealed(type, data)) },
      NEWEST,
    );
  }

  get size(): number {
    return this.#tables.reduce((sum, { size }) => sum + size, 0);
  }

  async save(db: ClientBase): Promise<void> {
    for (const table of this.#tables) await table.save(db);
    await saveNewest(db, 'newest', 'kind', this.#newest, NEWEST);
    await saveNewest(db, 'attempts', 'platform', this.#attempts, ATTEMPTS);
  }
}

function keepNewest<K, R>(lists: Map<K, R[]>, of: K, row: R, most: number): void {
  const rows = lists.get(of) ?? [];
  if (rows.length === 0) lists.set(of, rows);
  rows.push(row);
  if (rows.length > most) rows.shift();
}

async function saveNewest<K extends string, R extends { position: number }>(
  db: ClientBase,
  table: string,
  key: keyof R & string,
  lists: ReadonlyMap<K, R[]>,
  most: number,
): Promise<void> {
  for (const [of, rows] of lists) {
    await upsert(db, table, [key, 'position'], rows);
    await db.query(
      `delete from ${table} where ${key} = $1 and position <=
         (select position from ${table} where ${key} = $1 order by position desc offset $2 limit 1)`,
      [of, most],
    );
  }
}
