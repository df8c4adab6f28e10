import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Payout } from '../domain/payout.js';

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

export interface LedgerRow {
  position: number;
  line: number;
  event_id: string;
  time: string;
  kind: 'accrued' | 'reversed';
  campaign_id: string;
  clip_id: string;
  creator_id: string;
  currency: string;
  amount: number;
  detail: unknown;
}

export interface PayoutLineRow {
  position: number;
  event_id: string;
  time: string;
  creator_id: string;
  currency: string;
  amount: number;
  detail: unknown;
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
