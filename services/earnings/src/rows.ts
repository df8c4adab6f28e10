/** Rows that the earnings tables give, and how they are asked for. */
import type { Platform, ScrapeFailure } from '@cliptally/contracts';
import type { Campaign } from './domain/campaign.js';
import type { ClipEntry } from './domain/clip.js';
import type { PendingLink } from './domain/short-link.js';
import type { PayoutLine } from './domain/statement.js';

export interface ClipRow {
  clip_id: string;
  platform: Platform;
  url: string;
  revision: number;
  views: number | null;
  observed_at: Date | null;
}

export interface ShortLinkRow {
  revision: number;
  correlation_id: string;
  state: PendingLink;
}

export interface ClipState {
  state: ClipEntry[];
  revision: number;
}

export interface CampaignRow {
  campaign_id: string;
  launched_at: Date;
  revision: number;
  state: Campaign;
}

interface Posted {
  position: number;
  line: number;
  event_id: string;
  time: Date;
  creator_id: string;
  currency: string;
  amount: number;
  /** Sum of the amounts up to this line, in its currency, within what was asked for. */
  sum: number;
}

export interface EarningsRow extends Posted {
  kind: 'accrued' | 'reversed';
  campaign_id: string;
  clip_id: string;
  detail: { due?: number; fromViews?: number; toViews?: number; observation?: string; reason?: string; by?: string };
}

export interface PayoutRow extends Posted {
  kind: 'payout';
  campaign_id: null;
  clip_id: null;
  detail: Pick<PayoutLine, 'payoutId' | 'status' | 'reserved' | 'paid' | 'note'>;
}

export type LedgerRow = EarningsRow | PayoutRow;

export type LedgerScope = { campaign_id: string } | { clip_id: string } | { creator_id: string };

export interface FailedScrapeRow {
  clip_id: string;
  request_id: string;
  platform: Platform;
  reason: ScrapeFailure;
  detail: string | null;
  retryable: boolean;
  attempts: number;
  failures: number;
  failed_at: Date;
}

/** Which failed looks: all, but for what is named. */
export interface FailedScrapes {
  /** Of the requests that failed. */
  ids?: readonly string[] | undefined;
  platform?: Platform | undefined;
  reason?: ScrapeFailure | undefined;
  retryable?: boolean | undefined;
  /** A clip's id. */
  after?: string | null | undefined;
  limit?: number | undefined;
}
