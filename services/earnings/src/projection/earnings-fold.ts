import type { AnyEvent } from '@cliptally/contracts';
import { Counts, Rows, upsert, type Fold } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import type { AccountFact } from '../domain/account.js';
import { NO_TOTALS } from '../domain/balance.js';
import { remainingOf, type Campaign, type CampaignFact } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import { isClipFact, record, type Ledger } from '../domain/ledger.js';
import type { Payout, PayoutFact } from '../domain/payout.js';
import type { ShortLinkFact } from '../domain/short-link.js';
import { addLine, type StatementLine } from '../domain/statement.js';
import { AccountRows } from './account-rows.js';
import { BrandRows, type BrandFact } from './brand-rows.js';
import { ClipRows } from './clip-rows.js';
import { OutstandingScrapes } from './outstanding-scrapes.js';
import { PayoutRows, type PayoutStreamFact } from './payout-rows.js';
import { isOfScrapeMoney, ScrapeMoneyRows } from './scrape-money-rows.js';
import { ShortLinkRows } from './short-link-rows.js';
import { ledgerRow, type BalanceRow, type CampaignRow, type LedgerRow } from './table-rows.js';

/**
 * The rows that events touch: read once, folded in memory by the rules of the domain ({@link
 * record}), and written once.
 */
export class EarningsFold implements Fold, Ledger {
  readonly #clips = new ClipRows();
  readonly #scrapes = new OutstandingScrapes();
  readonly #campaigns = new Rows<CampaignRow>('campaigns', 'campaign_id');
  readonly #shortLinks = new ShortLinkRows();
  readonly #balances = new Rows<BalanceRow>('balances', 'creator_id', 'currency');
  readonly #payouts = new PayoutRows();
  readonly #submissionDays = new Counts<
    { campaign_id: string; creator_id: string; day: string },
    { submissions: number }
  >('submission_days');
  readonly #accounts = new AccountRows();
  readonly #brands = new BrandRows();
  readonly #scrapeMoney = new ScrapeMoneyRows();
  readonly #ledger: LedgerRow[] = [];
  readonly #tables = [
    this.#clips.engagement,
    this.#scrapes,
    this.#campaigns,
    this.#shortLinks,
    this.#balances,
    ...this.#payouts.tables,
    this.#submissionDays,
    ...this.#accounts.tables,
    ...this.#brands.tables,
    ...this.#scrapeMoney.tables,
  ];
  /** The event that is being taken. */
  #event!: AnyEvent;

  get size(): number {
    return this.#tables.reduce(
      (sum, { size }) => sum + size,
      this.#clips.size + this.#ledger.length,
    );
  }

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const clipIds = new Set<string>();
    const campaignIds = new Set<string>();
    const payoutIds = new Set<string>();
    const creatorIds = new Set<string>();
    const linkIds = new Set<string>();
    const claimIds = new Set<string>();
    const refunding = new Set<string>();
    for (const { type, data } of events) {
      if (type === 'ClipTrackingRequested') continue;
      if ('clipId' in data) clipIds.add(data.clipId);
      if ('campaignId' in data) campaignIds.add(data.campaignId);
      if ('linkId' in data) linkIds.add(data.linkId);
      if ('claimId' in data) claimIds.add(data.claimId);
      if ('refundId' in data) refunding.add(data.brandId);
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
    for (const campaignId of await this.#clips.load(clipIds, db)) campaignIds.add(campaignId);
    await this.#campaigns.load(campaignIds, db);
    await this.#shortLinks.load(linkIds, db);
    await this.#accounts.load(claimIds, db);
    await this.#brands.load(refunding, db);
    await this.#payouts.load(payoutIds, db);
    await this.#balances.load(creatorIds, db);
    await this.#scrapes.load(db);
  }

  take(event: AnyEvent): void {
    this.#event = event;
    if (event.type === 'ClipTrackingRequested')
      this.#scrapes.request(event.data.requestId, event.data.campaignIds);
    else if (isOfScrapeMoney(event)) this.#scrapeMoney.take(event);
    else if (event.stream.startsWith('clip-'))
      this.#takeClip(event as Parameters<ClipRows['take']>[0]);
    else if (event.stream.startsWith('campaign-')) {
      if (event.type === 'EarningsAccrued') this.#scrapeMoney.paid(event);
      record(this, event as AnyEvent & CampaignFact);
      this.#commit(event);
    } else if (event.stream.startsWith('payout-')) {
      if (this.#payouts.take(event as AnyEvent & PayoutStreamFact))
        record(this, event as AnyEvent & PayoutFact);
    } else if (event.stream.startsWith('short-link-'))
      this.#shortLinks.take(event as AnyEvent & ShortLinkFact);
    else if (event.stream.startsWith('brand-')) this.#brands.take(event as AnyEvent & BrandFact);
    else if (event.type === 'AccountOwnerChanged') this.#accounts.takeOwner(event);
    else if (event.stream.startsWith('creator-'))
      this.#accounts.take(event as AnyEvent & AccountFact);
    else if (event.type === 'SubmissionCounted') {
      const { campaignId, creatorId, day } = event.data;
      const key = { campaign_id: campaignId, creator_id: creatorId, day };
      this.#submissionDays.add(key, { submissions: 1 });
    }
  }

  #commit({ type, data }: AnyEvent): void {
    if (type === 'CampaignLaunched')
      this.#brands.commit(data.brandId, data.terms.currency, data.terms.budget);
    else if (type === 'CampaignToppedUp') {
      const { brandId, terms } = this.campaign(data.campaignId)!;
      this.#brands.commit(brandId, terms.currency, data.amount);
    }
  }

  #takeClip(event: Parameters<ClipRows['take']>[0]): void {
    this.#clips.take(event);
    if (event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed')
      this.#scrapes.answer(event.data.requestId);
    if (isClipFact(event)) record(this, event);
  }

  campaign(campaignId: string): Campaign | null {
    return this.#campaigns.get(campaignId)?.state ?? null;
  }

  keepCampaign(state: Campaign): void {
    const { campaignId, brandId, status } = state;
    const { revision, time } = this.#event;
    this.#campaigns.put({
      campaign_id: campaignId,
      brand_id: brandId,
      status,
      launched_at: this.#campaigns.get(campaignId)?.launched_at ?? time,
      revision,
      remaining: remainingOf(state),
      state,
    });
  }

  entry(clipId: string, campaignId: string): ClipEntry | null {
    return this.#clips.entry(clipId, campaignId);
  }

  entriesOf(clipId: string): Iterable<ClipEntry> {
    return this.#clips.entriesOf(clipId);
  }

  keepEntry(entry: ClipEntry): void {
    this.#clips.keepEntry(entry, this.#event);
  }

  payout(payoutId: string): Payout | null {
    return this.#payouts.payout(payoutId);
  }

  keepPayout(state: Payout): void {
    this.#payouts.keep(state, this.#event);
  }

  addLine(line: StatementLine, nth: number): void {
    this.#ledger.push(ledgerRow(line, this.#event.position, nth));
    const { creatorId, currency } = line;
    const totals = this.#balances.get(`${creatorId} ${currency}`)?.totals ?? NO_TOTALS;
    this.#balances.put({ creator_id: creatorId, currency, totals: addLine(totals, line) });
  }

  async save(db: ClientBase): Promise<void> {
    await this.#clips.save(db, (campaignId) => this.campaign(campaignId)!);
    await upsert(db, 'ledger', ['position', 'line'], this.#ledger);
    for (const table of this.#tables) await table.save(db);
  }
}
