import type { AnyEvent } from '@cliptally/contracts';
import type { ClientBase } from 'pg';
import { evolveCampaign, remainingOf, type Campaign, type CampaignFact } from '../domain/campaign.js';
import { accrue, dueOf, evolveEntry, reverse, type ClipEntry, type ClipFact } from '../domain/clip.js';
import { evolvePayout, type Payout, type PayoutFact } from '../domain/payout.js';
import { payoutLine } from '../domain/statement.js';
import type { ShortLinkFact } from '../domain/short-link.js';
import { byInstant } from '../domain/fact.js';
import { upsert, type Fold } from '@cliptally/messaging';
import { mergeLooks, NewLooks } from './looks.js';
import type { CampaignFound, ClipRow, EntryFound, FailedRow, LedgerRow, PayoutFound, PayoutLineRow } from './rows.js';
import { ShortLinks } from './short-links.js';

type Kept<T> = { value: T; revision: number; since: string };
/** `id` is that of the event that began it; `correlation` is of the observation that it rests on. */
type KeptEntry = { value: ClipEntry; since: string; id: string; correlation: string | null; touched: boolean };
/** All that is known of a clip. */
type KeptClip = { row: ClipRow; entries: Map<string, KeptEntry>; failed: FailedRow | null; newLooks: NewLooks | null; touched: boolean };
type ScrapeFailed = Extract<AnyEvent, { type: 'ScrapeFailed' }>;
type PayoutAccount = Extract<AnyEvent, { type: 'PayoutAccountSet' }>;

const UNSEEN = { url: '', revision: -1, views: null, observed_at: null, author: null, followers: null, looks: 0 };

/** The rows that events touch: read once, folded in memory by the rules of the domain, and written once. */
export class WorkingSet implements Fold {
  readonly #campaigns = new Map<string, Kept<Campaign>>();
  readonly #clips = new Map<string, KeptClip>();
  readonly #payouts = new Map<string, Kept<Payout>>();
  readonly #payoutStreams = new Map<string, number>();
  readonly #payoutAccounts = new Map<string, { creator_id: string; provider: string; account: string }>();
  readonly #ledger: LedgerRow[] = [];
  readonly #payoutLines: PayoutLineRow[] = [];
  readonly #shortLinks = new ShortLinks();
  readonly #requested = new Map<string, readonly string[]>();
  /** Those that were requested before. */
  readonly #answered: string[] = [];
  /** Whether a look was outstanding when this began; null before it was asked. */
  #outstanding: boolean | null = null;
  readonly #touched = { campaigns: new Set<string>(), entries: [] as KeptEntry[], clips: [] as KeptClip[], payouts: new Set<string>() };
  /** Clips of which the failure changes. */
  readonly #failing = new Set<KeptClip>();
  #looks = 0;

