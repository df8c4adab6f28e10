import type {
  CampaignStatus,
  Currency,
  EntryStatus,
  EventData,
  Platform,
  PostChecks,
} from '@cliptally/contracts';
import type { AccountState, FirstScrapes, StandingClips } from '../domain/index.js';

/** Rows of the tables in tables.sql.ts, as JSON: instants are strings in ISO 8601. */

export interface CampaignRow {
  campaign_id: string;
  status: CampaignStatus;
  launched_at: string;
  starts_at: string;
  ends_at: string | null;
  tracking_days: number;
  currency: Currency;
  rates: EventData<'CampaignLaunched'>['terms']['ratePerThousand'];
  budget: number;
  spent: number;
  /** Basis points of earnings that the budget pays beside them. */
  fee_on_top: number;
  min_views: number;
  /** What it pays at most for a clip, and to a creator. */
  most_per_clip: number | null;
  most_per_creator: number | null;
  counts_from_approval: boolean;
  /** What it wants to know of posts; null for the figures alone. */
  checks: PostChecks | null;
}

export interface ClipRow {
  clip_id: string;
  platform: Platform;
  url: string;
  submitted_at: string;
  posted_at: string | null;
  retired_at: string | null;
  last_observed_at: string | null;
  last_views: number | null;
  previous_observed_at: string | null;
  previous_views: number | null;
  last_outcome_at: string | null;
  failures: number;
  check_at: string | null;
}

export interface EntryRow {
  clip_id: string;
  campaign_id: string;
  creator_id: string;
  status: EntryStatus;
  held: boolean;
  approved_at: string | null;
  /** Paid so far, as far as a cap needs it. A person's reversal gives no room for more. */
  paid: number;
}

export interface OpenRequestRow {
  request_id: string;
  clip_id: string;
  requested_at: string;
}

export interface FirstScrapesRow extends FirstScrapes {
  platform: Platform;
}

export interface StandingClipsRow extends StandingClips {
  platform: Platform;
}

export interface CostRow {
  platform: Platform;
  source: string;
  scrapes: number;
  cost_micro_usd: number;
}

export interface AccountRow {
  account: string;
  cycle_starts_at: string;
  cycle_ends_at: string;
  used_micro_usd: number;
  limit_micro_usd: number;
  state: AccountState;
  since_micro_usd: number;
}

export interface TrackingRunRow {
  run_id: string;
  started_at: string;
  requested: number;
  estimated_cost_micro_usd: number;
  demand: number | null;
  age_cap_hours: number | null;
}

export interface OpenPayoutRow {
  payout_id: string;
  creator_id: string;
  requested_at: string;
}
