import type {
  CampaignTerms,
  EntryStatus,
  PayoutDestination,
  PayoutProvider,
} from '@cliptally/contracts';
import type { OpenTexts } from '@cliptally/event-store';
import type { ClientBase, Pool } from 'pg';
import { EMPTY_BALANCE, balanceOf, type Balance, type Totals } from '../domain/balance.js';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Spending } from '../domain/pace.js';
import type { Payout } from '../domain/payout.js';
import type { PendingLink } from '../domain/short-link.js';
import {
  clipCountsOf,
  clipIdsOf,
  nextReviewOf,
  reviewsDueOf,
  type ClipFilter,
} from './clip-lists.js';
import { evidenceOf, observationsOf, type Evidence } from './evidence.js';
import { ledgerOf, type LedgerPage } from './ledger-lines.js';
import { payoutPaidBy, payoutsOf, type PayoutFilter } from './payout-lists.js';
import {
  shortLinksLeading,
  shortLinksOf,
  shortLinksToTry,
  type ShortLinkFilter,
} from './short-link-lists.js';
import type {
  FailedScrapesFilter,
  FoundCampaign,
  FoundClip,
  FoundEntries,
  FoundFailedScrape,
  FoundShortLink,
  LedgerScope,
} from './found-rows.js';

const DAY_MS = 86_400_000;

/**
 * Questions that the earnings tables answer. Each is of one instant; several that belong together
 * are asked of one Snapshot.
 */
export class Queries {
  readonly #db: Pool | ClientBase;
  readonly #open: OpenTexts;

  /** `db` has the tables on its search path. Their personal texts are sealed, as in the log. */
  constructor(db: Pool | ClientBase, open: OpenTexts) {
    this.#db = db;
    this.#open = open;
  }