  get size(): number {
    const { entries, clips } = this.#touched;
    const lists = [entries, clips, this.#ledger, this.#payoutLines, this.#answered];
    return lists.reduce((sum, { length }) => sum + length, this.#requested.size + this.#looks);
  }

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const clipIds = new Set<string>();
    const campaignIds = new Set<string>();
    const payoutIds = new Set<string>();
    for (const { type, data } of events) {
      if (type === 'ClipTrackingRequested') continue;
      if ('clipId' in data && !this.#clips.has(data.clipId)) clipIds.add(data.clipId);
      if ('campaignId' in data) campaignIds.add(data.campaignId);
      if ('lines' in data) for (const { clipId } of data.lines) if (!this.#clips.has(clipId)) clipIds.add(clipId);
      if ('payoutId' in data && !this.#payouts.has(data.payoutId)) payoutIds.add(data.payoutId);
    }
    await this.#shortLinks.load(events, db);
    if (clipIds.size > 0) await this.#loadClips([...clipIds], campaignIds, db);
    const campaigns = await this.#rows<CampaignFound>(
      'select campaign_id, revision, launched_at, state from campaigns where campaign_id = any($1)',
      [...campaignIds].filter((id) => !this.#campaigns.has(id)),
      db,
    );
    for (const { campaign_id, state, revision, launched_at } of campaigns)
      this.#campaigns.set(campaign_id, { value: state, revision, since: launched_at });
    const payouts = await this.#rows<PayoutFound>(
      'select payout_id, position::float8, state from payouts where payout_id = any($1)',
      [...payoutIds],
      db,
    );
    for (const { payout_id, state, position } of payouts) this.#payouts.set(payout_id, { value: state, revision: position, since: '' });
    this.#outstanding ??= (await db.query('select from outstanding_looks limit 1')).rowCount === 1;
  }

  async #rows<T extends object>(sql: string, ids: string[], db: ClientBase): Promise<T[]> {
    return ids.length === 0 ? [] : (await db.query<T>(sql, [ids])).rows;
  }

  async #loadClips(clipIds: string[], campaignIds: Set<string>, db: ClientBase): Promise<void> {
    const clips = await this.#rows<Omit<ClipRow, 'observed_at'> & { observed_at: Date | null }>(
      'select clip_id, platform, url, revision, views::float8, observed_at, author, followers::float8, looks from clips where clip_id = any($1)',
      clipIds,
      db,
    );
    for (const row of clips) this.#putClip({ ...row, observed_at: row.observed_at?.toISOString() ?? null });
    const failed = await this.#rows<FailedRow>('select * from failed_scrapes where clip_id = any($1)', clipIds, db);
    for (const row of failed) this.#clips.get(row.clip_id)!.failed = row;
    const entries = await this.#rows<EntryFound>(
      'select clip_id, campaign_id, submitted_at, submission, correlation_id, state from entries where clip_id = any($1)',
      clipIds,
      db,
    );
    for (const { clip_id, campaign_id, state, submitted_at, submission, correlation_id } of entries) {
      const kept = { value: state, since: submitted_at, id: submission, correlation: correlation_id, touched: false };
      this.#clips.get(clip_id)!.entries.set(campaign_id, kept);
      campaignIds.add(campaign_id);
    }
  }

  #putClip(row: ClipRow): KeptClip {
    const clip: KeptClip = { row, entries: new Map(), failed: null, newLooks: null, touched: false };
    this.#clips.set(row.clip_id, clip);
    return clip;
  }

  take(event: AnyEvent): void {
    if (event.type === 'ClipTrackingRequested') this.#requested.set(event.data.requestId, event.data.campaignIds);
    else if (event.stream.startsWith('clip-')) this.#takeClip(event as AnyEvent & (ClipFact | ScrapeFailed));
    else if (event.stream.startsWith('campaign-')) this.#takeCampaign(event as AnyEvent & CampaignFact);
    else if (event.stream.startsWith('payout-')) this.#takePayout(event as AnyEvent & (PayoutFact | PayoutAccount));
    else if (event.stream.startsWith('short-link-')) this.#shortLinks.take(event as AnyEvent & ShortLinkFact);
  }

  #takeCampaign(event: AnyEvent & CampaignFact): void {
    const { campaignId } = event.data;
    const before = this.#campaigns.get(campaignId);
    const campaign = evolveCampaign(before?.value ?? null, event);
    this.#campaigns.set(campaignId, { value: campaign, revision: event.revision, since: before?.since ?? event.time });
    this.#touched.campaigns.add(campaignId);
    if (event.type === 'EarningsAccrued') {
      event.data.lines.forEach(({ clipId, creatorId, amount, ...detail }, line) => {
        this.#change(this.#entry(clipId, campaignId), (entry) => accrue(entry, event.data.lines[line]!, campaign, event.time));
        this.#record(event, line, { kind: 'accrued', campaign_id: campaignId, clip_id: clipId, creator_id: creatorId, amount, detail });
      });
    }
    if (event.type === 'EarningsReversed') {
      const { by } = event.data;
      event.data.lines.forEach(({ clipId, creatorId, amount, reason }, line) => {
        this.#change(this.#entry(clipId, campaignId), (entry) => reverse(entry, event.data.lines[line]!, by, campaign, event.time));
        this.#record(event, line, {
          kind: 'reversed',
          campaign_id: campaignId,
          clip_id: clipId,
          creator_id: creatorId,
          amount: -amount,
          detail: { reason, by },
        });
      });
    }
  }

  #record(
    event: AnyEvent & CampaignFact & { data: { currency: string } },
    line: number,
    row: Omit<LedgerRow, 'position' | 'line' | 'event_id' | 'time' | 'currency'>,
  ): void {
    this.#ledger.push({ position: event.position, line, event_id: event.id, time: event.time, currency: event.data.currency, ...row });
  }

  #takeClip(event: AnyEvent & (ClipFact | ScrapeFailed)): void {
    const { clipId, platform } = event.data;
    const clip = this.#clips.get(clipId) ?? this.#putClip({ ...UNSEEN, clip_id: clipId, platform });
    clip.row.revision = event.revision;
    this.#touch(clip, this.#touched.clips);
    switch (event.type) {
      case 'ScrapeFailed':
        return this.#takeFailure(clip, event);
      case 'ClipSubmitted': {
        const { campaignId, url } = event.data;
        clip.row.url = url;
        const before = clip.entries.get(campaignId);
        const value = evolveEntry(before?.value ?? null, event, this.#campaign(campaignId));
        const fresh = { value, since: event.time, id: event.id, correlation: null };
        const entry = before ? Object.assign(before, fresh) : { ...fresh, touched: false };
        clip.entries.set(campaignId, entry);
        return this.#touch(entry, this.#touched.entries);
      }
      case 'ViewsRecorded':
        this.#see(clip, event);
    }
    if ('campaignId' in event.data) this.#evolve(this.#entry(clipId, event.data.campaignId), event);
    else for (const entry of clip.entries.values()) this.#evolve(entry, event);
  }

  #takeFailure(clip: KeptClip, { time, data }: ScrapeFailed): void {
    const { clipId, requestId, platform, reason, detail = null, retryable, attempts } = data;
    const failures = (clip.failed?.failures ?? 0) + 1;
    const look = { clip_id: clipId, request_id: requestId, platform, reason, detail, retryable, attempts };
    clip.failed = { ...look, failures, failed_at: time };
    this.#failing.add(clip);
    this.#answer(requestId);
  }

  /** What was last seen of a clip. */
  #see(clip: KeptClip, { id, data }: Extract<AnyEvent, { type: 'ViewsRecorded' }>): void {
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

  #takePayout(event: AnyEvent & (PayoutFact | PayoutAccount)): void {
    if (event.type === 'PayoutAccountSet') {
      const { creatorId, provider, account } = event.data;
      this.#payoutAccounts.set(creatorId, { creator_id: creatorId, provider, account });
      this.#payoutStreams.set(creatorId, event.revision);
      return;
    }
    const { payoutId, creatorId } = event.data;
    const before = this.#payouts.get(payoutId);
    this.#payouts.set(payoutId, {
      value: evolvePayout(before?.value ?? null, event),
      revision: before?.revision ?? event.position,
      since: '',
    });
    const { amount, currency, status, reserved, paid, note } = payoutLine(event, before?.value ?? null);
    this.#payoutLines.push({
      position: event.position,
      event_id: event.id,
      time: event.time,
      creator_id: creatorId,
      currency,
      amount,
      detail: { payoutId, status, reserved, paid, note },
    });
    this.#payoutStreams.set(creatorId, event.revision);
    this.#touched.payouts.add(payoutId);
  }

  #campaign(campaignId: string): Campaign {
    const kept = this.#campaigns.get(campaignId);
    if (!kept) throw new Error(`The log speaks of a campaign "${campaignId}" that was never launched.`);
    return kept.value;
  }

  #entry(clipId: string, campaignId: string): KeptEntry {
    const kept = this.#clips.get(clipId)?.entries.get(campaignId);
    if (!kept) throw new Error(`The log speaks of the clip "${clipId}" in the campaign "${campaignId}", where it was never submitted.`);
    return kept;
  }

  #evolve(kept: KeptEntry, event: AnyEvent & Exclude<ClipFact, { type: 'ClipSubmitted' }>): void {
    this.#change(kept, (entry) => evolveEntry(entry, event, this.#campaign(entry.campaignId)));
    if (kept.value.views.highWater?.id === event.id) kept.correlation = event.correlationId;
  }

  #change(kept: KeptEntry, change: (entry: ClipEntry) => ClipEntry): void {
    const changed = change(kept.value);
    if (changed === kept.value) return;
    kept.value = changed;
    this.#touch(kept, this.#touched.entries);
  }

  #touch<T extends { touched: boolean }>(kept: T, list: T[]): void {
    if (!kept.touched) list.push(kept);
    kept.touched = true;
  }

  async save(db: ClientBase): Promise<void> {
    const pick = <T>(from: Map<string, T>, keys: Set<string>) => [...keys].map((key) => from.get(key)!);
    await upsert(db, 'campaigns', ['campaign_id'], pick(this.#campaigns, this.#touched.campaigns).map(campaignRow));
    await this.#shortLinks.save(db);
    const { clips, entries } = this.#touched;
    await upsert(db, 'clips', ['clip_id'], clips.map(({ row }) => row)); // prettier-ignore
    await upsert(db, 'entries', ['clip_id', 'campaign_id'], entries.values().map((kept) => this.#entryRow(kept))); // prettier-ignore
    const looksOf = (begins: boolean) => clips.values().flatMap(({ newLooks }) => (newLooks?.begins === begins ? newLooks.rows() : []));
    await upsert(db, 'looks', ['clip_id', 'place'], looksOf(false), mergeLooks);
    await upsert(db, 'looks', ['clip_id', 'place'], looksOf(true), null);
    await upsert(db, 'ledger', ['position', 'line'], this.#ledger);
    await upsert(db, 'payout_lines', ['position'], this.#payoutLines);
    await upsert(db, 'payouts', ['payout_id'], pick(this.#payouts, this.#touched.payouts).map(payoutRow));
    await upsert(
      db,
      'payout_streams',
      ['creator_id'],
      [...this.#payoutStreams].map(([creator_id, revision]) => ({ creator_id, revision })),
    );
    await upsert(db, 'payout_accounts', ['creator_id'], [...this.#payoutAccounts.values()]);
    const failing = [...this.#failing];
    await upsert(db, 'failed_scrapes', ['clip_id'], failing.flatMap(({ failed }) => failed ?? [])); // prettier-ignore
    const seen = failing.flatMap(({ row, failed }) => (failed ? [] : row.clip_id));
    if (seen.length > 0) await db.query('delete from failed_scrapes where clip_id = any($1)', [seen]);
    const open = [...this.#requested].flatMap(([request_id, ids]) => ids.map((campaign_id) => ({ request_id, campaign_id })));
    await upsert(db, 'outstanding_looks', ['request_id', 'campaign_id'], open);
    if (this.#answered.length > 0) await db.query('delete from outstanding_looks where request_id = any($1)', [this.#answered]);
  }

  #entryRow({ value, since, id, correlation }: KeptEntry) {
    const { clipId, campaignId, creatorId, status } = value;
    const due = dueOf(value, this.#campaign(campaignId));
    const names = { clip_id: clipId, campaign_id: campaignId, creator_id: creatorId };
    return { ...names, status, submitted_at: since, submission: id, due, correlation_id: correlation, state: value };
  }
}

function campaignRow({ value, revision, since }: Kept<Campaign>) {
  const { campaignId, brandId, status } = value;
  return { campaign_id: campaignId, brand_id: brandId, status, launched_at: since, revision, remaining: remainingOf(value), state: value };
}

function payoutRow({ value, revision }: Kept<Payout>) {
  const { payoutId, creatorId, currency, status } = value;
  return { payout_id: payoutId, creator_id: creatorId, currency, status, position: revision, state: value };
}
