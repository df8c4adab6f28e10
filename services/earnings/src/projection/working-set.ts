import type { AnyEvent } from '@cliptally/contracts';
import type { ClientBase } from 'pg';
import { evolveCampaign, remainingOf, type Campaign, type CampaignFact } from '../domain/campaign.js';
import { accrue, dueOf, evolveEntry, reverse, type ClipEntry, type ClipFact } from '../domain/clip.js';
import { evolvePayout, type Payout, type PayoutFact } from '../domain/payout.js';
import { payoutLine } from '../domain/statement.js';
import type { ShortLinkFact } from '../domain/short-link.js';
import { upsert } from '@cliptally/messaging';
import type { ClipRow, FailedRow, LedgerRow, LookRow, PayoutLineRow } from './rows.js';
import { ShortLinks } from './short-links.js';

/** `id` is that of the event that began it; `correlation` is of the observation that an entry rests on. */
type Kept<T> = { value: T; revision: number; since: string; id?: string; correlation?: string | null | undefined };
type PayoutAccount = Extract<AnyEvent, { type: 'PayoutAccountSet' }>;
const keyOf = (clipId: string, campaignId: string) => `${clipId} ${campaignId}`;

/** The rows that a batch of events touches: read once, folded in memory by the rules of the domain, and written once. */
export class WorkingSet {
  readonly #campaigns = new Map<string, Kept<Campaign>>();
  readonly #entries = new Map<string, Kept<ClipEntry>>();
  readonly #clips = new Map<string, ClipRow>();
  readonly #payouts = new Map<string, Kept<Payout>>();
  readonly #payoutStreams = new Map<string, number>();
  readonly #payoutAccounts = new Map<string, { creator_id: string; provider: string; account: string }>();
  readonly #ledger: LedgerRow[] = [];
  readonly #payoutLines: PayoutLineRow[] = [];
  readonly #looks: LookRow[] = [];
  readonly #shortLinks = new ShortLinks();
  readonly #requested = new Map<string, readonly string[]>();
  readonly #answered = new Set<string>();
  /** By clip; null for one that was seen again. */
  readonly #failed = new Map<string, FailedRow | null>();
  readonly #touched = { campaigns: new Set<string>(), entries: new Set<string>(), clips: new Set<string>(), payouts: new Set<string>() };
  /** Campaigns of each clip, so that an event about the whole clip finds all its entries. */
  readonly #campaignsOf = new Map<string, Set<string>>();

  static async load(events: readonly AnyEvent[], db: ClientBase): Promise<WorkingSet> {
    const set = new WorkingSet();
    const clipIds = new Set<string>();
    const campaignIds = new Set<string>();
    const payoutIds = new Set<string>();
    for (const { data } of events) {
      if ('clipId' in data) clipIds.add(data.clipId);
      if ('campaignId' in data) campaignIds.add(data.campaignId);
      if ('lines' in data) for (const line of data.lines) clipIds.add(line.clipId);
      if ('payoutId' in data) payoutIds.add(data.payoutId);
    }
    await set.#shortLinks.load(events, db);
    await set.#loadClips([...clipIds], campaignIds, db);
    const campaigns = await db.query('select campaign_id, revision, launched_at, state from campaigns where campaign_id = any($1)', [
      [...campaignIds],
    ]);
    for (const row of campaigns.rows)
      set.#campaigns.set(row.campaign_id, { value: row.state, revision: row.revision, since: row.launched_at });
    if (payoutIds.size > 0) {
      const payouts = await db.query('select payout_id, position::float8, state from payouts where payout_id = any($1)', [[...payoutIds]]);
      for (const row of payouts.rows) set.#payouts.set(row.payout_id, { value: row.state, revision: row.position, since: '' });
    }
    return set;
  }