  #all<T extends object>(sql: string, ...values: unknown[]): Promise<T[]> {
    return this.#db.query<T>(sql, values).then(({ rows }) => this.#open(rows));
  }

  /** Rows of a question that is asked from another file. */
  rows<T extends object>(sql: string, ...values: unknown[]): Promise<T[]> {
    return this.#all<T>(sql, ...values);
  }

  async campaignRow(campaignId: string): Promise<FoundCampaign | null> {
    return (await this.campaignRows([campaignId])).get(campaignId) ?? null;
  }

  async campaignRows(campaignIds: readonly string[]): Promise<Map<string, FoundCampaign>> {
    const sql =
      'select campaign_id, launched_at, revision, state from campaigns where campaign_id = any($1)';
    return new Map(
      (await this.#all<FoundCampaign>(sql, campaignIds)).map((row) => [row.campaign_id, row]),
    );
  }

  /** Newest first; `after` is the last one of the page before. */
  campaigns({
    brandId,
    status,
    after,
    limit,
  }: {
    brandId?: string | undefined;
    status?: string | undefined;
    after: [string, string] | null;
    limit: number;
  }): Promise<FoundCampaign[]> {
    return this.#all(
      `select campaign_id, launched_at, revision, state from campaigns
       where ($1::text is null or brand_id = $1) and ($2::text is null or status = $2)
         and ($3::timestamptz is null or (launched_at, campaign_id) < ($3, $4))
       order by launched_at desc, campaign_id desc limit $5`,
      brandId ?? null, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit,
    ); // prettier-ignore
  }

  /** In the order of their ids. */
  clipRows(clipIds: readonly string[]): Promise<FoundClip[]> {
    const sql =
      'select clip_id, platform, url, revision, views::float8, observed_at, source, source_changed_at, view_field, restoration_asked_at from clips where clip_id = any($1) order by clip_id collate "C"';
    return this.#all(sql, clipIds);
  }

  /** A clip's entries and the revision of its stream, as of one instant. */
  async clipState(clipId: string): Promise<FoundEntries> {
    return (await this.clipStates([clipId])).get(clipId) ?? { state: [], revision: -1 };
  }

  /** The same of many; those that there are not are left out. */
  async clipStates(clipIds: readonly string[]): Promise<Map<string, FoundEntries>> {
    const rows = await this.#all<FoundEntries & { clip_id: string }>(
      `select clip_id, revision,
              (select coalesce(jsonb_agg(e.state order by e.campaign_id), '[]') from entries e where e.clip_id = c.clip_id) as state
       from clips c where clip_id = any($1)`,
      clipIds,
    );
    return new Map(rows.map(({ clip_id, ...state }) => [clip_id, state]));
  }

  /** What the anomaly rules judge the clip by; null below the minimum sample. */
  async evidence(clipId: string): Promise<Evidence | null> {
    return (await evidenceOf([clipId], this.#db)).get(clipId)?.() ?? null;
  }

  /** The newest counts, newest first. */
  observations(clipId: string) {
    return observationsOf(clipId, this.#db);
  }

  async entriesOf(clipId: string): Promise<ClipEntry[]> {
    return (
      await this.#all<{ state: ClipEntry }>(
        'select state from entries where clip_id = $1 order by campaign_id',
        clipId,
      )
    ).map(({ state }) => state);
  }

  clipIds(filter: ClipFilter, page: Parameters<typeof clipIdsOf>[2], now: Date) {
    return clipIdsOf(this.#db, filter, page, now);
  }

  clipCounts(filter: ClipFilter, now: Date) {
    return clipCountsOf(this.#db, filter, now);
  }

  reviewsDue(now: Date) {
    return reviewsDueOf(this.#db, now);
  }

  nextReview(now: Date) {
    return nextReviewOf(this.#db, now);
  }

  /** How many submissions a creator has made on a day, in a campaign that limits them. */
  async submissionsOf(campaignId: string, creatorId: string, day: string): Promise<number> {
    const sql = `select submissions::float8 from submission_days where campaign_id = $1 and creator_id = $2 and day = $3`;
    const rows = await this.#all<{ submissions: number }>(sql, campaignId, creatorId, day);
    return rows[0]?.submissions ?? 0;
  }

  /** What of a creator waits in a campaign, and how these clips stand there. */
  pendingOf(campaignId: string, creatorId: string, clipIds: readonly string[]) {
    return this.#all<{ clip_id: string; status: EntryStatus }>(
      `select clip_id, status from entries where campaign_id = $1 and creator_id = $2 and status = 'PENDING'
       union all select clip_id, status from entries where campaign_id = $1 and creator_id = $2 and status <> 'PENDING' and clip_id = any($3)`,
      campaignId, creatorId, clipIds,
    ); // prettier-ignore
  }

  async shortLink(linkId: string): Promise<FoundShortLink | null> {
    const rows = await this.#all<FoundShortLink>(
      'select revision, correlation_id, state from short_links where link_id = $1',
      linkId,
    );
    return rows[0] ?? null;
  }

  shortLinks(filter: ShortLinkFilter): Promise<PendingLink[]> {
    return shortLinksOf(this, filter);
  }

  shortLinksLeading(): Promise<FoundShortLink[]> {
    return shortLinksLeading(this);
  }

  shortLinksToTry(limit: number): Promise<FoundShortLink[]> {
    return shortLinksToTry(this, limit);
  }

  /** What a campaign has spent in the last seven days. */
  async spending(campaignId: string, now: Date): Promise<Spending[]> {
    const rows = await this.#all<{ time: Date; amount: number }>(
      `select time, sum(amount)::float8 as amount from ledger where campaign_id = $1 and time > $2 and kind <> 'fee_withheld' group by time order by time`,
      campaignId, new Date(now.getTime() - 7 * DAY_MS),
    ); // prettier-ignore
    return rows.map(({ time, amount }) => ({ time: time.toISOString(), amount }));
  }

  ledger(scope: LedgerScope, page: LedgerPage) {
    return ledgerOf(this, scope, page);
  }

  async termsOf(campaignIds: readonly string[]): Promise<Map<string, CampaignTerms>> {
    const rows = await this.#all<{ campaign_id: string; terms: CampaignTerms }>(
      `select campaign_id, state -> 'terms' as terms from campaigns where campaign_id = any($1)`,
      campaignIds,
    );
    return new Map(rows.map(({ campaign_id, terms }) => [campaign_id, terms]));
  }

  /**
   * Balances of a creator by currency: the sums of its lines, and those of its accruals that are
   * being validated at `now`.
   */
  async balances(creatorId: string, now: Date): Promise<Map<string, Balance>> {
    const rows = await this.#all<{ currency: string; totals: Totals; validating: { until: number; amount: number; campaignId: string }[] }>(
      `select currency, totals, coalesce((
         select jsonb_agg(jsonb_build_object('until', date_part('epoch', available_at) * 1000, 'amount', amount, 'campaignId', campaign_id) order by available_at, campaign_id) from (
           select available_at, campaign_id, sum(amount) as amount from ledger l
           where l.creator_id = b.creator_id and l.currency = b.currency and available_at > $2 and kind <> 'fee_on_top' group by available_at, campaign_id
         ) accrued
       ), '[]') as validating
       from balances b where creator_id = $1 order by currency`,
      creatorId, now,
    ); // prettier-ignore
    return new Map(
      rows.map(({ currency, totals, validating }) => {
        const accrued = validating.map(({ until, ...line }) => ({
          availableAt: new Date(until).toISOString(),
          ...line,
        }));
        return [currency, balanceOf(totals, accrued)];
      }),
    );
  }

  async balance(creatorId: string, currency: string, now: Date): Promise<Balance> {
    return (await this.balances(creatorId, now)).get(currency) ?? EMPTY_BALANCE;
  }

  /** The campaigns that a creator has earned in. */
  async campaignsOf({ campaigns }: Pick<Balance, 'campaigns'>): Promise<Campaign[]> {
    const rows = await this.campaignRows(campaigns.map(({ campaignId }) => campaignId));
    return [...rows.values()].map(({ state }) => state);
  }

  async payout(payoutId: string): Promise<Payout | null> {
    return (
      (
        await this.#all<{ state: Payout }>(
          'select state from payouts where payout_id = $1',
          payoutId,
        )
      )[0]?.state ?? null
    );
  }

  payoutPaidBy(creatorId: string, externalReference: string): Promise<Payout | null> {
    return payoutPaidBy(this, creatorId, externalReference);
  }

  payouts(filter: PayoutFilter): Promise<{ position: number; state: Payout }[]> {
    return payoutsOf(this, filter);
  }

  /**
   * Approved payouts that a provider carries out, oldest first; those without a destination are
   * carried out by a person.
   */
  async payoutsToSend(provider: PayoutProvider): Promise<Payout[]> {
    const rows = await this.#all<{ state: Payout }>(
      `select state from payouts where status = 'APPROVED' and coalesce(state -> 'destination' ->> 'provider', 'manual') = $1 order by position`,
      provider,
    );
    return rows.map(({ state }) => state);
  }

  /** Payouts with the revision of their creator's stream, as of one instant. */
  payoutsAt(payoutIds: readonly string[]): Promise<{ state: Payout; revision: number }[]> {
    return this.#all(
      'select state, revision from payouts join payout_streams using (creator_id) where payout_id = any($1)',
      payoutIds,
    );
  }

  async payoutAccount(creatorId: string): Promise<PayoutDestination | null> {
    return (
      (
        await this.#all<PayoutDestination>(
          'select provider, account from payout_accounts where creator_id = $1',
          creatorId,
        )
      )[0] ?? null
    );
  }

  /** Since when each of these creators has its account; who has none is left out. */
  async payoutAccountsSince(creatorIds: readonly string[]): Promise<Map<string, Date>> {
    const rows = await this.#all<{ creator_id: string; set_at: Date }>(
      'select creator_id, set_at from payout_accounts where creator_id = any($1)',
      creatorIds,
    );
    return new Map(rows.map(({ creator_id, set_at }) => [creator_id, set_at]));
  }

  async payoutRevision(creatorId: string): Promise<number> {
    return (
      (
        await this.#all<{ revision: number }>(
          'select revision from payout_streams where creator_id = $1',
          creatorId,
        )
      )[0]?.revision ?? -1
    );
  }

  /** By clip. */
  failedScrapes({
    ids,
    platform,
    reason,
    retryable,
    after,
    limit,
  }: FailedScrapesFilter): Promise<FoundFailedScrape[]> {
    return this.#all(
      `select f.*, c.views::float8, c.observed_at from failed_scrapes f join clips c using (clip_id)
       where ($1::text[] is null or f.request_id::text = any($1)) and ($2::text is null or f.platform = $2) and ($3::text is null or f.reason = $3)
         and ($4::boolean is null or f.retryable = $4) and ($5::text is null or clip_id > $5)
       order by clip_id limit $6`,
      ids ?? null,
      platform ?? null,
      reason ?? null,
      retryable ?? null,
      after ?? null,
      limit ?? null,
    );
  }
}
