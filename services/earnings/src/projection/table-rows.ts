import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Totals } from '../domain/balance.js';
import type { Payout } from '../domain/payout.js';
import type { AccruedLine, StatementLine } from '../domain/statement.js';

/** Rows of tables.sql as the projection writes them; instants are texts of ISO 8601. */
export interface ClipRow {
  clip_id: string;
  platform: string;
  url: string;
  revision: number;
  views: number | null;
  observed_at: string | null;
  author: string | null;
  followers: number | null;
  looks: number;
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

export interface BalanceFound {
  creator_id: string;
  currency: string;
  totals: Totals;
}

export interface FailedRow {
  clip_id: string;
  request_id: string;
  platform: string;
  reason: string;
  detail: string | null;
  retryable: boolean;
  attempts: number;
  failures: number;
  failed_at: string;
}

/** What the projection reads of others. */
export interface CampaignFound {
  campaign_id: string;
  revision: number;
  launched_at: string;
  state: Campaign;
}

export interface EntryFound {
  clip_id: string;
  campaign_id: string;
  submitted_at: string;
  submission: string;
  correlation_id: string | null;
  state: ClipEntry;
}

export interface PayoutFound {
  payout_id: string;
  position: number;
  state: Payout;
}
