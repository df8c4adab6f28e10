import type { AnyEvent } from '@cliptally/contracts';
import type { ClientBase } from 'pg';
import { NO_TOTALS, type Totals } from '../domain/balance.js';
import { remainingOf, type Campaign, type CampaignFact } from '../domain/campaign.js';
import { dueOf, type ClipEntry, type ClipFact } from '../domain/clip.js';
import { record, type Ledger } from '../domain/ledger.js';
import type { Payout, PayoutFact } from '../domain/payout.js';
import type { ShortLinkFact } from '../domain/short-link.js';
import { addLine, type StatementLine } from '../domain/statement.js';
import { byInstant } from '../domain/fact.js';
import { upsert, type Fold } from '@cliptally/messaging';
import { mergeLooks, NewLooks } from './observation-rows.js';
import {
  ledgerRow,
  type BalanceFound,
  type CampaignFound,
  type ClipRow,
  type EntryFound,
  type FailedRow,
  type LedgerRow,
  type PayoutFound,
} from './table-rows.js';
import { ShortLinks } from './short-link-rows.js';

type Kept<T> = { value: T; revision: number; since: string };
/**
 * `id` is that of the event that began it; `correlation` is of the observation that it rests on.
 */
type KeptEntry = {
  value: ClipEntry;
  since: string;
  id: string;
  correlation: string | null;
  touched: boolean;
};
/** All that is known of a clip. */
type KeptClip = {
  row: ClipRow;
  entries: Map<string, KeptEntry>;
  failed: FailedRow | null;
  newLooks: NewLooks | null;
  touched: boolean;
};
type ScrapeFailed = Extract<AnyEvent, { type: 'ScrapeFailed' }>;
type PayoutStreamFact =
  PayoutFact | Extract<AnyEvent, { type: 'PayoutAccountSet' | 'CreatorEarningsReversed' }>;

const UNSEEN = {
  url: '',
  revision: -1,
  views: null,
  observed_at: null,
  author: null,
  followers: null,
  looks: 0,
};

/**
 * The rows that events touch: read once, folded in memory by the rules of the domain ({@link
 * record}), and written once.
 */