  async #loadClips(clipIds: string[], campaignIds: Set<string>, db: ClientBase): Promise<void> {
    const clips = await db.query<ClipRow>(
      'select clip_id, platform, url, revision, views::float8, observed_at, author, followers::float8 from clips where clip_id = any($1)',
      [clipIds],
    );
    for (const row of clips.rows) this.#clips.set(row.clip_id, row);
    const failed = await db.query<FailedRow>('select * from failed_scrapes where clip_id = any($1)', [clipIds]);
    for (const row of failed.rows) this.#failed.set(row.clip_id, row);
    const entries = await db.query(
      'select campaign_id, submitted_at, submission, correlation_id, state from entries where clip_id = any($1)',
      [clipIds],
    );
    for (const row of entries.rows) {
      this.#putEntry(row.state, row.submitted_at, row.submission, row.correlation_id);
      campaignIds.add(row.campaign_id);
    }
  }

  take(event: AnyEvent): void {
    if (event.stream.startsWith('campaign-')) this.#takeCampaign(event as AnyEvent & CampaignFact);
    else if (event.stream.startsWith('payout-')) this.#takePayout(event as AnyEvent & (PayoutFact | PayoutAccount));
    else if (event.type === 'ClipTrackingRequested') this.#requested.set(event.data.requestId, event.data.campaignIds);
    else if (event.stream.startsWith('short-link-')) this.#shortLinks.take(event as AnyEvent & ShortLinkFact);
    else if (event.stream.startsWith('clip-')) this.#takeClip(event as AnyEvent & (ClipFact | { type: 'ScrapeFailed' }));
  }

  #takeCampaign(event: AnyEvent & CampaignFact): void {
    const { campaignId } = event.data;
    const before = this.#campaigns.get(campaignId);
    const campaign = evolveCampaign(before?.value ?? null, event);
    this.#campaigns.set(campaignId, { value: campaign, revision: event.revision, since: before?.since ?? event.time });
    this.#touched.campaigns.add(campaignId);
    if (event.type === 'EarningsAccrued') {
      event.data.lines.forEach(({ clipId, creatorId, amount, ...detail }, line) => {
        this.#change(clipId, campaignId, (entry) => accrue(entry, event.data.lines[line]!, campaign, event.time));
        this.#record(event, line, { kind: 'accrued', campaign_id: campaignId, clip_id: clipId, creator_id: creatorId, amount, detail });
      });
    }
    if (event.type === 'EarningsReversed') {
      const { by } = event.data;
      event.data.lines.forEach(({ clipId, creatorId, amount, reason }, line) => {
        this.#change(clipId, campaignId, (entry) => reverse(entry, event.data.lines[line]!, by, campaign, event.time));
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

  #takeClip(event: AnyEvent & (ClipFact | { type: 'ScrapeFailed' })): void {
    const { clipId } = event.data;
    this.#takeLook(event);
    if (event.type === 'ScrapeFailed') return;
    if (event.type === 'ClipSubmitted') {
      const { campaignId } = event.data;
      const before = this.#entries.get(keyOf(clipId, campaignId));
      this.#putEntry(evolveEntry(before?.value ?? null, event, this.#campaign(campaignId)), event.time, event.id);
      this.#touched.entries.add(keyOf(clipId, campaignId));
      return;
    }
    const campaigns = 'campaignId' in event.data ? [event.data.campaignId] : (this.#campaignsOf.get(clipId) ?? []);
    for (const campaignId of campaigns)
      this.#change(clipId, campaignId, (entry) => evolveEntry(entry, event, this.#campaign(campaignId)), event);
  }

  /** The clip itself: where it is to be found, and what was last seen of it. */
  #takeLook(event: AnyEvent & (ClipFact | { type: 'ScrapeFailed' })): void {
    const { clipId, platform } = event.data;
    const unseen = { views: null, observed_at: null, author: null, followers: null };
    const before = this.#clips.get(clipId) ?? { clip_id: clipId, platform, url: '', revision: -1, ...unseen };
    const clip: ClipRow = { ...before, revision: event.revision };
    if (event.type === 'ClipSubmitted') clip.url = event.data.url;
    if (event.type === 'ViewsRecorded') this.#see(clip, event);
    if (event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed') this.#answered.add(event.data.requestId);
    if (event.type === 'ViewsRecorded' && this.#failed.has(clipId)) this.#failed.set(clipId, null);
    if (event.type === 'ScrapeFailed') {
      const { reason, detail = null, retryable, attempts } = event.data;
      const failures = (this.#failed.get(clipId)?.failures ?? 0) + 1;
      this.#failed.set(clipId, {
        clip_id: clipId,
        request_id: event.data.requestId,
        platform,
        reason,
        detail,
        retryable,
        attempts,
        failures,
        failed_at: event.time,
      });
    }
    this.#clips.set(clipId, clip);
    this.#touched.clips.add(clipId);
  }

  #see(clip: ClipRow, { id, position, data }: Extract<AnyEvent, { type: 'ViewsRecorded' }>): void {
    const { views, observedAt, author, followers } = data;
    const look = { clip_id: clip.clip_id, position, observed_at: observedAt, event_id: id, views };
    if (!data.cached) this.#looks.push({ ...look, likes: data.likes ?? null, comments: data.comments ?? null });
    if (clip.observed_at !== null && Date.parse(observedAt) < new Date(clip.observed_at).getTime()) return;
    clip.views = views;
    clip.observed_at = observedAt;
    clip.author = author ?? clip.author;
    clip.followers = followers ?? clip.followers;
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

  #putEntry(entry: ClipEntry, since: string, id: string, correlation: string | null = null): void {
    this.#entries.set(keyOf(entry.clipId, entry.campaignId), { value: entry, revision: 0, since, id, correlation });
    const campaigns = this.#campaignsOf.get(entry.clipId) ?? new Set();
    this.#campaignsOf.set(entry.clipId, campaigns.add(entry.campaignId));
  }

  #change(clipId: string, campaignId: string, change: (entry: ClipEntry) => ClipEntry, by?: AnyEvent): void {
    const key = keyOf(clipId, campaignId);
    const kept = this.#entries.get(key);
    if (!kept) throw new Error(`The log speaks of the clip "${clipId}" in the campaign "${campaignId}", where it was never submitted.`);
    const changed = change(kept.value);
    if (changed === kept.value) return;
    const correlation = by && changed.views.highWater?.id === by.id ? by.correlationId : kept.correlation;
    this.#entries.set(key, { ...kept, value: changed, correlation });
    this.#touched.entries.add(key);
  }

  async save(db: ClientBase): Promise<void> {
    const pick = <T>(from: Map<string, T>, keys: Set<string>) => [...keys].map((key) => from.get(key)!);
    await upsert(db, 'campaigns', ['campaign_id'], pick(this.#campaigns, this.#touched.campaigns).map(campaignRow));
    await this.#shortLinks.save(db);
    await upsert(db, 'clips', ['clip_id'], pick(this.#clips, this.#touched.clips));
    await upsert(
      db,
      'entries',
      ['clip_id', 'campaign_id'],
      pick(this.#entries, this.#touched.entries).map((kept) => this.#entryRow(kept)),
    );
    await upsert(db, 'looks', ['clip_id', 'position'], this.#looks);
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
    const failing = [...this.#failed.values()].filter((row) => row !== null);
    await upsert(db, 'failed_scrapes', ['clip_id'], failing);
    const seen = [...this.#failed].filter(([, row]) => row === null).map(([clipId]) => clipId);
    if (seen.length > 0) await db.query('delete from failed_scrapes where clip_id = any($1)', [seen]);
    const open = [...this.#requested].filter(([requestId]) => !this.#answered.has(requestId));
    await upsert(
      db,
      'outstanding_looks',
      ['request_id', 'campaign_id'],
      open.flatMap(([request_id, ids]) => ids.map((campaign_id) => ({ request_id, campaign_id }))),
    );
    if (this.#answered.size > 0) await db.query('delete from outstanding_looks where request_id = any($1)', [[...this.#answered]]);
  }

  #entryRow({ value, since, id, correlation = null }: Kept<ClipEntry>) {
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
