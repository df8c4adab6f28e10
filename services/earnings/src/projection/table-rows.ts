import type {
  CampaignStatus,
  EntryStatus,
  ImplausibleFigure,
  PayoutProvider,
  Platform,
  ScrapeFailure,
  SeenPost,
} from '@cliptally/contracts';
import type { Account } from '../domain/account.js';
import type { Totals } from '../domain/balance.js';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Payout } from '../domain/payout.js';
import type { PendingLink } from '../domain/short-link.js';
import type { AccruedLine, StatementLine } from '../domain/statement.js';

/**
 * Rows of tables.sql.ts, one type a table. `Instant` is a text of ISO 8601 for who writes a row,
 * and a Date for who reads its columns.
 */
export interface CampaignRow<Instant = string> {
  campaign_id: string;
  brand_id: string;
  status: CampaignStatus;
  launched_at: Instant;
  revision: number;
  remaining: number;
  state: Campaign;
}

export interface ClipRow<Instant = string> {
  clip_id: string;
  platform: Platform;
  url: string;
  revision: number;
  views: number | null;
  observed_at: Instant | null;
  author: string | null;
  followers: number | null;
  post: SeenPost | null;
  codes: string[] | null;
  observation_count: number;
  source: string | null;
  source_changed_at: Instant | null;
  view_field: string | null;
  observed_field: string | null;
  restoration_asked_at: Instant | null;
  engagement_counted: boolean;
}

export interface ObservationsRow {
  clip_id: string;
  place: number;
  first: number;
  observations: string;
}

export interface EntryRow {
  clip_id: string;
  campaign_id: string;
  creator_id: string;
  status: EntryStatus;
  submitted_at: string;
  submission: string;
  due: number;
  platform: Platform;
  held: boolean;
  retired: boolean;
  review_at: string | null;
  appealed_at: string | null;
  correlation_id: string | null;
  check_position: number | null;
  state: ClipEntry;
}

export interface AccountRow {
  claim_id: string;
  creator_id: string;
  platform: Platform;
  status: Account['status'];
  code: string;
  claimed_at: string;
  position: number;
  state: Account;
}

export interface CreatorStreamRow {
  creator_id: string;
  revision: number;
}

export interface AccountOwnerRow {
  account_id: string;
  revision: number;
  claim_id: string;
  creator_id: string | null;
}

export interface ShortLinkRow {
  link_id: string;
  campaign_id: string;
  creator_id: string;
  status: PendingLink['status'];
  submitted_at: string;
  next_try_at: string | null;
  revision: number;
  correlation_id: string;
  state: PendingLink;
}

export interface OutstandingScrapeRow {
  request_id: string;
  campaign_id: string;
}

export interface FailedScrapeRow<Instant = string> {
  clip_id: string;
  request_id: string;
  platform: Platform;
  reason: ScrapeFailure;
  detail: string | null;
  retryable: boolean;
  attempts: number;
  failures: number;
  failed_at: Instant;
  source: string;
  figure: ImplausibleFigure | null;
  gone_since: Instant | null;
  retired: 'not_found' | 'private' | null;
  retired_at: Instant | null;
}

export interface BalanceRow {
  creator_id: string;
  currency: string;
  totals: Totals;
}

export interface PayoutRow {
  payout_id: string;
  creator_id: string;
  currency: string;
  status: Payout['status'];
  position: number;
  changed_at: string;
  state: Payout;
}

export interface PayoutStreamRow {
  creator_id: string;
  revision: number;
}

export interface PayoutAccountRow {
  creator_id: string;
  provider: PayoutProvider;
  account: string;
  set_at: string;
}

export interface BrandStreamRow {
  brand_id: string;
  revision: number;
}

export interface BrandPaymentRow<Instant = string> {
  brand_id: string;
  reference: string;
  currency: string;
  amount: number;
  by: string;
  paid_at: Instant;
}

export interface BrandRefundRow<Instant = string> {
  brand_id: string;
  refund_id: string;
  reference: string;
  currency: string;
  amount: number;
  by: string;
  refunded_at: Instant;
  undone_at: Instant | null;
}

export interface ErasedCreatorRow {
  creator_id: string;
  erased_at: string;
  tax_profile_kept: boolean;
}

/** A line of a statement. */
export interface LedgerRow<Instant = string> {
  position: number;
  line: number;
  event_id: string;
  time: Instant;
  kind: StatementLine['kind'];
  campaign_id: string | null;
  clip_id: string | null;
  creator_id: string;
  currency: string;
  amount: number;
  available_at: Instant | null;
  detail: object;
}

export function ledgerRow(line: StatementLine, position: number, nth: number): LedgerRow {
  const { kind, eventId, time, creatorId, currency, amount, ...rest } = line;
  const {
    campaignId = null,
    clipId = null,
    availableAt = null,
    ...detail
  } = rest as Partial<AccruedLine>;
  const of = {
    position,
    line: nth,
    event_id: eventId,
    time,
    kind,
    creator_id: creatorId,
    currency,
    amount,
  };
  return { ...of, campaign_id: campaignId, clip_id: clipId, available_at: availableAt, detail };
}

/** What a caller names the line by. */
export const lineIdOf = ({ position, line }: Pick<LedgerRow, 'position' | 'line'>): string =>
  `${position}-${line}`;

/** The line as the domain made it. */
export function lineOfRow({
  kind,
  event_id,
  time,
  creator_id,
  currency,
  amount,
  campaign_id,
  clip_id,
  available_at,
  detail,
}: LedgerRow<Date>): StatementLine {
  const of = {
    kind,
    eventId: event_id,
    time: time.toISOString(),
    creatorId: creator_id,
    currency,
    amount,
    ...detail,
  };
  const inCampaign = campaign_id === null ? {} : { campaignId: campaign_id, clipId: clip_id };
  return {
    ...of,
    ...inCampaign,
    ...(available_at && { availableAt: available_at.toISOString() }),
  } as StatementLine;
}
