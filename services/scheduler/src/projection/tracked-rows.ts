import type { CampaignStatus, EntryStatus } from '@cliptally/contracts';

/** Rows of the scheduler's own tables, as its projection reads and writes them. */

export interface CampaignRow {
  campaign_id: string;
  status: CampaignStatus;
  launched_at: string;
  starts_at: string;
  ends_at: string | null;
  tracking_days: number;
  currency: string;
  rates: unknown;
  budget: number;
  spent: number;
}

export interface ClipRow {
  clip_id: string;
  platform: string;
  url: string;
  submitted_at: string;
  posted_at: string | null;
  retired: boolean;
  last_look_at: string | null;
  last_views: number | null;
  previous_look_at: string | null;
  previous_views: number | null;
  last_tried_at: string | null;
  failures: number;
}

export interface EntryRow {
  clip_id: string;
  campaign_id: string;
  creator_id: string;
  status: EntryStatus;
  approved_at: string | null;
}

export interface CostRow {
  platform: string;
  source: string;
  looks: number;
  cost_micro_usd: number;
}

export interface AccountRow {
  account: string;
  cycle_starts_at: string;
  cycle_ends_at: string;
  used_micro_usd: number;
  limit_micro_usd: number;
  state: string;
  since_micro_usd: number;
}

export interface FirstLooksRow {
  platform: string;
  looks: number;
  velocity: number;
}

export interface OpenLookRow {
  request_id: string;
  clip_id: string;
  requested_at: string;
}

export interface RunRow {
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