export class WorkingSet implements Fold, Ledger {
  readonly #campaigns = new Map<string, Kept<Campaign>>();
  readonly #clips = new Map<string, KeptClip>();
  readonly #payouts = new Map<string, Kept<Payout>>();
  readonly #payoutStreams = new Map<string, number>();
  readonly #payoutAccounts = new Map<
    string,
    { creator_id: string; provider: string; account: string }
  >();
  /** By creator, then by currency. */
  readonly #totals = new Map<string, Map<string, Totals>>();
  readonly #ledger: LedgerRow[] = [];
  readonly #shortLinks = new ShortLinks();
  readonly #requested = new Map<string, readonly string[]>();
  /** Those that were requested before. */
  readonly #answered: string[] = [];
  /** Whether a scrape was outstanding when this began; null before it was asked. */
  #outstanding: boolean | null = null;
  readonly #touched = {
    campaigns: new Set<string>(),
    entries: [] as KeptEntry[],
    clips: [] as KeptClip[],
    payouts: new Set<string>(),
  };
  /** Clips of which the failure changes. */
  readonly #failing = new Set<KeptClip>();
  #looks = 0;
  /** The event that is being taken. */
  #event!: AnyEvent;

  get size(): number {
    const { entries, clips } = this.#touched;
    return [entries, clips, this.#ledger, this.#answered].reduce(
      (sum, { length }) => sum + length,
      this.#requested.size + this.#looks,
    );
  }

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const clipIds = new Set<string>();
    const campaignIds = new Set<string>();
    const payoutIds = new Set<string>();
    const creatorIds = new Set<string>();
    for (const { type, data } of events) {
      if (type === 'ClipTrackingRequested') continue;
      if ('clipId' in data) clipIds.add(data.clipId);
      if ('campaignId' in data) campaignIds.add(data.campaignId);
      if ('payoutId' in data) {
        payoutIds.add(data.payoutId);
        creatorIds.add(data.creatorId);
      }
      if (!('lines' in data)) continue;
      for (const { clipId, creatorId } of data.lines) {
        clipIds.add(clipId);
        creatorIds.add(creatorId);
      }
    }
    await this.#shortLinks.load(events, db);
    await this.#loadClips(unknown(clipIds, this.#clips), campaignIds, db);
    const campaigns = await rows<CampaignFound>(
      'select campaign_id, revision, launched_at, state from campaigns where campaign_id = any($1)',
      unknown(campaignIds, this.#campaigns),
      db,
    );
    for (const { campaign_id, state, revision, launched_at } of campaigns)
      this.#campaigns.set(campaign_id, { value: state, revision, since: launched_at });
    const payouts = await rows<PayoutFound>(
      'select payout_id, position::float8, state from payouts where payout_id = any($1)',
      unknown(payoutIds, this.#payouts),
      db,
    );
    for (const { payout_id, state, position } of payouts)
      this.#payouts.set(payout_id, { value: state, revision: position, since: '' });
    await this.#loadTotals(unknown(creatorIds, this.#totals), db);
    this.#outstanding ??= (await db.query('select from outstanding_looks limit 1')).rowCount === 1;
  }

  async #loadTotals(creatorIds: string[], db: ClientBase): Promise<void> {
    for (const creatorId of creatorIds) this.#totals.set(creatorId, new Map());
    const found = await rows<BalanceFound>(
      'select creator_id, currency, totals from balances where creator_id = any($1)',
      creatorIds,
      db,
    );
    for (const { creator_id, currency, totals } of found)
      this.#totals.get(creator_id)!.set(currency, totals);
  }

  async #loadClips(clipIds: string[], campaignIds: Set<string>, db: ClientBase): Promise<void> {
    const clips = await rows<Omit<ClipRow, 'observed_at'> & { observed_at: Date | null }>(
      'select clip_id, platform, url, revision, views::float8, observed_at, author, followers::float8, looks from clips where clip_id = any($1)',
      clipIds,
      db,
    );
    for (const row of clips)
      this.#putClip({ ...row, observed_at: row.observed_at?.toISOString() ?? null });
    const failed = await rows<FailedRow>(
      'select * from failed_scrapes where clip_id = any($1)',
      clipIds,
      db,
    );
    for (const row of failed) this.#clips.get(row.clip_id)!.failed = row;
    const entries = await rows<EntryFound>(
      'select clip_id, campaign_id, submitted_at, submission, correlation_id, state from entries where clip_id = any($1)',
      clipIds,
      db,
    );
    for (const {
      clip_id,
      campaign_id,
      state,
      submitted_at,
      submission,
      correlation_id,
    } of entries) {
      const kept = {
        value: state,
        since: submitted_at,
        id: submission,
        correlation: correlation_id,
        touched: false,
      };
      this.#clips.get(clip_id)!.entries.set(campaign_id, kept);
      campaignIds.add(campaign_id);
    }
  }

  #putClip(row: ClipRow): KeptClip {
    const clip: KeptClip = {
      row,
      entries: new Map(),
      failed: null,
      newLooks: null,
      touched: false,
    };
    this.#clips.set(row.clip_id, clip);
    return clip;
  }

  take(event: AnyEvent): void {
    this.#event = event;
    if (event.type === 'ClipTrackingRequested')
      this.#requested.set(event.data.requestId, event.data.campaignIds);
    else if (event.stream.startsWith('clip-'))
      this.#takeClip(event as AnyEvent & (ClipFact | ScrapeFailed));
    else if (event.stream.startsWith('campaign-')) record(this, event as AnyEvent & CampaignFact);
    else if (event.stream.startsWith('payout-'))
      this.#takePayout(event as AnyEvent & PayoutStreamFact);
    else if (event.stream.startsWith('short-link-'))
      this.#shortLinks.take(event as AnyEvent & ShortLinkFact);
  }

  campaign(campaignId: string): Campaign | null {
    return this.#campaigns.get(campaignId)?.value ?? null;
  }

  keepCampaign(value: Campaign): void {
    const { revision, time } = this.#event;
    const since = this.#campaigns.get(value.campaignId)?.since ?? time;
    this.#campaigns.set(value.campaignId, { value, revision, since });
    this.#touched.campaigns.add(value.campaignId);
  }

  entry(clipId: string, campaignId: string): ClipEntry | null {
    return this.#clips.get(clipId)?.entries.get(campaignId)?.value ?? null;
  }

  *entriesOf(clipId: string): Iterable<ClipEntry> {
    const clip = this.#clips.get(clipId);
    if (clip) for (const { value } of clip.entries.values()) yield value;
  }

  keepEntry(value: ClipEntry, fact: CampaignFact | ClipFact): void {
    const { entries } = this.#clips.get(value.clipId)!;
    const before = entries.get(value.campaignId);
    const fresh = { value, since: fact.time, id: fact.id, correlation: null };
    const kept = before ?? { ...fresh, touched: false };
    if (fact.type === 'ClipSubmitted') Object.assign(kept, fresh);
    kept.value = value;
    if (fact.type === 'ViewsRecorded' && value.views.highWater?.id === fact.id)
      kept.correlation = this.#event.correlationId;
    entries.set(value.campaignId, kept);
    touch(kept, this.#touched.entries);
  }

  payout(payoutId: string): Payout | null {
    return this.#payouts.get(payoutId)?.value ?? null;
  }

  keepPayout(value: Payout): void {
    const revision = this.#payouts.get(value.payoutId)?.revision ?? this.#event.position;
    this.#payouts.set(value.payoutId, { value, revision, since: '' });
    this.#touched.payouts.add(value.payoutId);
  }

  addLine(line: StatementLine, nth: number): void {
    this.#ledger.push(ledgerRow(line, this.#event.position, nth));
    const totals = this.#totals.get(line.creatorId)!;
    totals.set(line.currency, addLine(totals.get(line.currency) ?? NO_TOTALS, line));
  }

  #takeClip(event: AnyEvent & (ClipFact | ScrapeFailed)): void {
    const { clipId, platform } = event.data;
    const clip = this.#clips.get(clipId) ?? this.#putClip({ ...UNSEEN, clip_id: clipId, platform });
    clip.row.revision = event.revision;
    touch(clip, this.#touched.clips);
    if (event.type === 'ScrapeFailed') return this.#takeFailure(clip, event);
    if (event.type === 'ClipSubmitted') clip.row.url = event.data.url;
    if (event.type === 'ViewsRecorded') this.#observe(clip, event);
    record(this, event);
  }

  #takeFailure(clip: KeptClip, { time, data }: ScrapeFailed): void {
    const { clipId, requestId, platform, reason, detail = null, retryable, attempts } = data;
    const failures = (clip.failed?.failures ?? 0) + 1;
    clip.failed = {
      clip_id: clipId,
      request_id: requestId,
      platform,
      reason,
      detail,
      retryable,
      attempts,
      failures,
      failed_at: time,
    };
    this.#failing.add(clip);
    this.#answer(requestId);
  }

  /** What was last observed of a clip. */
  #observe(clip: KeptClip, { id, data }: Extract<AnyEvent, { type: 'ViewsRecorded' }>): void {
    const { row } = clip;
    const { requestId, views, observedAt, author, followers, likes, comments } = data;
    this.#answer(requestId);
    if (clip.failed) this.#failing.add(clip);
    clip.failed = null;
    if (!data.cached) {
      clip.newLooks ??= new NewLooks(row.clip_id, row.looks);
      if (clip.newLooks.add({ id, observedAt, views, likes, comments })) this.#looks++;
      row.looks++;
    }
    if (row.observed_at !== null && byInstant(observedAt, row.observed_at) < 0) return;
    row.views = views;
    row.observed_at = observedAt;
    row.author = author ?? row.author;
    row.followers = followers ?? row.followers;
  }

  #answer(requestId: string): void {
    if (!this.#requested.delete(requestId) && this.#outstanding) this.#answered.push(requestId);
  }

  #takePayout(event: AnyEvent & PayoutStreamFact): void {
    const { creatorId } = event.data;
    this.#payoutStreams.set(creatorId, event.revision);
    if (event.type === 'PayoutAccountSet') {
      const { provider, account } = event.data;
      this.#payoutAccounts.set(creatorId, { creator_id: creatorId, provider, account });
    } else if (event.type !== 'CreatorEarningsReversed') record(this, event);
  }

  async save(db: ClientBase): Promise<void> {
    const pick = <T>(from: Map<string, T>, keys: Set<string>) =>
      [...keys].map((key) => from.get(key)!);
    await upsert(
      db,
      'campaigns',
      ['campaign_id'],
      pick(this.#campaigns, this.#touched.campaigns).map(campaignRow),
    );
    await this.#shortLinks.save(db);
    const { clips, entries } = this.#touched;
    await upsert(db, 'clips', ['clip_id'], clips.map(({ row }) => row)); // prettier-ignore
    await upsert(db, 'entries', ['clip_id', 'campaign_id'], entries.values().map((kept) => this.#entryRow(kept))); // prettier-ignore
    const looksOf = (begins: boolean) =>
      clips
        .values()
        .flatMap(({ newLooks }) => (newLooks?.begins === begins ? newLooks.rows() : []));
    await upsert(db, 'looks', ['clip_id', 'place'], looksOf(false), mergeLooks);
    await upsert(db, 'looks', ['clip_id', 'place'], looksOf(true), null);
    await upsert(db, 'ledger', ['position', 'line'], this.#ledger);
    const earning = new Set(this.#ledger.map(({ creator_id }) => creator_id));
    const balances = [...earning].flatMap((creator_id) => [...this.#totals.get(creator_id)!].map(([currency, totals]) => ({ creator_id, currency, totals }))); // prettier-ignore
    await upsert(db, 'balances', ['creator_id', 'currency'], balances);
    await upsert(
      db,
      'payouts',
      ['payout_id'],
      pick(this.#payouts, this.#touched.payouts).map(payoutRow),
    );
    const payoutStreams = [...this.#payoutStreams].map(([creator_id, revision]) => ({
      creator_id,
      revision,
    }));
    await upsert(db, 'payout_streams', ['creator_id'], payoutStreams);
    await upsert(db, 'payout_accounts', ['creator_id'], [...this.#payoutAccounts.values()]);
    const failing = [...this.#failing];
    await upsert(db, 'failed_scrapes', ['clip_id'], failing.flatMap(({ failed }) => failed ?? [])); // prettier-ignore
    const seen = failing.flatMap(({ row, failed }) => (failed ? [] : row.clip_id));
    if (seen.length > 0)
      await db.query('delete from failed_scrapes where clip_id = any($1)', [seen]);
    const open = [...this.#requested].flatMap(([request_id, ids]) =>
      ids.map((campaign_id) => ({ request_id, campaign_id })),
    );
    await upsert(db, 'outstanding_looks', ['request_id', 'campaign_id'], open);
    if (this.#answered.length > 0)
      await db.query('delete from outstanding_looks where request_id = any($1)', [this.#answered]);
  }

  #entryRow({ value, since, id, correlation }: KeptEntry) {
    const { clipId, campaignId, creatorId, status } = value;
    const due = dueOf(value, this.campaign(campaignId)!);
    const names = { clip_id: clipId, campaign_id: campaignId, creator_id: creatorId };
    return {
      ...names,
      status,
      submitted_at: since,
      submission: id,
      due,
      correlation_id: correlation,
      state: value,
    };
  }
}

const unknown = (ids: Iterable<string>, known: ReadonlyMap<string, unknown>): string[] =>
  [...ids].filter((id) => !known.has(id));

async function rows<T extends object>(sql: string, ids: string[], db: ClientBase): Promise<T[]> {
  return ids.length === 0 ? [] : (await db.query<T>(sql, [ids])).rows;
}

function touch<T extends { touched: boolean }>(kept: T, list: T[]): void {
  if (!kept.touched) list.push(kept);
  kept.touched = true;
}

function campaignRow({ value, revision, since }: Kept<Campaign>) {
  const { campaignId, brandId, status } = value;
  return {
    campaign_id: campaignId,
    brand_id: brandId,
    status,
    launched_at: since,
    revision,
    remaining: remainingOf(value),
    state: value,
  };
}

function payoutRow({ value, revision }: Kept<Payout>) {
  const { payoutId, creatorId, currency, status } = value;
  return {
    payout_id: payoutId,
    creator_id: creatorId,
    currency,
    status,
    position: revision,
    state: value,
  };
}
