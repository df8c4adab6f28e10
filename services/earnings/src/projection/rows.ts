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
}

export interface LookRow {
  clip_id: string;
  position: number;
  observed_at: string;
  event_id: string;
  views: number;
  likes: number | null;
  comments: number | null;
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
